-- One row per API key that was not revoked.

select
    key_id,
    name,
    scope,
    hash
from trading.api_keys
where revoked_at is null
