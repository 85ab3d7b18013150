{#
The trades of the relation `entries`, each joined to `reached`: the first bar on which a
stop or the target is reached, from the entry's own bar to the one before its planned
exit.

fixed stop     entry price * (1 - stop_loss)
trailing stop  (1 - trailing_stop) * the highest of the entry price and the highs
               of the bars before: a bar's own high comes too late for its stop
target         entry price * (1 + take_profit)
margin call    for a short only: entry price * 2 / 1.3, where its proceeds and its
               margin, as much again, are 130 % of what buying back costs

An open beyond a level is the price (gap-through); a bar that reaches both without
gapping counts as stopped, because a daily bar doesn't tell which came first. A
missing level is NULL and is never reached. A short's prices are looked at with the
sign turned, which makes its losses falls too: stops above the entry, target below,
the trailing stop over the lowest low.
#}
{% macro joined_to_first_reached(entries, bars) %}
    {{- adapter.dispatch('joined_to_first_reached', 'desk')(entries, bars) -}}
{% endmacro %}

{% macro default__joined_to_first_reached(entries, bars) -%}
    {{ entries }}
    left join lateral ({{ first_reached(entries, bars) }}) as reached on true
{%- endmacro %}

{# As a lateral subquery. #}
{% macro first_reached(entries, bars) %}
    {{ reached_bars(entries, bars ~ ' as bars where true') }}
    order by bar_date
    limit 1
{% endmacro %}

{# Spark knows no laterals with windows: all bars that are reached, then the first. #}
{% macro spark__joined_to_first_reached(entries, bars) -%}
    {{ entries }}
    left join (
        select *

        from (
            select
                *,
                row_number() over (
                    partition by reached_key
                    order by reached_date
                ) as reached_place

            from (
                {{ reached_bars(
                    'watched_entries',
                    bars ~ ' as bars inner join ' ~ entries
                    ~ ' as watched_entries on bars.symbol = watched_entries.symbol'
                ) }}
            ) as reached_bars
        ) as numbered
        where reached_place = 1
    ) as reached on {{ entries }}.signal_key = reached.reached_key
{%- endmacro %}

{# The bars of `entries` that reach a level, of `rows`: what stands after from. #}
{% macro reached_bars(entries, rows) %}
    select
        signal_key as reached_key,
        bar_date as reached_date,
        bar_number as reached_bar_number,
        cumulative_factor as reached_factor,
        direction * case
            when open <= stop or open >= target then open
            when low <= stop then stop
            else target
        end as reached_price,
        coalesce(open <= stop, false) or coalesce(open >= target, false)
            as is_reached_at_open,
        case
            when open <= stop then stop_reason
            when open >= target then 'take_profit'
            when low <= stop then stop_reason
            else 'take_profit'
        end as reached_reason

    from (
        select
            *,
            greatest(fixed_stop, trailed_stop, margin_call) as stop,
            case greatest(fixed_stop, trailed_stop, margin_call)
                when fixed_stop then 'stop_loss'
                when trailed_stop then 'trailing_stop'
                else 'margin_call'
            end as stop_reason

        from (
            select
                *,
                entry_price * (1 - signed_stop_loss) as fixed_stop,
                entry_price * (1 + signed_take_profit) as target,
                (1 - signed_trailing_stop) * greatest(
                    entry_price,
                    max(high) over (
                        partition by signal_key
                        order by bar_date
                        rows between unbounded preceding and 1 preceding
                    )
                ) as trailed_stop,
                case when entry_price < 0 then entry_price * 2 / 1.3 end
                    as margin_call

            from (
                select
                    {{ entries }}.signal_key,
                    {{ entries }}.direction,
                    bars.bar_date,
                    bars.bar_number,
                    bars.cumulative_factor,
                    {{ entries }}.direction * bars.open as open,
                    case {{ entries }}.direction
                        when 1 then bars.high else -bars.low
                    end as high,
                    case {{ entries }}.direction
                        when 1 then bars.low else -bars.high
                    end as low,
                    {{ entries }}.direction * {{ entries }}.entry_price as entry_price,
                    {{ entries }}.direction * {{ entries }}.stop_loss
                        as signed_stop_loss,
                    {{ entries }}.direction * {{ entries }}.take_profit
                        as signed_take_profit,
                    {{ entries }}.direction * {{ entries }}.trailing_stop
                        as signed_trailing_stop

                from {{ rows }}
                    and bars.symbol = {{ entries }}.symbol
                    and bars.bar_date >= {{ entries }}.entry_date
                    and bars.bar_date < coalesce({{ entries }}.exit_date, {{ end_of_time() }})
                    and (
                        {{ entries }}.direction = -1
                        or coalesce(
                            {{ entries }}.stop_loss,
                            {{ entries }}.take_profit,
                            {{ entries }}.trailing_stop
                        ) is not null
                    )
            ) as signed_bars
        ) as levels
    ) as watched
    where low <= stop or high >= target
{% endmacro %}
