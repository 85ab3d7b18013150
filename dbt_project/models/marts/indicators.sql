with

int_indicators as (

    select * from {{ ref('int_indicators') }}

),

int_symbols as (

    select * from {{ ref('int_symbols') }}

),

in_todays_terms as (

    select
        int_indicators.symbol,
        int_indicators.bar_date,
        {% for column, about in indicator_columns().items() %}
            {{ in_terms_of('int_symbols', 'int_indicators.' ~ column, about.terms) }}
                as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}

    from int_indicators
    inner join int_symbols using (symbol)

)

select * from in_todays_terms
