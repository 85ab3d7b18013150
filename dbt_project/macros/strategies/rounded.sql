{#
A value as a person reads it beside another: two decimals, four where two would
make different values look the same.
#}
{% macro rounded(value, beside) -%}
    round(
        cast({{ value }} as numeric),
        case
            when
                {{ value }} <> {{ beside }}
                and round(cast({{ value }} as numeric), 2)
                = round(cast({{ beside }} as numeric), 2)
                then 4
            else 2
        end
    )
{%- endmacro %}
