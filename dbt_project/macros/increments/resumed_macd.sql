{# What int_trend's MACD signal line goes on from in an increment. #}
{% macro resumed_macd() %}
    {{ return([
        stored('ema_12'), stored('ema_26'), stored('macd_signal')
    ] if is_increment() else none) }}
{% endmacro %}
