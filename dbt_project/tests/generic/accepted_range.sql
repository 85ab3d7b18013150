{#
Fails on each value outside the limits, which belong to the range; NaN is outside
any range with an upper limit. NULLs pass.
#}
{% test accepted_range(model, column_name, at_least=none, at_most=none) %}
select *

from {{ model }}
where
    {{ column_name }} is not null
    and not (
        true
        {%- if at_least is not none %} and {{ column_name }} >= {{ at_least }}{% endif %}
        {%- if at_most is not none %} and {{ column_name }} <= {{ at_most }}{% endif %}
    )
{% endtest %}
