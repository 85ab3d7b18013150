{#
A forward-adjusted value in the terms of another day: that of `row`, which has that
day's cumulative_factor and split_factor. `terms`: see indicator_columns.
#}
{% macro in_terms_of(row, value, terms) -%}
    {{ value }}
    {%- if terms in ('price', 'money') %} / {{ row }}.cumulative_factor{% endif %}
    {%- if terms in ('volume', 'money') %} * {{ row }}.split_factor{% endif %}
{%- endmacro %}
