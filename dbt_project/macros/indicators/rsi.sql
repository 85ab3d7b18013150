{#
Relative strength index, 0 to 100: the share of the ups in all moves of the last
bars. Below 30 is called oversold, above 70 overbought.

    rsi = 100 * average gain / (average gain + average loss)

The averages are rma's of the ups and of the downs (both positive). NULL while an
average is: the first value comes `period` bars after the first bar. Prices that
never moved give 0, as in TA-Lib.
#}
{% macro rsi(average_gain, average_loss) %}
    case
        when {{ average_gain }} + {{ average_loss }} = 0 then 0
        else 100 * {{ average_gain }} / ({{ average_gain }} + {{ average_loss }})
    end
{%- endmacro %}
