-- The turtles' first system: in on a close above the high of the bars before, out on
-- one below the low of fewer bars.
{% set p = parameters(entry_bars=[2, 400], exit_bars=[2, 400]) %}
{{
    strategy(
        buy=crosses_above('close', 'previous donchian_upper_' ~ p.entry_bars),
        sell=crosses_below('close', 'previous donchian_lower_' ~ p.exit_bars),
        parameters=p,
    )
}}
