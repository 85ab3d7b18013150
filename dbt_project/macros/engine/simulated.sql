{#
The rows of int_positions: the candidates of int_candidates, walked as
create_simulation says, for both kinds of account.
#}
{% macro simulated() %}
    {{- adapter.dispatch('simulated', 'desk')() -}}
{% endmacro %}

{% macro postgres__simulated() -%}
    select * from intermediate.simulate('symbol')
    union all
    select * from intermediate.simulate('portfolio')
{%- endmacro %}

{#
DuckDB has no loops: a recursive CTE, of which each step takes the next candidate of
every account. What is held is a list in the account's row; closes are found in a list
of each session's, by the symbol's place among all. buy_and_hold never sells, so what
it holds need not be known.
#}
{% macro duckdb__simulated() -%}
    {%- set per_bps = basis_points('commission_bps') -%}
    {%- set per_share = 'cast(' ~ var('commission_per_share') ~ ' as double)' -%}
    {%- set minimum = 'cast(' ~ var('commission_minimum') ~ ' as double)' -%}
    {%- set of_a_fill = [
        'qty', 'entry_value', 'entry_fee', 'exit_value', 'exit_fee', 'margin',
        'free_cash',
    ] -%}
    {%- set value = 'shares / entry_factor * entry_price' -%}
    {%- set fee = 'greatest(' ~ minimum ~ ', ' ~ value ~ ' * ' ~ per_bps
        ~ ' + shares * ' ~ per_share ~ ')' -%}
    with recursive

    places as (

        select
            symbol,
            row_number() over (order by symbol) as place

        from {{ ref('int_symbols') }}

    ),

    series as (

        select
            accounts.account,
            candidates.*,
            places.place,
            case accounts.account when 'symbol' then candidates.symbol else '' end
                as walk,
            row_number() over (
                partition by
                    accounts.account,
                    candidates.strategy,
                    case accounts.account when 'symbol' then candidates.symbol end
                order by candidates.entry_date, candidates.signal_key
            ) as step

        from {{ ref('int_candidates') }} as candidates
        cross join (values ('symbol'), ('portfolio')) as accounts (account)
        inner join places on candidates.symbol = places.symbol

    ),

    closes as materialized (

        select
            sessions.entry_date,
            list(bars.close order by places.place) as closes

        from (
            select distinct entry_date from series
            where account = 'portfolio' and strategy <> 'buy_and_hold'
        ) as sessions
        cross join places
        asof left join {{ ref('int_bars') }} as bars
            on places.symbol = bars.symbol and sessions.entry_date > bars.bar_date
        group by sessions.entry_date

    ),

    walked as (

        select
            account,
            strategy,
            walk,
            cast(0 as bigint) as step,
            cast(null as text) as signal_key,
            cast(null as text) as symbol,
            cast(null as text) as outcome,
            {%- for column in of_a_fill %}
            cast(null as double) as {{ column }},
            {%- endfor %}
            cast(null as date) as session,
            cast({{ var('starting_cash') }} as double) as cash,
            cast(0 as double) as equity,
            cast([] as struct(
                place bigint, ends date, is_at_open boolean, qty double,
                margin double, proceeds double, is_paid boolean
            )[]) as held

        from series
        where step = 1
        union all
        select
            account,
            strategy,
            walk,
            step,
            signal_key,
            symbol,
            outcome,
            {%- for column in of_a_fill %}
            case when outcome = 'filled' then {{ column }} end,
            {%- endfor %}
            entry_date,
            case when outcome = 'filled' then free_cash else cash end,
            equity,
            case
                when outcome <> 'filled' or strategy = 'buy_and_hold' then held
                else
                    case account when 'portfolio' then held else [] end
                    || [struct_pack(
                        place := place, ends := exit_date,
                        is_at_open := is_exit_at_open, qty := qty, margin := margin,
                        proceeds := exit_value, is_paid := false
                    )]
            end

        from (
            select
                *,
                margin + qty * exit_price - exit_fee as exit_value,
                cash - entry_value as free_cash

            from (
                select
                    *,
                    case
                        when exit_date is not null
                            then
                                greatest(
                                    {{ minimum }},
                                    abs(qty) * exit_price * {{ per_bps }}
                                    + abs(qty) * exit_factor * {{ per_share }}
                                )
                                + margin / 2 * {{ basis_points('borrow_bps') }} / 252
                                * (exit_bar_number - entry_bar_number)
                    end as exit_fee

                from (
                    select
                        *,
                        case direction
                            when 1 then 0 else 2 * abs(qty) * entry_price
                        end as margin,
                        case
                            when
                                sign(
                                    list_filter(held, lambda p: p.place = place)[1].qty
                                ) = direction
                                then 'held'
                            when
                                account = 'portfolio' and strategy <> 'buy_and_hold'
                                and len(list_filter(held, lambda p: not p.is_paid))
                                >= {{ var('max_positions') }}
                                then 'no slot'
                            when cash < wanted / 2 or shares <= 0 then 'no cash'
                            else 'filled'
                        end as outcome

                    from (
                        select
                            *
                            {%- if var('whole_shares') %}
                            replace (
                                {{ value }} + {{ fee }} as entry_value,
                                {{ fee }} as entry_fee
                            )
                            {%- endif %},
                            direction * shares / entry_factor as qty

                        from (
                            select
                                *,
                                {% if var('whole_shares') %}floor(1e-9 + {% endif -%}
                                (entry_value - entry_fee) / entry_price * entry_factor
                                {%- if var('whole_shares') %}){% endif %} as shares

                            from (
                                select
                                    *,
                                    greatest(
                                        {{ minimum }},
                                        entry_value - entry_value / (
                                            1 + {{ per_bps }}
                                            + {{ per_share }} * entry_factor
                                            / entry_price
                                        )
                                    ) as entry_fee

                                from (
                                    select
                                        *,
                                        least(wanted, cash) as entry_value

                                    from ({{ opened_sessions() }}) as opened
                                ) as asked
                            ) as charged
                        ) as counted
                    ) as sized
                ) as decided
            ) as priced
        ) as settled

    )

    select * from walked
    where step > 0
{%- endmacro %}

{#
The next candidate of every account and, as its session begins: positions that ended
before it or at its open in cash, the equity at the closes before it, and what an entry
may take.
#}
{% macro opened_sessions() -%}
    select
        *,
        case
            when account = 'symbol' then cash
            when strategy = 'buy_and_hold'
                then
                    cast({{ var('starting_cash') }} as double)
                    / (select greatest(1, count(*)) from places)
            else equity * {{ var('position_weight') }}
        end as wanted

    from (
        select
            * replace (
                case
                    when is_new and account = 'portfolio'
                        then cash + coalesce(list_sum(list_transform(
                            held,
                            lambda p: p.margin + p.qty * closes[p.place]
                        )), 0)
                    when is_new then cash
                    else equity
                end as equity,
                case
                    when is_new
                        then cash + coalesce(list_sum(list_transform(
                            list_filter(held, lambda p: p.is_paid),
                            lambda p: p.proceeds
                        )), 0)
                    else cash
                end as cash
            )

        from (
            select
                * replace (
                    case
                        when is_new
                            then cash + coalesce(list_sum(list_transform(
                                list_filter(
                                    held,
                                    lambda p: p.ends < entry_date and not p.is_paid
                                ),
                                lambda p: p.proceeds
                            )), 0)
                        else cash
                    end as cash,
                    case
                        when is_new
                            then list_transform(
                                list_filter(
                                    held,
                                    lambda p: p.ends is null or p.ends >= entry_date
                                ),
                                lambda p: struct_pack(
                                    place := p.place, ends := p.ends,
                                    is_at_open := p.is_at_open, qty := p.qty,
                                    margin := p.margin, proceeds := p.proceeds,
                                    is_paid := coalesce(
                                        p.ends = entry_date and p.is_at_open, false
                                    )
                                )
                            )
                        else held
                    end as held
                )

            from (
                select
                    series.*,
                    before.cash,
                    before.equity,
                    before.held,
                    before.session is distinct from series.entry_date as is_new,
                    closes.closes

                from (
                    select account, strategy, walk, step, session, cash, equity, held
                    from walked
                ) as before
                inner join series
                    on
                        before.account = series.account
                        and before.strategy = series.strategy
                        and before.walk = series.walk
                        and before.step + 1 = series.step
                -- Of the row before too, so that it is not joined to all rows at once.
                left join closes
                    on
                        series.account = 'portfolio'
                        and series.strategy <> 'buy_and_hold'
                        and before.session is distinct from series.entry_date
                        and series.entry_date = closes.entry_date
            ) as next
        ) as settled
    ) as valued
{%- endmacro %}
