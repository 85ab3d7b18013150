{#
intermediate.simulate(kind): the candidates of int_candidates walked in order of
entry, for an account of each strategy and symbol (kind 'symbol') or one of each
strategy for all its symbols ('portfolio'). Gives each candidate's outcome, and what
was bought or sold short for it.

Which entries can be paid depends on all entries and exits before them, so this is a
loop over events and no set-based query; how a candidate ends does not depend on the
account and is known beforehand. In order, on each session with entries:

1. positions that ended on earlier sessions become cash;
2. equity is that cash plus what is held at its last close before the session;
3. positions that end at this session's open become cash;
4. entries in order of their signal_key. `held`: the position was open the same way
   at the signal's close (the other way, this very signal ends it); `no slot`: as
   many positions as allowed; `no cash`: less cash than half of
   position_weight * equity, or than one share where they are whole. An entry takes
   that much, or what cash there is.

A symbol's account takes all its cash each time; buy_and_hold's portfolio an equal
share of the starting cash for each symbol, without a limit. A short takes its value
in cash as margin, beside its proceeds, and gives both back less the price of buying
back; borrowing is paid then, on the value at the entry. Positions: parallel arrays,
since a temporary table costs tens of times as much.
#}
{% macro create_simulation() %}
    {{- adapter.dispatch('create_simulation', 'desk')() -}}
{% endmacro %}

{% macro postgres__create_simulation() %}
do $do$
begin
perform pg_advisory_xact_lock(hashtext('desk.create_aggregates'));
create or replace function intermediate.simulate(kind text)
returns table (
    account text,
    signal_key text,
    strategy text,
    symbol text,
    outcome text,
    qty double precision,
    entry_value double precision,
    entry_fee double precision,
    exit_value double precision,
    exit_fee double precision,
    margin double precision,
    free_cash double precision
)
language plpgsql stable as $simulate$
#variable_conflict use_column
declare
    starting_cash constant double precision := {{ var('starting_cash') }};
    per_bps constant double precision := {{ basis_points('commission_bps') }};
    per_share constant double precision := {{ var('commission_per_share') }};
    minimum constant double precision := {{ var('commission_minimum') }};
    borrow_per_bar constant double precision := {{ basis_points('borrow_bps') }} / 252;
    symbols_share constant double precision
    := 1.0 / greatest(1, (select count(*) from intermediate.int_symbols));
    candidate record;
    walked text := '';
    session date;
    cash double precision;
    equity double precision;
    wanted double precision;
    shares double precision;
    slots bigint;
    held text[];
    ends date[];
    ends_at_open boolean[];
    qtys double precision[];
    margins double precision[];
    proceeds double precision[];
    is_paid boolean[];
begin
    account := kind;
    for candidate in
        select
            candidates.*,
            candidates.strategy || case kind
                when 'symbol' then '|' || candidates.symbol else ''
            end as walk

        from intermediate.int_candidates as candidates
        order by
            candidates.strategy,
            case kind when 'symbol' then candidates.symbol end,
            candidates.entry_date,
            candidates.signal_key
    loop
        if candidate.walk <> walked then
            walked := candidate.walk;
            session := null;
            cash := starting_cash;
            held := '{}'; ends := '{}'; ends_at_open := '{}';
            qtys := '{}'; margins := '{}'; proceeds := '{}'; is_paid := '{}';
        end if;
        if session is distinct from candidate.entry_date then
            session := candidate.entry_date;
            if kind = 'symbol' then
                -- One position at most, and all cash for the next: no sums needed.
                if
                    not is_paid[1]
                    and (ends[1] < session or (ends[1] = session and ends_at_open[1]))
                then
                    cash := cash + proceeds[1];
                    is_paid[1] := true;
                end if;
                if ends[1] < session then
                    held := '{}';
                end if;
            elsif cardinality(held) > 0 then
                cash := cash + coalesce((
                    select sum(money order by place)
                    from unnest(proceeds, ends, is_paid)
                    with ordinality as p (money, ended, paid, place)
                    where ended < session and not paid
                ), 0);
                select
                    coalesce(array_agg(s order by place), '{}'),
                    coalesce(array_agg(e order by place), '{}'),
                    coalesce(array_agg(o order by place), '{}'),
                    coalesce(array_agg(q order by place), '{}'),
                    coalesce(array_agg(g order by place), '{}'),
                    coalesce(array_agg(m order by place), '{}'),
                    coalesce(
                        array_agg(coalesce(e = session and o, false) order by place),
                        '{}'
                    )
                into held, ends, ends_at_open, qtys, margins, proceeds, is_paid
                from unnest(held, ends, ends_at_open, qtys, margins, proceeds)
                with ordinality as p (s, e, o, q, g, m, place)
                where e >= session or e is null;
            end if;
            equity := cash;
            if kind = 'portfolio' and cardinality(held) > 0 then
                equity := cash + (
                    select sum(g + q * marks.close order by place)
                    from unnest(held, qtys, margins)
                    with ordinality as p (s, q, g, place)
                    cross join lateral (
                        select bars.close
                        from intermediate.int_bars as bars
                        where bars.symbol = s and bars.bar_date < session
                        order by bars.bar_date desc
                        limit 1
                    ) as marks
                );
                cash := cash + coalesce((
                    select sum(money order by place)
                    from unnest(proceeds, is_paid)
                    with ordinality as p (money, paid, place)
                    where paid
                ), 0);
            end if;
            if kind = 'portfolio' then
                slots := {{ var('max_positions') }} - (
                    select count(*) from unnest(is_paid) as p (paid) where not paid
                );
            end if;
        end if;

        signal_key := candidate.signal_key;
        strategy := candidate.strategy;
        symbol := candidate.symbol;
        qty := null; entry_value := null; entry_fee := null;
        exit_value := null; exit_fee := null; margin := null; free_cash := null;
        wanted := case
            when kind = 'symbol' then cash
            when candidate.strategy = 'buy_and_hold' then starting_cash * symbols_share
            else equity * {{ var('position_weight') }}
        end;
        entry_value := least(wanted, cash);
        -- value + fee = entry_value, solved for the value
        entry_fee := greatest(
            minimum,
            entry_value - entry_value / (
                1 + per_bps
                + per_share * candidate.entry_factor / candidate.entry_price
            )
        );
        -- As counted that day.
        shares := (entry_value - entry_fee)
        / candidate.entry_price * candidate.entry_factor;
        {%- if var('whole_shares') %}
        shares := floor(shares + 1e-9);
        {%- endif %}
        if
            sign(qtys[array_position(held, candidate.symbol)]) = candidate.direction
        then
            outcome := 'held';
        elsif
            slots <= 0 and kind = 'portfolio'
            and candidate.strategy <> 'buy_and_hold'
        then
            outcome := 'no slot';
        elsif cash < wanted / 2 or shares <= 0 then
            outcome := 'no cash';
        else
            outcome := 'filled';
            qty := candidate.direction * shares / candidate.entry_factor;
            {%- if var('whole_shares') %}
            entry_fee := greatest(
                minimum,
                abs(qty) * candidate.entry_price * per_bps + shares * per_share
            );
            entry_value := abs(qty) * candidate.entry_price + entry_fee;
            {%- endif %}
            margin := case candidate.direction
                when 1 then 0 else 2 * abs(qty) * candidate.entry_price
            end;
            if candidate.exit_date is not null then
                exit_fee := greatest(
                    minimum,
                    abs(qty) * candidate.exit_price * per_bps
                    + abs(qty) * candidate.exit_factor * per_share
                ) + margin / 2 * borrow_per_bar
                * (candidate.exit_bar_number - candidate.entry_bar_number);
                exit_value := margin + qty * candidate.exit_price - exit_fee;
            end if;
            cash := cash - entry_value;
            free_cash := cash;
            slots := slots - 1;
            if kind = 'symbol' then
                held := '{}'; ends := '{}'; ends_at_open := '{}';
                qtys := '{}'; margins := '{}'; proceeds := '{}'; is_paid := '{}';
            end if;
            held := held || candidate.symbol;
            ends := ends || candidate.exit_date;
            ends_at_open := ends_at_open || candidate.is_exit_at_open;
            qtys := qtys || qty;
            margins := margins || margin;
            proceeds := proceeds || exit_value;
            is_paid := is_paid || false;
        end if;
        if outcome <> 'filled' then
            entry_value := null;
            entry_fee := null;
        end if;
        return next;
    end loop;
end
$simulate$;
end
$do$
{% endmacro %}

{% macro default__create_simulation() %}{% endmacro %}
