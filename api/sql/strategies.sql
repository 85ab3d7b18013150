-- One row per strategy; its description is the comment on its table.

select
    strategy,
    trim(
        obj_description(to_regclass(format('intermediate.%%I', strategy)), 'pg_class')
        , e' \n'
    ) as description,
    version,
    parameters,
    stop_loss_pct,
    take_profit_pct,
    trailing_stop_pct,
    max_holding_bars
from intermediate.int_strategies
order by strategy
