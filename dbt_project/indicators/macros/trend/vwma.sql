{#
Volume-weighted moving average: like sma, but a bar counts by its volume.

    vwma = sum(x * volume) / sum(volume)

NULL until `period` bars are there, while one of the last `period` values or volumes
is NULL, and when nothing was traded in them.
#}
{% macro vwma(column, volume, period=20) %}
    {%- do indicators.check_columns('vwma', {'column': column, 'volume': volume}) -%}
    {%- do indicators.check_period('vwma', 'period', period) -%}
    {%- set frame = indicators.last_bars(period) -%}
    {%- set share -%}
        sum(cast({{ column }} as double precision) * {{ volume }}) over {{ frame }}
        / nullif(sum({{ volume }}) over {{ frame }}, 0)
    {%- endset -%}
    {{ indicators.when_full([column, volume], period, share) }}
{%- endmacro %}
