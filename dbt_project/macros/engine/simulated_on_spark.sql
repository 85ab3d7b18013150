{#
simulated on Spark: the candidates of an account are an array, walked by
indicators.scanned, by the rules of create_simulation. Each layer is a step of what is
done for one candidate, in the order in which the plpgsql function does it. A session's
closes, by the symbol's place among all, come with its first candidate; buy_and_hold
never sells, so what it holds need not be known.
#}
{% macro spark__simulated() -%}
    {%- set per_bps = in_dialect(basis_points('commission_bps')) -%}
    {%- set borrow_bps = in_dialect(basis_points('borrow_bps')) -%}
    {%- set per_share = 'cast(' ~ var('commission_per_share') ~ ' as double)' -%}
    {%- set minimum = 'cast(' ~ var('commission_minimum') ~ ' as double)' -%}
    {%- set starting_cash = 'cast(' ~ var('starting_cash') ~ ' as double)' -%}

    {#- What is kept from candidate to candidate, and what becomes of each. -#}
    {%- set of_a_fill = {
        'qty': 'sized', 'entry_value': 'sized', 'entry_fee': 'sized',
        'exit_value': 'settled', 'exit_fee': 'charged', 'margin': 'margined',
        'free_cash': 'settled',
    } -%}
    {%- set position_type -%}
        struct<
            place: int, ends: date, is_at_open: boolean, qty: double,
            margin: double, proceeds: double, is_paid: boolean
        >
    {%- endset -%}
    {%- set start = {
        'session': ['null', 'date'],
        'cash': [starting_cash, 'double'],
        'equity': ['0', 'double'],
        'held': ['array()', 'array<' ~ position_type ~ '>'],
        'outcome': ['null', 'string'],
    } -%}
    {%- for column in of_a_fill -%}
        {%- do start.update({column: ['null', 'double']}) -%}
    {%- endfor -%}
    {%- set is_new = 'walk.before.session is distinct from item.entry_date' -%}

    {#- 1: what ended before this session is cash, and no longer held. -#}
    {%- set cash_of_ended -%}
        walk.before.cash + case
            when {{ is_new }}
                then aggregate(
                    filter(
                        walk.before.held,
                        p -> p.ends < item.entry_date and not p.is_paid
                    ),
                    cast(0 as double),
                    (total, p) -> total + p.proceeds
                )
            else 0
        end
    {%- endset -%}
    {%- set still_held -%}
        case
            when {{ is_new }}
                then transform(
                    filter(
                        walk.before.held,
                        p -> p.ends is null or p.ends >= item.entry_date
                    ),
                    p -> named_struct(
                        'place', p.place, 'ends', p.ends, 'is_at_open', p.is_at_open,
                        'qty', p.qty, 'margin', p.margin, 'proceeds', p.proceeds,
                        'is_paid', coalesce(
                            p.ends = item.entry_date and p.is_at_open, false
                        )
                    )
                )
            else walk.before.held
        end
    {%- endset -%}

    {#- 2: the equity at the closes before, then what ends at this open is cash. -#}
    {%- set equity -%}
        case
            when not ({{ is_new }}) then walk.before.equity
            when item.account = 'portfolio'
                then layer1.cash + aggregate(
                    layer1.held,
                    cast(0 as double),
                    (total, p) -> total + (p.margin + p.qty * item.closes[p.place])
                )
            else layer1.cash
        end
    {%- endset -%}
    {%- set cash -%}
        layer1.cash + case
            when {{ is_new }}
                then aggregate(
                    filter(layer1.held, p -> p.is_paid),
                    cast(0 as double),
                    (total, p) -> total + p.proceeds
                )
            else 0
        end
    {%- endset -%}

    {#- 3 to 6: what an entry may take, its fee and its shares, and the outcome. -#}
    {%- set wanted -%}
        case
            when item.account = 'symbol' then layer2.cash
            when item.strategy = 'buy_and_hold' then {{ starting_cash }} / item.symbols
            else layer2.equity * {{ var('position_weight') }}
        end
    {%- endset -%}
    {%- set offered = 'least(layer3.wanted, layer2.cash)' -%}
    {%- set fee_of_offered -%}
        greatest(
            {{ minimum }},
            {{ offered }} - {{ offered }} / (
                1 + {{ per_bps }} + {{ per_share }} * item.entry_factor / item.entry_price
            )
        )
    {%- endset -%}
    {%- set shares -%}
        (layer4.entry_value - layer4.entry_fee) / item.entry_price * item.entry_factor
    {%- endset -%}
    {%- set value = 'layer5.shares / item.entry_factor * item.entry_price' -%}
    {%- set fee -%}
        greatest({{ minimum }}, {{ value }} * {{ per_bps }} + layer5.shares * {{ per_share }})
    {%- endset -%}
    {%- set outcome -%}
        case
            when
                sign(
                    try_element_at(
                        filter(layer1.held, p -> p.place = item.place), 1
                    ).qty
                ) = item.direction
                then 'held'
            when
                item.account = 'portfolio' and item.strategy <> 'buy_and_hold'
                and size(filter(layer1.held, p -> not p.is_paid))
                >= {{ var('max_positions') }}
                then 'no slot'
            when layer2.cash < layer3.wanted / 2 or layer5.shares <= 0 then 'no cash'
            else 'filled'
        end
    {%- endset -%}

    {#- 7 to 9: what its end will bring. -#}
    {%- set margin -%}
        case item.direction
            when 1 then cast(0 as double) else 2 * abs(layer6.qty) * item.entry_price
        end
    {%- endset -%}
    {%- set exit_fee -%}
        case
            when item.exit_date is not null
                then
                    greatest(
                        {{ minimum }},
                        abs(layer6.qty) * item.exit_price * {{ per_bps }}
                        + abs(layer6.qty) * item.exit_factor * {{ per_share }}
                    )
                    + layer7.margin / 2 * {{ borrow_bps }} / 252
                    * (item.exit_bar_number - item.entry_bar_number)
        end
    {%- endset -%}

    {#- 10: what is kept. -#}
    {%- set position -%}
        array(named_struct(
            'place', item.place, 'ends', item.exit_date,
            'is_at_open', item.is_exit_at_open, 'qty', layer6.qty,
            'margin', layer7.margin, 'proceeds', layer9.exit_value, 'is_paid', false
        ))
    {%- endset -%}
    {%- set held -%}
        case
            when layer6.outcome <> 'filled' or item.strategy = 'buy_and_hold'
                then layer1.held
            when item.account = 'portfolio' then concat(layer1.held, {{ position }})
            else {{ position }}
        end
    {%- endset -%}
    {%- set cash_left -%}
        case layer6.outcome when 'filled' then layer9.free_cash else layer2.cash end
    {%- endset -%}
    {%- set kept = {
        'session': 'item.entry_date',
        'cash': cash_left,
        'equity': 'layer2.equity',
        'held': held,
        'outcome': 'layer6.outcome',
    } -%}
    {%- set numbers = {'sized': 6, 'margined': 7, 'charged': 8, 'settled': 9} -%}
    {%- for column, layer in of_a_fill.items() -%}
        {%- do kept.update({
            column: "case layer6.outcome when 'filled' then layer"
                ~ numbers[layer] ~ '.' ~ column ~ ' end'
        }) -%}
    {%- endfor -%}

    {%- set is_whole = var('whole_shares') -%}
    {%- set layers = [
        {'cash': cash_of_ended, 'held': still_held},
        {'equity': equity, 'cash': cash},
        {'wanted': wanted},
        {'entry_value': offered, 'entry_fee': fee_of_offered},
        {
            'shares':
                'cast(floor(1e-9D + ' ~ shares ~ ') as double)' if is_whole else shares
        },
        {
            'qty': 'item.direction * layer5.shares / item.entry_factor',
            'entry_value': value ~ ' + ' ~ fee if is_whole else 'layer4.entry_value',
            'entry_fee': fee if is_whole else 'layer4.entry_fee',
            'outcome': outcome,
        },
        {'margin': margin},
        {'exit_fee': exit_fee},
        {
            'exit_value':
                'layer7.margin + layer6.qty * item.exit_price - layer8.exit_fee',
            'free_cash': 'layer2.cash - layer6.entry_value',
        },
        kept,
    ] -%}
    with

    places as (

        select
            symbol,
            cast(row_number() over (order by symbol) as int) - 1 as place,
            cast(count(*) over () as double) as symbols

        from {{ ref('int_symbols') }}

    ),

    sessions as (

        select bar_date from {{ ref('int_bars') }}
        group by bar_date

    ),

    last_closes as (

        select
            sessions.bar_date,
            places.place,
            last(bars.close, true) over (
                partition by places.symbol
                order by sessions.bar_date
                rows between unbounded preceding and 1 preceding
            ) as close

        from sessions
        cross join places
        left join {{ ref('int_bars') }} as bars
            on places.symbol = bars.symbol and sessions.bar_date = bars.bar_date

    ),

    closes as (

        select
            bar_date,
            transform(
                sort_array(collect_list(struct(place, close))), placed -> placed.close
            ) as closes

        from last_closes
        group by bar_date

    ),

    series as (

        select
            accounts.account,
            candidates.*,
            places.place,
            places.symbols,
            case accounts.account when 'symbol' then candidates.symbol else '' end
                as walk

        from {{ ref('int_candidates') }} as candidates
        cross join (values ('symbol'), ('portfolio')) as accounts (account)
        inner join places on candidates.symbol = places.symbol

    ),

    with_closes as (

        select
            series.*,
            case
                when
                    series.entry_date is distinct from lag(series.entry_date) over (
                        partition by series.account, series.strategy, series.walk
                        order by series.entry_date, series.signal_key
                    )
                    then closes.closes
            end as closes

        from series
        left join closes
            on
                series.entry_date = closes.bar_date
                and series.account = 'portfolio'
                and series.strategy <> 'buy_and_hold'

    ),

    listed as (

        select
            sort_array(collect_list(struct(
                entry_date,
                signal_key,
                account,
                strategy,
                symbol,
                place,
                symbols,
                direction,
                entry_factor,
                entry_price,
                entry_bar_number,
                exit_date,
                exit_factor,
                exit_price,
                exit_bar_number,
                is_exit_at_open,
                closes
            ))) as items

        from with_closes
        group by account, strategy, walk

    ),

    walked as (

        select
            items,
            {{ indicators.scanned(
                'items', start, layers, given=['outcome'] + of_a_fill | list
            ) }} as outcomes

        from listed

    ),

    zipped as (

        select inline(arrays_zip(items, outcomes))

        from walked

    )

    select
        items.account,
        items.signal_key,
        items.strategy,
        items.symbol,
        outcomes.*

    from zipped
{%- endmacro %}
