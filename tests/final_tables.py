"""What the desk's passes leave behind, to compare one history with another."""

from collections.abc import Mapping

from desk.database import Database

# Without the names of runs, the wall clock, and the numbers of an identity column,
# of which a transaction that was rolled back leaves some out.
FINAL_TABLES = {
    "raw.raw_prices": "*",
    "raw.corporate_actions": "*",
    "raw.raw_price_revisions": "symbol, bar_date, close, known_at, superseded_at",
    "raw.rejected_prices": "received, reasons",
    "marts.bars": "*",
    "marts.indicators": "*",
    "marts.signals": "*",
    "marts.trades": "*",
    "marts.equity_curve": "*",
    "marts.backtest_metrics": "*",
    "trading.published_sessions": "session_date, signals, published_at",
    "trading.signals": "signal_key, side, close, details, published_at, valid_until",
    "trading.orders": "account_id, signal_key, client_order_id, "
    "signal - '{run_id, sequence}'::text[], side, qty, price, state, reason, attempts, "
    "filled_qty, filled_avg_price, created_at",
    "trading.control": "*",
}


def final_tables(
    database: Database, tables: Mapping[str, str] = FINAL_TABLES
) -> dict[str, list[tuple[object, ...]]]:
    """The rows of each table, in an order of their own."""
    with database.connect() as conn:
        return {
            table: sorted(
                conn.execute(f"select {columns} from {table}").fetchall(), key=repr
            )
            for table, columns in tables.items()
        }
