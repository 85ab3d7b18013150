{#
True range: how far the price really travelled since the last close, a gap
overnight included.

    true range = max(high - low, |high - close[t - 1]|, |low - close[t - 1]|)

NULL on a symbol's first bar, which has no close before it.
#}
{% macro true_range(high, low, close) -%}
    {%- set previous -%}
        lag({{ close }}) over (partition by symbol order by bar_date)
    {%- endset -%}
    case
        when {{ previous }} is not null
            then greatest(
                {{ high }} - {{ low }},
                abs({{ high }} - {{ previous }}),
                abs({{ low }} - {{ previous }})
            )
    end
{%- endmacro %}
