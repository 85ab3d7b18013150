{#
The trades of every point, for the symbols asked for, into pg_temp.swept_trades. Each
indicator is calculated once, whatever the number of points; each bar is then asked
every point's rules, and only the numbers of the bars on which they hold are kept.
#}
{% macro sweep_trades() %}
insert into pg_temp.swept_trades
with

{{ bars_with_values(swept_operands(), only='symbol = any(%(symbols)s)') }}

happened as (

    select
        symbol
        {%- for point in model.swept_rules %},
        {{ bars_on_which(point.buy) }} as buys_{{ loop.index }},
        {{ bars_on_which(point.sell) }} as sells_{{ loop.index }}
        {%- endfor %}

    from joined_to_previous
    group by symbol

),

by_point as (

    select
        happened.symbol,
        points.*

    from happened
    cross join lateral (
        values
        {%- for point in model.swept_rules %}
        (
            {{ loop.index }},
            buys_{{ loop.index }},
            sells_{{ loop.index }},
            {{ point.buy.is_event }},
            {{ point.sell.is_event }},
            {%- for name in strategy_exits() %}
            cast({{ point.parameters.get(name, 'null') }} as double precision)
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        ){% if not loop.last %},{% endif %}
        {%- endfor %}
    ) as points (
        point, buys, sells, is_buy_event, is_sell_event,
        {{ strategy_exits() | join(', ') }}
    )

),

series as (

    select
        symbol,
        array_agg(open order by bar_date) as opens,
        array_agg(cumulative_factor order by bar_date) as factors,
        array_agg(bar_date order by bar_date) as dates

    from {{ ref('int_bars') }}
    where symbol = any(%(symbols)s)
    group by symbol

),

traded as (

    select
        by_point.point,
        by_point.symbol,
        trades.*

    from by_point
    inner join series using (symbol)
    cross join lateral pg_temp.account_trades(
        by_point.symbol,
        series.opens,
        series.factors,
        series.dates,
        by_point.buys,
        by_point.sells,
        by_point.is_buy_event,
        by_point.is_sell_event,
        by_point.stop_loss_pct / 100,
        by_point.take_profit_pct / 100,
        by_point.trailing_stop_pct / 100,
        cast(by_point.max_holding_bars as integer)
    ) as trades

)

select * from traded
{% endmacro %}

{# The numbers of the bars on which a rule holds, as an array. #}
{% macro bars_on_which(rule) -%}
    coalesce(
            array_agg(cast(bar_number as integer) order by bar_date)
                filter (where {{ rule.condition }}),
            '{}'
        )
{%- endmacro %}
