{#
pg_temp.account_trades(…): the trades of one symbol's own account at one point of a
sweep, by the rules of int_fills, int_planned_exits, int_candidates and
intermediate.simulate('symbol'), which tests compare it with.

buys, sells   numbers of the bars on which the rules hold; a state speaks on the first
              of those that follow each other
opens, factors, dates   of all the symbol's bars, in their order

One row per trade, the last one perhaps open. A point that would buy and sell on one
bar gives a single row without an entry.
#}
{% macro create_account_trades() %}
create function pg_temp.account_trades(
    symbol text,
    opens double precision [],
    factors double precision [],
    dates date [],
    buys integer [],
    sells integer [],
    is_buy_event boolean,
    is_sell_event boolean,
    stop_loss double precision,
    take_profit double precision,
    trailing_stop double precision,
    max_bars integer
)
returns table (
    entry_bar_number integer,
    exit_bar_number integer,
    exit_reason text,
    qty double precision,
    entry_value double precision,
    exit_value double precision
)
language plpgsql as $account_trades$
#variable_conflict use_column
declare
    per_bps constant double precision := {{ basis_points('commission_bps') }};
    slippage constant double precision := {{ basis_points('slippage_bps') }};
    per_share constant double precision := {{ var('commission_per_share') }};
    minimum constant double precision := {{ var('commission_minimum') }};
    bars constant integer := cardinality(opens);
    watches constant boolean
    := num_nonnulls(stop_loss, take_profit, trailing_stop) > 0;
    cash double precision := {{ var('starting_cash') }};
    buy integer := 1;
    sell integer := 1;
    bar integer;
    entry_price double precision;
    entry_fee double precision;
    shares double precision;
    exit_level double precision;
    reached record;
begin
    while buy <= cardinality(buys) and sell <= cardinality(sells) loop
        if buys[buy] = sells[sell] then
            return next;
            return;
        elsif buys[buy] < sells[sell] then
            buy := buy + 1;
        else
            sell := sell + 1;
        end if;
    end loop;
    if not is_buy_event then
        buys := pg_temp.first_of_each_run(buys);
    end if;
    if not is_sell_event then
        sells := pg_temp.first_of_each_run(sells);
    end if;

    sell := 1;
    exit_bar_number := 0;
    foreach bar in array buys loop
        -- The position is still held on the session it ends.
        continue when bar + 1 <= exit_bar_number;
        exit when bar + 1 > bars;
        while sells[sell] <= bar loop
            sell := sell + 1;
        end loop;
        entry_bar_number := bar + 1;
        entry_price := opens[entry_bar_number] * (1 + slippage);
        entry_value := cash;
        -- value + fee = entry_value, solved for the value
        entry_fee := greatest(
            minimum,
            entry_value - entry_value / (
                1 + per_bps + per_share * factors[entry_bar_number] / entry_price
            )
        );
        -- As counted that day.
        shares := (entry_value - entry_fee) / entry_price * factors[entry_bar_number];
        {%- if var('whole_shares') %}
        shares := floor(shares + 1e-9);
        {%- endif %}
        continue when shares <= 0;
        qty := shares / factors[entry_bar_number];
        {%- if var('whole_shares') %}
        entry_fee := greatest(
            minimum, qty * entry_price * per_bps + shares * per_share
        );
        entry_value := qty * entry_price + entry_fee;
        {%- endif %}

        exit_bar_number := least(sells[sell] + 1, entry_bar_number + max_bars);
        exit_reason := case
            when sells[sell] + 1 <= exit_bar_number then 'signal' else 'max_bars'
        end;
        if exit_bar_number > bars then
            exit_bar_number := null;
        end if;
        exit_level := opens[exit_bar_number];
        if watches then
            select hits.* into reached
            from (
                select
                    '' as signal_key,
                    symbol as symbol,
                    1 as direction,
                    dates[entry_bar_number] as entry_date,
                    dates[exit_bar_number] as exit_date,
                    entry_price as entry_price,
                    stop_loss as stop_loss,
                    take_profit as take_profit,
                    trailing_stop as trailing_stop
            ) as entries
            cross join lateral (
                {{ first_reached('entries', ref('int_bars')) }}
            ) as hits;
            if found then
                exit_bar_number := reached.reached_bar_number;
                exit_level := reached.reached_price;
                exit_reason := reached.reached_reason;
            end if;
        end if;
        if exit_bar_number is null then
            exit_value := null;
            exit_reason := null;
            return next;
            return;
        end if;
        if exit_reason <> 'take_profit' then
            exit_level := exit_level * (1 - slippage);
        end if;
        exit_value := qty * exit_level - greatest(
            minimum,
            qty * exit_level * per_bps
            + qty * factors[exit_bar_number] * per_share
        );
        cash := cash - entry_value + exit_value;
        return next;
    end loop;
end
$account_trades$
{% endmacro %}

{# pg_temp.first_of_each_run(bars): bar numbers without those that follow another. #}
{% macro create_first_of_each_run() %}
create function pg_temp.first_of_each_run(bars integer [])
returns integer []
language sql as $first_of_each_run$
    select coalesce(array_agg(bar order by bar), '{}')
    from (
        select bar, lag(bar) over (order by bar) as before
        from unnest(bars) as held (bar)
    ) as runs
    where before is distinct from bar - 1
$first_of_each_run$
{% endmacro %}
