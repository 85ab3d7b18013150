{#
    The version of a signal's bar that was known when the signal was published; of a
    replayed session, which was published by a clock before the load, the first one.
#}
{% macro bar_as_published() %}
    (
        select *
        from versions
        where
            versions.symbol = signals.symbol
            and versions.bar_date = signals.bar_date
        order by
            versions.known_at <= signals.published_at desc,
            case
                when versions.known_at <= signals.published_at
                    then versions.known_at
            end desc,
            versions.known_at asc,
            versions.superseded_at desc
        limit 1
    )
{% endmacro %}

{#
    The load that brought a version of a bar. Loads on a set clock share their
    known_at: then the first of those that may have.
#}
{% macro run_of_the_bar() %}
    (
        select *
        from runs
        where
            runs.source = bar.source
            and runs.known_at = bar.known_at
            and bar.symbol = any(runs.symbols)
            and bar.bar_date between runs.window_start and runs.window_end
            and runs.rows_new + runs.rows_changed > 0
        order by runs.started_at
        limit 1
    )
{% endmacro %}
