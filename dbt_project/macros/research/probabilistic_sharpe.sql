{#
Probabilistic Sharpe ratio (Bailey and López de Prado 2012): how probable it is that
the true Sharpe ratio is above `benchmark`, given how long, how skewed and how
fat-tailed the returns are.

    psr = normal_cdf((sharpe - benchmark) * sqrt(observations - 1)
        / sqrt(1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe ^ 2))

Sharpe ratios per observation, not annualised; kurtosis 3 is the normal distribution's.
NULL with fewer than two observations or returns that don't vary.
#}
{% macro probabilistic_sharpe(sharpe, observations, skewness, kurtosis, benchmark) -%}
    {%- set statistic -%}
        ({{ sharpe }} - {{ benchmark }})
        * sqrt(nullif(greatest({{ observations }} - 1, 0), 0)::float8)
        / sqrt(nullif(greatest(
            1 - {{ skewness }} * {{ sharpe }}
            + ({{ kurtosis }} - 1) / 4 * {{ sharpe }} * {{ sharpe }}, 0
        ), 0))
    {%- endset -%}
    {{ normal_cdf(statistic) }}
{%- endmacro %}
