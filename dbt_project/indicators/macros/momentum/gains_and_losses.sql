{#
Wilder's averages of the ups and of the downs at each bar: {seen, gain, loss}, seen
being the values so far. rsi, cmo, average_gain and average_loss read them, and they
are computed once for all (in Postgres an lseg, see create_gains_and_losses).
`resume`: the columns of the stored average gain and loss, NULL but on one row; the
rows after it go on from there.
#}
{% macro gains_and_losses(column, period, resume=none) %}
    {{ return(adapter.dispatch('gains_and_losses', 'indicators')(
        column, period, resume
    )) }}
{% endmacro %}

{% macro postgres__gains_and_losses(column, period, resume) %}
    {%- set state -%}
    ({{ indicators.function('gains_and_losses') }}(
        {{ column }}, {{ period }}
        {%- for stored in resume or [] if stored %}, {{ stored }}{% endfor %}
    ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    {{ return({
        'seen': '(' ~ state ~ '[0])[0]',
        'gain': '(' ~ state ~ '[1])[0]',
        'loss': '(' ~ state ~ '[1])[1]',
    }) }}
{% endmacro %}

{% macro default__gains_and_losses(column, period, resume) %}
    {%- set name = indicators.walk_name('gains', column, period) -%}
    {%- set parts = indicators.walk_parts(name, ['seen', 'last', 'gain', 'loss']) -%}
    {%- set change = column ~ ' - ' ~ parts.last -%}
    {{ return(indicators.note_walk(name, [column], {
        'seen': [0, 'least(' ~ parts.seen ~ ' + 1, ' ~ (period + 1) ~ ')', 'integer'],
        'last': [0, column],
        'gain': [0, indicators.gain_step(parts.seen, parts.gain, change, period)],
        'loss': [
            0, indicators.gain_step(parts.seen, parts.loss, '-(' ~ change ~ ')', period)
        ],
    })) }}
{% endmacro %}

{# Wilder's average of a series' ups after one more change, `seen` values before it. #}
{% macro gain_step(seen, gain, change, period) -%}
    case
        when {{ seen }} > {{ period }}
            then ({{ gain }} * {{ period - 1 }} + greatest({{ change }}, 0))
            * (cast(1 as double precision) / {{ period }})
        when {{ seen }} = 0 then 0
        when {{ seen }} = {{ period }}
            then ({{ gain }} + greatest({{ change }}, 0))
            * (cast(1 as double precision) / {{ period }})
        else {{ gain }} + greatest({{ change }}, 0)
    end
{%- endmacro %}
