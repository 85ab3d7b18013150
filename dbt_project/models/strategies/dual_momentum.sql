-- Antonacci's dual momentum across the universe, judged on the first session of a
-- month: held while among the strongest by 12-month return and that return is a gain.
{% set p = parameters(positions=[1, 1000]) %}
{{
    strategy(
        buy=all_of(
            between('momentum_rank', 1, p.positions), above('momentum_252', 0)
        ),
        sell=any_of(above('momentum_rank', p.positions), below('momentum_252', 0)),
        parameters=p,
    )
}}
