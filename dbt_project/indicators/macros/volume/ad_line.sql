{#
Accumulation/distribution line (Chaikin): the running total of the money flow volume;
it rises while bars close high in their range on volume.

    ad = ad[t - 1] + ((close - low) - (high - close)) / (high - low) * volume

NULL where a column is NULL; that bar is passed over. `resume`: a column that is NULL
but on one row, where it is the stored total; the rows after it go on from there.
#}
{% macro ad_line(high, low, close, volume, resume=none) %}
    {%- do indicators.check_columns('ad_line', {
        'high': high, 'low': low, 'close': close, 'volume': volume
    }) -%}
    {%- do indicators.check_resume('ad_line', resume) -%}
    {%- set flow = indicators.money_flow_volume(high, low, close, volume) -%}
    case
        when {{ flow }} is not null
            then {% if resume -%}
                {{ indicators.function('running_sum') }}({{ flow }}, {{ resume }})
            {%- else -%}
                sum({{ flow }})
            {%- endif %} over {{ indicators.bars_so_far() }}
    end
{%- endmacro %}
