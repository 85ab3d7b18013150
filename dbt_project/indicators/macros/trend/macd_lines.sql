{#
The averages inside the MACD at each bar: {seen, fast, slow, signal}, seen being the
values so far. macd_signal, macd_fast and macd_slow read them, and they are computed
once for all (in Postgres an lseg, see create_macd_lines).
`resume`: the columns of the stored fast and slow averages and signal line, NULL but
on one row; the rows after it go on from there.
#}
{% macro macd_lines(column, fast, slow, signal, resume=none) %}
    {{ return(adapter.dispatch('macd_lines', 'indicators')(
        column, fast, slow, signal, resume
    )) }}
{% endmacro %}

{% macro postgres__macd_lines(column, fast, slow, signal, resume) %}
    {%- set state -%}
    ({{ indicators.function('macd_lines') }}(
        {{ column }}, {{ fast }}, {{ slow }}, {{ signal }}
        {%- for stored in resume or [] if stored %}, {{ stored }}{% endfor %}
    ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    {{ return({
        'seen': '(' ~ state ~ '[0])[0]',
        'fast': '(' ~ state ~ '[0])[1]',
        'slow': '(' ~ state ~ '[1])[0]',
        'signal': '(' ~ state ~ '[1])[1]',
    }) }}
{% endmacro %}

{% macro default__macd_lines(column, fast, slow, signal, resume) %}
    {%- set name = indicators.walk_name('macd', column, fast, slow, signal) -%}
    {%- set parts = indicators.walk_parts(name, ['seen', 'fast', 'slow', 'signal']) -%}
    {%- set line = 'next_' ~ parts.fast ~ ' - next_' ~ parts.slow -%}
    {%- set signal_step -%}
        case
            when {{ parts.seen }} >= {{ slow + signal - 1 }}
                then {{ parts.signal }}
                + cast(2 as double precision) / {{ signal + 1 }}
                * ({{ line }} - {{ parts.signal }})
            when {{ parts.seen }} >= {{ slow - 1 }}
                then {{ parts.signal }} + ({{ line }}) / {{ signal }}
            else 0
        end
    {%- endset -%}
    {{ return(indicators.note_walk(name, [column], {
        'seen': [
            0, 'least(' ~ parts.seen ~ ' + 1, ' ~ (slow + signal) ~ ')', 'integer'
        ],
        'fast': [0, indicators.average_step(
            parts.seen, parts.fast, column, fast, 2 / (fast + 1)
        )],
        'slow': [0, indicators.average_step(
            parts.seen, parts.slow, column, slow, 2 / (slow + 1)
        )],
        'signal': [0, signal_step],
    })) }}
{% endmacro %}

{# Checks what macd_signal, macd_fast and macd_slow are given. #}
{% macro check_macd_lines(macro_name, column, fast, slow, signal, resume) %}
    {% do indicators.check_columns(macro_name, {'column': column}) %}
    {% do indicators.check_period(macro_name, 'fast', fast) %}
    {% do indicators.check_period(macro_name, 'slow', slow, at_least=fast + 1) %}
    {% do indicators.check_period(macro_name, 'signal', signal) %}
    {% do indicators.check_resume(macro_name, resume, 3) %}
{% endmacro %}
