"""A sweep's SQL, rendered by dbt from the strategy's own file."""

import json
import re
from collections.abc import Mapping, Sequence

from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from flows import parsed, transform
from flows.engines import Engine
from flows.grid import Point

Statements = Mapping[str, str]

STATEMENTS: Mapping[Engine, str] = {
    "postgres": "sweep_statements",
    "duckdb": "sweep_statements_on_duckdb",
}

# Rendered once as dbt parses it, for its references, and once for its SQL.
TEMPLATE = """
{{% for name in known_values().values() | map(attribute='model') | unique %}}
-- depends_on: {{{{ ref(name) }}}}
{{% endfor %}}
{{% if execute %}}
{{% for point in fromjson('{points}') %}}
{{% do sweep_point('{strategy}', point, {count}) %}}
{{% set discarded %}}{code}{{% endset %}}
{{% endfor %}}
{{{{ {statements}() }}}}
{{% endif %}}
"""


def render(
    settings: Settings,
    database: Database,
    strategy: str,
    points: Sequence[Point],
    checked: Sequence[Point] = (),
    engine: Engine = "postgres",
) -> Statements:
    """Statements by name (macros sweep_statements…), points numbered from 1.

    Raises `DeskError` in the model's own words where a point, or one that is only to
    be `checked`, can't work.
    """
    model = parsed.DBT_PROJECT / "models" / "strategies" / f"{strategy}.sql"
    jinja = TEMPLATE.format(
        points=json.dumps([*points, *checked]),
        count=len(points),
        strategy=strategy,
        code=model.read_text(),
        statements=STATEMENTS[engine],
    )
    try:
        sql = transform.compiled(settings, database, jinja, engine)
    except DeskError as refused:
        told = re.search(r"models/strategies/.*?(?= > in macro|$)", str(refused))
        raise DeskError(told.group() if told else str(refused)) from None
    parts = re.split(r"^-- statement: (\w+)$", sql, flags=re.MULTILINE)
    return dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))
