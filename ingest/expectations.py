"""What Great Expectations expects of loaded prices, and its judgement.

Importing this module takes seconds: Great Expectations does.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.core.expectation_validation_result import (
    ExpectationValidationResult,
)
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent import PostgresDatasource
from sqlalchemy.engine import URL

LOWEST_RETURN = -0.75
HIGHEST_RETURN = 3.0
MISSING_SESSIONS = 5
LAST_BAR_SESSIONS = 5
NAMED_OFFENDERS = 3
KEY = ("symbol", "bar_date")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Bars judged, expectations evaluated, and each one that was not met as a
    phrase with the first offenders; `docs_path` is the Data Docs' first page."""

    rows: int
    expectations: int
    failures: tuple[str, ...]
    docs_path: Path


def expectations_of_bars() -> Iterator[gxe.Expectation]:
    """For the rows of `window_bars` in `ingest/sql/gate.sql`."""
    yield gxe.ExpectTableRowCountToBeBetween(
        min_value=1, description="the window holds bars"
    )
    for price in ("open", "high", "low", "close"):
        yield gxe.ExpectColumnValuesToNotBeNull(
            column=price, description=f"{price} is known"
        )
        yield gxe.ExpectColumnValuesToBeBetween(
            column=price,
            min_value=0,
            strict_min=True,
            description=f"{price} is positive",
        )
    for upper, lower in (
        ("high", "open"),
        ("high", "close"),
        ("open", "low"),
        ("close", "low"),
    ):
        yield gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=upper,
            column_B=lower,
            or_equal=True,
            description=f"{upper} is at least {lower}",
        )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="volume", min_value=0, description="volume is not negative"
    )
    yield gxe.ExpectCompoundColumnsToBeUnique(
        column_list=list(KEY), description="one bar per symbol and session"
    )
    yield gxe.ExpectColumnValuesToBeInSet(
        column="is_session",
        value_set=[True],
        description="every bar is on an exchange session",
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="sessions_missing",
        max_value=MISSING_SESSIONS,
        description=f"at most {MISSING_SESSIONS} sessions are missing before a bar",
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="bar_return",
        min_value=LOWEST_RETURN,
        max_value=HIGHEST_RETURN,
        description="the move from bar to bar, splits and dividends undone, is "
        f"between {LOWEST_RETURN:+.0%} and {HIGHEST_RETURN:+.0%}",
    )


def expectations_of_last_bars() -> Iterator[gxe.Expectation]:
    """For the rows of `last_bars` in `ingest/sql/gate.sql`."""
    yield gxe.ExpectColumnValuesToBeBetween(
        column="sessions_old",
        max_value=LAST_BAR_SESSIONS,
        description=f"the last bar is at most {LAST_BAR_SESSIONS} sessions old",
    )


def judge(url: URL, queries: Mapping[str, str], docs_folder: Path) -> Judgement:
    """Evaluate every expectation on the rows of its query; build the Data Docs.

    `queries`: SQL text for `bars` and `last_bars`.
    """
    context = _context(url, docs_folder)
    source = context.data_sources.add_postgres(
        "desk", connection_string="${DATABASE}", create_temp_table=True
    )
    suites = {"bars": expectations_of_bars(), "last_bars": expectations_of_last_bars()}
    with ExitStack() as opened:
        opened.callback(source.get_engine().dispose)
        opened.callback(source.get_execution_engine().close)
        checkpoint = gx.Checkpoint(
            name="gate",
            validation_definitions=[
                _definition(context, source, name, queries[name], expectations)
                for name, expectations in suites.items()
            ],
            result_format={
                "result_format": "SUMMARY",
                "unexpected_index_column_names": list(KEY),
                "partial_unexpected_count": NAMED_OFFENDERS,
            },
        )
        validated = context.checkpoints.add(checkpoint).run()
        context.build_data_docs()
    results = [
        result for suite in validated.run_results.values() for result in suite.results
    ]
    return Judgement(
        rows=next(
            result.result["observed_value"]
            for result in results
            if "observed_value" in result.result
        ),
        expectations=len(results),
        failures=tuple(_phrase(result) for result in results if not result.success),
        docs_path=docs_folder / "index.html",
    )


def _definition(
    context: AbstractDataContext,
    source: PostgresDatasource,
    name: str,
    query: str,
    expectations: Iterable[gxe.Expectation],
) -> gx.ValidationDefinition:
    # A query asset takes only what begins with "select ".
    asset = source.add_query_asset(name, f"select * from ({query}) as {name}")  # noqa: S608
    suite = gx.ExpectationSuite(name, expectations=list(expectations))
    definition = gx.ValidationDefinition(
        name=name,
        data=asset.add_batch_definition_whole_table(name),
        suite=context.suites.add(suite),
    )
    return context.validation_definitions.add(definition)


def _context(url: URL, docs_folder: Path) -> AbstractDataContext:
    """A context that keeps nothing but the Data Docs, and no password in them."""
    return gx.get_context(
        mode="ephemeral",
        runtime_environment={"DATABASE": url.render_as_string(hide_password=False)},
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
            data_docs_sites={
                "desk": {
                    "class_name": "SiteBuilder",
                    "show_how_to_buttons": False,
                    "store_backend": {
                        "class_name": "TupleFilesystemStoreBackend",
                        "base_directory": str(docs_folder),
                    },
                    "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                }
            },
        ),
    )


def _phrase(result: ExpectationValidationResult) -> str:
    """The expectation in words, and for which bars it is not so, with the values."""
    config = result.expectation_config
    claim = (config and config.description) or "an expectation"
    found: dict[str, Any] = result.result
    if not found:
        return f"can't tell whether {claim}"
    offenders = [
        f"{symbol} on {bar_date} ({', '.join(map(_text, values))})"
        for symbol, bar_date, *values in (
            offender.values()
            for offender in found.get("partial_unexpected_index_list") or ()
        )
    ]
    more = found.get("unexpected_count", 0) - len(offenders)
    if offenders and more > 0:
        offenders.append(f"{more:,} more")
    return (
        f"{claim}: not for {', '.join(offenders)}" if offenders else f"not so: {claim}"
    )


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
