from desk.database import Database
from desk.migrate import migrate


def test_migrating_twice_changes_nothing(database: Database) -> None:
    def catalogue() -> list[tuple[object, ...]]:
        with database.connect() as conn:
            return conn.execute(
                "select table_schema, table_name, column_name, data_type"
                " from information_schema.columns"
                " where table_schema in ('raw', 'trading') order by 1, 2, 3"
            ).fetchall()

    before = catalogue()
    migrate(database)

    assert before
    assert catalogue() == before
