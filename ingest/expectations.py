"""Great Expectations' judgement of loaded prices.

Importing this module takes seconds: Great Expectations does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
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

from ingest.rules import SUITES

NAMED_OFFENDERS = 3
# Great Expectations cuts its lists there, complete or not.
MOST_FINDINGS = 100_000
KEY = ("symbol", "bar_date")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule a symbol's series breaks at a bar, with the value measured there.

    `is_of_end`: it is about how the series ends, so its bar may move on.
    """

    symbol: str
    rule: str
    bar_date: date
    value: float
    detail: str
    is_of_end: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """Bars judged, expectations evaluated, and what was not met.

    `failures`: expectations no bar may break, as phrases with the first offenders.
    `findings`: what is wrong with single series. `docs_path`: first page of the
    Data Docs.
    """

    rows: int
    expectations: int
    failures: tuple[str, ...]
    findings: tuple[Finding, ...]
    docs_path: Path


def judge(url: URL, queries: Mapping[str, str], docs_folder: Path) -> Judgement:
    """Evaluate every expectation on the rows of its query; build the Data Docs.

    `queries`: SQL text for `bars`, `series` and `ends`.
    """
    context = _context(url, docs_folder)
    source = context.data_sources.add_postgres(
        "desk", connection_string="${DATABASE}", create_temp_table=True
    )
    with ExitStack() as opened:
        opened.callback(source.get_engine().dispose)
        opened.callback(source.get_execution_engine().close)
        results = [
            result
            for name, expectations in SUITES.items()
            for result in _validate(context, source, name, queries[name], expectations)
        ]
        context.build_data_docs()
    bars = [result for result in results if _rule(result) is None]
    return Judgement(
        rows=next(
            result.result["observed_value"]
            for result in bars
            if "observed_value" in result.result
        ),
        expectations=len(results),
        failures=tuple(_phrase(result) for result in bars if not result.success)
        + tuple(
            f"can't tell whether {_claim(result)}"
            for result in results
            if _rule(result) is not None and not result.result
        ),
        findings=tuple(
            finding
            for result in results
            if _rule(result) is not None and not result.success
            for finding in _findings(result)
        ),
        docs_path=docs_folder / "index.html",
    )


def _validate(
    context: AbstractDataContext,
    source: PostgresDatasource,
    name: str,
    query: str,
    expectations: Callable[[], Iterable[gxe.Expectation]],
) -> Iterable[ExpectationValidationResult]:
    """Bars by their first offenders; series by all, because all are marked."""
    complete = name != "bars"
    checkpoint = gx.Checkpoint(
        name=name,
        validation_definitions=[
            _definition(context, source, name, query, expectations())
        ],
        result_format={
            "result_format": "COMPLETE" if complete else "SUMMARY",
            "unexpected_index_column_names": list(KEY),
            "partial_unexpected_count": MOST_FINDINGS if complete else NAMED_OFFENDERS,
        },
    )
    validated = context.checkpoints.add(checkpoint).run()
    return [
        result for suite in validated.run_results.values() for result in suite.results
    ]


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


def _claim(result: ExpectationValidationResult) -> str:
    config = result.expectation_config
    return (config and config.description) or "an expectation"


def _rule(result: ExpectationValidationResult) -> str | None:
    """The rule that marks a series, None for what no bar may break."""
    config = result.expectation_config
    return ((config and config.meta) or {}).get("rule")


def _findings(result: ExpectationValidationResult) -> Iterator[Finding]:
    config = result.expectation_config
    if config is None:
        return
    column = config.kwargs["column"]
    for offender in result.result.get("unexpected_index_list") or ():
        yield Finding(
            symbol=offender["symbol"],
            rule=config.meta["rule"],
            bar_date=offender["bar_date"],
            value=float(offender[column]),
            detail=_claim(result),
            is_of_end=config.meta["is_of_end"],
        )


def _phrase(result: ExpectationValidationResult) -> str:
    """The expectation in words, and for which bars it is not so, with the values."""
    found: dict[str, Any] = result.result
    if not found:
        return f"can't tell whether {_claim(result)}"
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
        f"{_claim(result)}: not for {', '.join(offenders)}"
        if offenders
        else f"not so: {_claim(result)}"
    )


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
