select
    ticker,
    traded_on,
    {{ indicators.sma('close', 3) }} as sma_3
from {{ source('market', 'bars') }}
