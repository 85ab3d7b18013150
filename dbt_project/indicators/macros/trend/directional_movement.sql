{#
The state of Wilder's directional movement system at each bar: {seen, range, plus,
minus, dx, adx}, seen being the bars so far. adx, plus_di, minus_di and dx read it, and
it is computed once for all (in Postgres an array, see create_directional_movement).
`resume`: an array column with the stored elements 5 to 9, NULL elsewhere.
#}
{% macro directional_movement(high, low, close, period, resume=none) %}
    {{ return(adapter.dispatch('directional_movement', 'indicators')(
        high, low, close, period, resume
    )) }}
{% endmacro %}

{% macro postgres__directional_movement(high, low, close, period, resume) %}
    {%- set state -%}
    ({{ indicators.function('directional_movement') }}(
        {{ high }}, {{ low }}, {{ close }}, {{ period }}
        {%- if resume %}, {{ resume }}{% endif %}
    ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    {{ return({
        'seen': state ~ '[1]',
        'range': state ~ '[5]',
        'plus': state ~ '[6]',
        'minus': state ~ '[7]',
        'dx': state ~ '[8]',
        'adx': state ~ '[9]',
    }) }}
{% endmacro %}

{% macro default__directional_movement(high, low, close, period, resume) %}
    {%- set name = indicators.walk_name('movement', high, low, close, period) -%}
    {%- set parts = indicators.walk_parts(name, [
        'seen', 'high', 'low', 'close', 'range', 'plus', 'minus', 'dx', 'adx'
    ]) -%}
    {%- set up = high ~ ' - ' ~ parts.high -%}
    {%- set down = parts.low ~ ' - ' ~ low -%}
    {%- set true_range -%}
        greatest({{ high }}, {{ parts.close }}) - least({{ low }}, {{ parts.close }})
    {%- endset -%}
    {#- Adds first and takes the share away after, as the aggregate: for its digits. #}
    {%- set range_step -%}
        case
            when {{ parts.seen }} >= {{ period }}
                then {{ parts.range }} + ({{ true_range }})
                - {{ parts.range }} / {{ period }}
            when {{ parts.seen }} = 0 then 0
            else {{ parts.range }} + ({{ true_range }})
        end
    {%- endset -%}
    {%- set plus -%}
        case when {{ up }} > {{ down }} then greatest({{ up }}, 0) else 0 end
    {%- endset -%}
    {%- set minus -%}
        case when {{ down }} > {{ up }} then greatest({{ down }}, 0) else 0 end
    {%- endset -%}
    {%- set next_plus = 'next_' ~ parts.plus -%}
    {%- set next_minus = 'next_' ~ parts.minus -%}
    {%- set still -%}
        {{ parts.seen }} < {{ period }}
        or next_{{ parts.range }} <= 0
        or {{ next_plus }} + {{ next_minus }} <= 0
    {%- endset -%}
    {{ return(indicators.note_walk(name, [high, low, close], {
        'seen': [0, 'least(' ~ parts.seen ~ ' + 1, ' ~ 2 * period ~ ')', 'integer'],
        'high': [0, high],
        'low': [0, low],
        'close': [0, close],
        'range': [0, range_step],
        'plus': [0, indicators.wilder_sum_step(parts.seen, parts.plus, plus, period)],
        'minus': [0, indicators.wilder_sum_step(
            parts.seen, parts.minus, minus, period
        )],
        'dx': [0, 'case when ' ~ still ~ ' then ' ~ parts.dx ~ ' else 100 * (abs('
            ~ next_plus ~ ' - ' ~ next_minus ~ ') / (' ~ next_plus ~ ' + '
            ~ next_minus ~ ')) end'],
        'adx': [0, 'case when ' ~ still ~ ' then ' ~ parts.adx ~ ' when '
            ~ parts.seen ~ ' < ' ~ 2 * period ~ ' then ' ~ parts.adx ~ ' + next_'
            ~ parts.dx ~ ' / ' ~ period ~ ' else ' ~ parts.adx ~ ' + (next_' ~ parts.dx
            ~ ' - ' ~ parts.adx ~ ') / ' ~ period ~ ' end'],
    })) }}
{% endmacro %}

{# Wilder's sum after one more change, `seen` bars before it: 0 on the first bar. #}
{% macro wilder_sum_step(seen, sum, change, period) -%}
    case
        when {{ seen }} >= {{ period }}
            then {{ sum }} - {{ sum }} / {{ period }} + ({{ change }})
        when {{ seen }} = 0 then 0
        else {{ sum }} + ({{ change }})
    end
{%- endmacro %}

{# Checks what adx, plus_di, minus_di and dx are given. #}
{% macro check_directional_movement(
    macro_name, high, low, close, period, resume
) %}
    {% do indicators.check_columns(
        macro_name, {'high': high, 'low': low, 'close': close}
    ) %}
    {% do indicators.check_period(macro_name, 'period', period, at_least=2) %}
    {% do indicators.check_resume(macro_name, resume) %}
{% endmacro %}
