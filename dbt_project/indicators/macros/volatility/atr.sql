{#
Average true range: how far the price travels on a usual bar, in dollars. Stops and
position sizes are set in multiples of it.

    atr = rma(true range)

Seeded by the mean of the first `period` true ranges, from the second bar on, as in
TA-Lib. NULL on the first `period` bars, and where a column is NULL; that bar is
passed over. `resume`: a column that is NULL but on one row, where it is the stored
average; the rows after it go on from there.
#}
{% macro atr(high, low, close, period=14, resume=none) %}
    {%- do indicators.check_columns(
        'atr', {'high': high, 'low': low, 'close': close}
    ) -%}
    {%- do indicators.check_period('atr', 'period', period) -%}
    {%- do indicators.check_resume('atr', resume) -%}
    {{- adapter.dispatch('atr', 'indicators')(high, low, close, period, resume) -}}
{%- endmacro %}

{% macro postgres__atr(high, low, close, period, resume) -%}
    {%- set state -%}
        ({{ indicators.function('average_true_range') }}(
            {{ high }}, {{ low }}, {{ close }}, {{ period }}
            {%- if resume %}, {{ resume }}{% endif %}
        ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    case
        when {{ high }} + {{ low }} + {{ close }} is not null
            and ({{ state }}[0])[0] > {{ period }}
            then ({{ state }}[1])[0]
    end
{%- endmacro %}

{% macro default__atr(high, low, close, period, resume) -%}
    {%- set name = indicators.walk_name('range', high, low, close, period) -%}
    {%- set parts = indicators.walk_parts(name, ['seen', 'close', 'average']) -%}
    {%- set true_range -%}
        greatest({{ high }}, {{ parts.close }}) - least({{ low }}, {{ parts.close }})
    {%- endset -%}
    {%- set step -%}
        case
            when {{ parts.seen }} > {{ period }}
                then {{ parts.average }}
                + ({{ true_range }} - {{ parts.average }}) / {{ period }}
            when {{ parts.seen }} = 0 then 0
            when {{ parts.seen }} = {{ period }}
                then ({{ parts.average }} + ({{ true_range }})) / {{ period }}
            else {{ parts.average }} + ({{ true_range }})
        end
    {%- endset -%}
    {%- set walk = indicators.note_walk(name, [high, low, close], {
        'seen': [0, 'least(' ~ parts.seen ~ ' + 1, ' ~ (period + 1) ~ ')', 'integer'],
        'close': [0, close],
        'average': [0, step],
    }) -%}
    case
        when {{ high }} + {{ low }} + {{ close }} is not null
            and {{ walk.seen }} > {{ period }}
            then {{ walk.average }}
    end
{%- endmacro %}
