{#
`left operator right` as every rule means it. Values that differ by no more than a
ten-thousand-millionth of `right` are equal: a moving average of 17.12 that is stored as
17.1200000000003 is no cross, whichever engine added it up and in whatever order. The
last cent of a 200-bar average is at least that much of prices under 500,000 dollars.
NULL if either is.
#}
{% macro compared(left, operator, right) -%}
    {%- set tolerance = '1e-10 * abs(' ~ right ~ ')' -%}
    {%- if operator in ('>', '<=') -%} {{ left }} - {{ right }}
    {%- else -%} {{ right }} - {{ left }}
    {%- endif %} {{ '>' if operator in ('>', '<') else '<=' }} {{ tolerance }}
{%- endmacro %}

{# Whether two values are equal in the eyes of a rule. #}
{% macro is_equal(left, right) -%}
    abs({{ left }} - {{ right }}) <= 1e-10 * abs({{ right }})
{%- endmacro %}
