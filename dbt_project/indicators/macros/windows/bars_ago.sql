{#
The column's value so many bars ago; NULL where the series is too short. In double
precision: of whole numbers the quotient would be a whole one, too.
#}
{% macro bars_ago(column, bars) -%}
    lag(cast({{ column }} as double precision), {{ bars }}) over {{ indicators.bars_before() }}
{%- endmacro %}

{#
The window that a lag looks back in. Its frame means nothing: where one may be named it
is that of the sums so far, so that they share a pass; Spark wants none.
#}
{% macro bars_before() -%}
    {{- adapter.dispatch('bars_before', 'indicators')() -}}
{%- endmacro %}

{% macro default__bars_before() -%}
    {{ indicators.bars_so_far() }}
{%- endmacro %}

{% macro spark__bars_before() -%}
    ({{ indicators.series() }})
{%- endmacro %}
