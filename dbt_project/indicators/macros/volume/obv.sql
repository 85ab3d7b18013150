{#
On-balance volume: volume counts for the buyers on a bar that closes higher, for the
sellers on one that closes lower; the running balance of the two.

    obv = obv[t - 1] + sign(close - close[t - 1]) * volume

The first bar's volume starts it, as in TA-Lib. NULL where a column is NULL; that
bar is passed over. `resume`: a column that is NULL but on one row, where it is the
stored balance; the rows after it go on from there.
#}
{% macro obv(close, volume, resume=none) %}
    {%- do indicators.check_columns('obv', {'close': close, 'volume': volume}) -%}
    {%- do indicators.check_resume('obv', resume) -%}
    {{- adapter.dispatch('obv', 'indicators')(close, volume, resume) -}}
{%- endmacro %}

{% macro postgres__obv(close, volume, resume) -%}
    case
        when {{ close }} + {{ volume }} is not null
            then ({{ indicators.function('on_balance_volume') }}(
                {{ close }}, {{ volume }} {%- if resume %}, {{ resume }}{% endif %}
            ) over {{ indicators.bars_so_far() }})[1]
    end
{%- endmacro %}

{% macro default__obv(close, volume, resume) -%}
    {%- set name = indicators.walk_name('obv', close, volume) -%}
    {%- set parts = indicators.walk_parts(name, ['close', 'total']) -%}
    {%- set step -%}
        {{ parts.total }} + case
            when {{ close }} > {{ parts.close }} then {{ volume }}
            when {{ close }} < {{ parts.close }} then -{{ volume }}
            else 0
        end
    {%- endset -%}
    {%- set walk = indicators.note_walk(name, [close, volume], {
        'close': ["'-infinity'", close],
        'total': [0, step],
    }) -%}
    case when {{ close }} + {{ volume }} is not null then {{ walk.total }} end
{%- endmacro %}
