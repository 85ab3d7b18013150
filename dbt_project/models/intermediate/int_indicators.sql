-- Left joins, so that a query reads only the tables whose columns it names.
with

bars as (

    select * from {{ ref('int_bars') }}

),

int_trend as (

    select * from {{ ref('int_trend') }}

),

int_momentum as (

    select * from {{ ref('int_momentum') }}

),

int_volatility as (

    select * from {{ ref('int_volatility') }}

),

int_volume as (

    select * from {{ ref('int_volume') }}

),

int_levels as (

    select * from {{ ref('int_levels') }}

),

joined as (

    select
        bars.symbol,
        bars.bar_date,
        {% for column, about in indicator_columns().items() %}
            int_{{ about.family }}.{{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}

    from bars
    left join int_trend using (symbol, bar_date)
    left join int_momentum using (symbol, bar_date)
    left join int_volatility using (symbol, bar_date)
    left join int_volume using (symbol, bar_date)
    left join int_levels using (symbol, bar_date)

)

select * from joined
