-- What was published must be what the marts say, or the report must name it.
select
    published.signal_key,
    published.side

from {{ source('trading', 'signals') }} as published
where
    not exists (
        select from {{ ref('signals') }} as signals
        where
            signals.signal_key = published.signal_key
            and signals.side = published.side
    )
    and not exists (
        select from {{ ref('restatements') }} as restatements
        where restatements.signal_key = published.signal_key
    )
