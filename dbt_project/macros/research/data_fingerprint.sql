{#
A hash of forward-adjusted bars, whatever their order; any other price, volume, split
or dividend makes it another. `only`: SQL that says which bars, all if none.
#}
{% macro data_fingerprint(only=none) %}
    select
        to_hex(count(*)) || '-' || to_hex(bit_xor(
            {%- set hashed = namespace(
                sql="hashtextextended(symbol, bar_date - date '2000-01-01')"
            ) -%}
            {%- for column in ('open', 'high', 'low', 'close', 'volume') -%}
                {%- set hashed.sql =
                    'hashfloat8extended(' ~ column ~ ', ' ~ hashed.sql ~ ')' -%}
            {%- endfor %}
            {{ hashed.sql }}
        )) as data_fingerprint

    from {{ ref('int_bars') }}
    {%- if only %}
    where {{ only }}
    {%- endif %}
{% endmacro %}
