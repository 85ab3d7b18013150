"""Desk: a SQL-first trading desk for US equities on daily bars."""

__version__ = "0.1.0"
