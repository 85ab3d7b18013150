{#
Bars of a longer period (`week` or `month`), in today's terms.

Their prices come from the aggregate over raw prices, which TimescaleDB keeps up to
date. Where a split or dividend took effect within the period its days are in different
terms, so such a period is put together from its daily bars; so is one whose last days
are loaded and not built yet.
#}
{% macro bars_by(period) %}
with

aggregated as (

    select * from {{ source('raw', 'bars_' ~ period ~ 'ly') }}

),

int_bars as (

    select * from {{ ref('int_bars') }}

),

int_symbols as (

    select * from {{ ref('int_symbols') }}

),

in_one_term as (

    select
        aggregated.symbol,
        aggregated.{{ period }}_start,
        aggregated.first_bar_date,
        aggregated.last_bar_date,
        aggregated.bars,
        aggregated.open * last_bars.cumulative_factor as open,
        aggregated.high * last_bars.cumulative_factor as high,
        aggregated.low * last_bars.cumulative_factor as low,
        aggregated.close * last_bars.cumulative_factor as close,
        aggregated.volume / last_bars.split_factor as volume

    from aggregated
    inner join int_bars as first_bars
        on
            aggregated.symbol = first_bars.symbol
            and aggregated.first_bar_date = first_bars.bar_date
    inner join int_bars as last_bars
        on
            aggregated.symbol = last_bars.symbol
            and aggregated.last_bar_date = last_bars.bar_date
    where
        first_bars.cumulative_factor = last_bars.cumulative_factor
        and first_bars.split_factor = last_bars.split_factor

),

in_several_terms as (

    select
        aggregated.symbol,
        aggregated.{{ period }}_start,
        min(int_bars.bar_date) as first_bar_date,
        max(int_bars.bar_date) as last_bar_date,
        count(*) as bars,
        (array_agg(int_bars.open order by int_bars.bar_date))[1] as open,
        max(int_bars.high) as high,
        min(int_bars.low) as low,
        (array_agg(int_bars.close order by int_bars.bar_date desc))[1] as close,
        sum(int_bars.volume) as volume

    from aggregated
    inner join int_bars
        on
            aggregated.symbol = int_bars.symbol
            and int_bars.bar_date between
                aggregated.first_bar_date and aggregated.last_bar_date
    where not exists (
        select 1
        from in_one_term as known
        where
            known.symbol = aggregated.symbol
            and known.{{ period }}_start = aggregated.{{ period }}_start
    )
    group by aggregated.symbol, aggregated.{{ period }}_start

),

together as (

    select * from in_one_term
    union all
    select * from in_several_terms

),

in_todays_terms as (

    select
        together.symbol,
        together.{{ period }}_start,
        together.first_bar_date,
        together.last_bar_date,
        together.bars,
        together.open / int_symbols.cumulative_factor as adjusted_open,
        together.high / int_symbols.cumulative_factor as adjusted_high,
        together.low / int_symbols.cumulative_factor as adjusted_low,
        together.close / int_symbols.cumulative_factor as adjusted_close,
        together.volume * int_symbols.split_factor as adjusted_volume

    from together
    inner join int_symbols using (symbol)

)

select * from in_todays_terms
{% endmacro %}
