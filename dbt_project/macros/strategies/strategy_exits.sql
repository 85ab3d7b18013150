{#
The exits that any strategy may declare beside its parameters, and the range each
has to lie in. Each closes a position whatever the strategy's sell rule says:

stop_loss_pct      so many per cent below the entry price
take_profit_pct    so many per cent above it
trailing_stop_pct  so many per cent below the highest price since the entry
max_holding_bars   so many bars after the entry

of a short position above, below and above the lowest.
#}
{% macro strategy_exits() %}
    {{ return({
        'stop_loss_pct': [0.1, 99],
        'take_profit_pct': [0.1, 10000],
        'trailing_stop_pct': [0.1, 99],
        'max_holding_bars': [1, 10000],
    }) }}
{% endmacro %}
