{#
A value as a person reads it beside another: two decimals, four where two would make
different values look the same, eight where four would. Rounded to ten decimals first:
half a cent is half a cent on every engine. Values further apart than two cents need
not be rounded to be compared, which is most of the time it takes.
#}
{% macro rounded(value, beside) %}
    {{- adapter.dispatch('rounded', 'desk')(value, beside) -}}
{% endmacro %}

{% macro postgres__rounded(value, beside) -%}
    round(
        {{ first_digits(value) }},
        case
            when
                {{ might_look_equal(value, beside) }}
                and {{ looks_equal(value, beside, 2) }}
                then case when {{ looks_equal(value, beside, 4) }} then 8 else 4 end
            else 2
        end
    )
{%- endmacro %}

{% macro spark__rounded(value, beside) %}
    {{ return(duckdb__rounded(value, beside)) }}
{% endmacro %}

{#
Postgres takes a double's first 15 digits as a decimal and rounds that half up; so it
is done here. The number of decimals must be a constant.
#}
{% macro duckdb__rounded(value, beside) -%}
    case
        when
            {{ might_look_equal(value, beside) }}
            and {{ looks_equal(value, beside, 2) }}
            then
                case
                    when {{ looks_equal(value, beside, 4) }}
                        then cast(round({{ first_digits(value) }}, 8) as text)
                    else cast(round({{ first_digits(value) }}, 4) as text)
                end
        else cast(round({{ first_digits(value) }}, 2) as text)
    end
{%- endmacro %}

{% macro might_look_equal(value, beside) -%}
    abs({{ value }} - {{ beside }}) < 0.02 and not {{ is_equal(value, beside) }}
{%- endmacro %}

{% macro looks_equal(value, beside, decimals) -%}
    round({{ first_digits(value) }}, {{ decimals }})
    = round({{ first_digits(beside) }}, {{ decimals }})
{%- endmacro %}

{# A double as a decimal, without the noise of its last digits. #}
{% macro first_digits(value) %}
    {{- adapter.dispatch('first_digits', 'desk')(value) -}}
{% endmacro %}

{% macro postgres__first_digits(value) -%}
    round(cast({{ value }} as numeric), 10)
{%- endmacro %}

{% macro duckdb__first_digits(value) -%}
    cast(format('{:.15g}', cast({{ value }} as double)) as decimal(38, 10))
{%- endmacro %}

{% macro spark__first_digits(value) -%}
    case
        when {{ value }} is not null
            then cast(format_string('%.15g', cast({{ value }} as double)) as decimal(38, 10))
    end
{%- endmacro %}
