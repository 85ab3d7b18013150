{#
What int_trend's directional movement goes on from in an increment: Wilder's sums,
which are the indicators' share of the true range, and the ADX.
#}
{% macro resumed_movement() %}
    {%- set sums -%}
        array[
            stored_true_range_sum_14,
            stored_plus_di_14 * stored_true_range_sum_14 / 100,
            stored_minus_di_14 * stored_true_range_sum_14 / 100,
            0,
            stored_adx_14
        ]
    {%- endset -%}
    {{ return(sums if is_increment() else none) }}
{% endmacro %}
