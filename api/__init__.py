"""The Litestar service: REST and WebSocket over the marts and the ledger."""
