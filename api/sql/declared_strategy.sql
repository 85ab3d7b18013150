-- Whether a strategy is declared.

select exists (
    select from intermediate.int_strategies where strategy = %(strategy)s
)
