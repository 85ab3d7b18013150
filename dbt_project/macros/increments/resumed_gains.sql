{# What int_momentum's RSI and CMO go on from in an increment. #}
{% macro resumed_gains() %}
    {{ return([
        stored('average_gain_14'), stored('average_loss_14')
    ] if is_increment() else none) }}
{% endmacro %}
