{#
The named window `window`, which has a frame, for a lag, to which a frame means nothing:
one window is one pass over the rows. Spark wants none named, so there it is `series`,
what the window is without it.
#}
{% macro lag_window(window, series) %}
    {{- adapter.dispatch('lag_window', 'desk')(window, series) -}}
{% endmacro %}

{% macro default__lag_window(window, series) -%} {{ window }} {%- endmacro %}

{% macro spark__lag_window(window, series) -%} ({{ series }}) {%- endmacro %}
