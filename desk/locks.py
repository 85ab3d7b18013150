"""Numbers of the database's advisory locks: one for each thing done one at a time."""

MIGRATION_LOCK = 0x6465736B  # "desk"
DAY_LOCK = 0x6465736C
LEDGER_LOCK = 0x6465736D
GATE_LOCK = 0x6465736E
LOAD_LOCK = 0x6465736F
TELL_LOCK = 0x64657370
AS_OF_LOCK = 0x64657371
