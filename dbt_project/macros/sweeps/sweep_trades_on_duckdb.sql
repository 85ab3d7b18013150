{#
sweep_trades and create_account_trades for DuckDB, which has no loops: what each buy
would come to is found for all of them at once, and a recursive CTE then walks every
account from one trade to the next, for only the cash depends on those before.

Trades of the symbols asked for go into swept_trades, which the sweep empties; a point
that would buy and sell on one bar gives a row without an entry.
#}
{% macro sweep_trades_on_duckdb() %}
{%- set per_bps = basis_points('commission_bps') -%}
{%- set slippage = basis_points('slippage_bps') -%}
{%- set per_share = 'cast(' ~ var('commission_per_share') ~ ' as double)' -%}
{%- set minimum = 'cast(' ~ var('commission_minimum') ~ ' as double)' -%}
{%- set levels = ['stop_loss_pct', 'take_profit_pct', 'trailing_stop_pct'] -%}
{%- set watched = [] -%}
{%- for point in model.swept_rules -%}
    {%- do watched.extend(point.parameters | select('in', levels)) -%}
{%- endfor -%}
insert into swept_trades
with recursive

bars as (

    select * from {{ ref('int_bars') }}
    where symbol = any($symbols)

),

points (
    point, is_buy_event, is_sell_event, {{ strategy_exits() | join(', ') }}
) as (

    values
    {%- for point in model.swept_rules %}
    (
        {{ loop.index }},
        {{ point.buy.is_event }},
        {{ point.sell.is_event }},
        {%- for name in strategy_exits() %}
        cast({{ point.parameters.get(name, 'null') }} as double)
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    ){% if not loop.last %},{% endif %}
    {%- endfor %}

),

-- A scan for each rule: as aggregates of one scan they take three times as long.
held as (
    {% for point in model.swept_rules %}
    select {{ loop.index }} as point, symbol, bar_number, true as is_buy
    from swept_bars
    where {{ point.buy.condition }}
    union all
    select {{ loop.index }}, symbol, bar_number, false
    from swept_bars
    where {{ point.sell.condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- A state speaks on the first of the bars that follow each other.
events as (

    select
        point,
        symbol,
        bar_number,
        is_buy

    from (
        select
            *,
            lag(bar_number) over (
                partition by point, symbol, is_buy
                order by bar_number
            ) as bar_before

        from held
    ) as runs
    inner join points using (point)
    where
        case when is_buy then is_buy_event else is_sell_event end
        or bar_before is distinct from bar_number - 1

),

entries as (

    select
        *,
        bar_number + 1 as entry_bar_number,
        1 + min(bar_number) filter (where not is_buy) over (
            partition by point, symbol
            order by bar_number
            rows between 1 following and unbounded following
        ) as sell_bar_number

    from events

),

planned as (

    select
        concat_ws('|', points.point, entries.symbol, entries.entry_bar_number)
            as signal_key,
        points.point,
        entries.symbol,
        1 as direction,
        entries.entry_bar_number,
        entry_bars.bar_date as entry_date,
        entry_bars.open * (1 + {{ slippage }}) as entry_price,
        entry_bars.cumulative_factor as entry_factor,
        exit_bars.bar_number as exit_bar_number,
        exit_bars.bar_date as exit_date,
        exit_bars.open as exit_open,
        exit_bars.cumulative_factor as exit_factor,
        case
            when entries.sell_bar_number = exit_bars.bar_number then 'signal'
            when exit_bars.bar_number is not null then 'max_bars'
        end as exit_reason,
        points.stop_loss_pct / 100 as stop_loss,
        points.take_profit_pct / 100 as take_profit,
        points.trailing_stop_pct / 100 as trailing_stop

    from entries
    inner join points using (point)
    inner join bars as entry_bars
        on
            entries.symbol = entry_bars.symbol
            and entries.entry_bar_number = entry_bars.bar_number
    left join bars as exit_bars
        on
            entries.symbol = exit_bars.symbol
            and least(
                entries.sell_bar_number,
                entries.entry_bar_number + points.max_holding_bars
            ) = exit_bars.bar_number
    where entries.is_buy

),

ended as (

    {% if watched -%}
    select
        planned.* replace (
            coalesce(reached_bar_number, exit_bar_number) as exit_bar_number,
            coalesce(reached_reason, exit_reason) as exit_reason,
            coalesce(reached_factor, exit_factor) as exit_factor
        ),
        case
            when reached_reason = 'take_profit' then reached_price
            else coalesce(reached_price, exit_open) * (1 - {{ slippage }})
        end as exit_price

    from {{ joined_to_first_reached('planned', 'bars') }}
    {%- else -%}
    select
        *,
        exit_open * (1 - {{ slippage }}) as exit_price

    from planned
    {%- endif %}

),

numbered as (

    select
        *,
        row_number() over (
            partition by point, symbol
            order by entry_bar_number
        ) as step

    from ended

),

-- The position is still held on the session it ends.
linked as (

    select
        numbered.*,
        following.step as next_step

    from numbered
    asof left join numbered as following
        on
            numbered.point = following.point
            and numbered.symbol = following.symbol
            and numbered.exit_bar_number < following.entry_bar_number

),

walked as (

    select
        point,
        symbol,
        cast(1 as bigint) as next_step,
        cast({{ var('starting_cash') }} as double) as cash,
        cast(null as bigint) as entry_bar_number,
        cast(null as bigint) as exit_bar_number,
        cast(null as text) as exit_reason,
        cast(null as double) as qty,
        cast(null as double) as entry_value,
        cast(null as double) as exit_value

    from linked
    where step = 1
    union all
    select
        point,
        symbol,
        case when shares > 0 then next_step else step + 1 end,
        case when shares > 0 then cash - entry_value + exit_value else cash end,
        case when shares > 0 then entry_bar_number end,
        exit_bar_number,
        exit_reason,
        qty,
        entry_value,
        exit_value

    from (
        select
            *,
            qty * exit_price - greatest(
                {{ minimum }},
                qty * exit_price * {{ per_bps }} + qty * exit_factor * {{ per_share }}
            ) as exit_value

        from (
            select
                *,
                {%- if var('whole_shares') %}
                qty * entry_price + greatest(
                    {{ minimum }},
                    qty * entry_price * {{ per_bps }} + shares * {{ per_share }}
                )
                {%- else %}
                cash
                {%- endif %} as entry_value

            from (
                select
                    *,
                    shares / entry_factor as qty

                from (
                    select
                        linked.*,
                        before.cash,
                        {% if var('whole_shares') %}floor(1e-9 + {% endif -%}
                        (
                            before.cash - greatest(
                                {{ minimum }},
                                before.cash - before.cash / (
                                    1 + {{ per_bps }}
                                    + {{ per_share }} * linked.entry_factor
                                    / linked.entry_price
                                )
                            )
                        ) / linked.entry_price * linked.entry_factor
                        {%- if var('whole_shares') %}){% endif %} as shares

                    from walked as before
                    inner join linked
                        on
                            before.point = linked.point
                            and before.symbol = linked.symbol
                            and before.next_step = linked.step
                ) as counted
            ) as sized
        ) as charged
    ) as priced

)

select
    point,
    symbol,
    entry_bar_number,
    exit_bar_number,
    exit_reason,
    qty,
    entry_value,
    exit_value

from walked
where entry_bar_number is not null
union all
select
    point,
    symbol,
    null,
    null,
    null,
    null,
    null,
    null

from held
group by point, symbol, bar_number
having count(*) > 1
{% endmacro %}

{# What the rules look at, bar by bar, for the trades that follow. #}
{% macro sweep_bars_on_duckdb() %}
create or replace temporary table swept_bars as
with

{{ bars_with_values(swept_operands(), only='symbol = any($symbols)') }}

looked_at as (

    select * from joined_to_previous

)

select * from looked_at
{% endmacro %}
