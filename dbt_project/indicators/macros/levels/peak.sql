{#
Peak: the highest value so far. `resume`: a column that is NULL but on one row, where
it is the stored peak; the rows after it go on from there.
#}
{% macro peak(column, resume=none) %}
    {%- do indicators.check_columns('peak', {'column': column}) -%}
    {%- do indicators.check_resume(resume) -%}
    {%- if resume -%}
        {{ indicators.function('running_max') }}({{ column }}, {{ resume }})
        over {{ indicators.bars_so_far() }}
    {%- else -%}
        max({{ column }}) over {{ indicators.bars_so_far() }}
    {%- endif -%}
{%- endmacro %}
