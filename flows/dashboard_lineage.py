"""Which columns a dashboard's model reads from other models, without a database.

Not a parser: it knows the house's way to write a model, import steps first and one step
per idea, and looks at the steps that read an import. What it can't tell it passes over;
the build tells then.
"""

import re
from collections.abc import Iterator, Mapping

from flows.dashboard_assets import Model
from flows.sql_words import words

IMPORT = re.compile(r"(\w+) as \(\s*select \* from \{\{ ref\('(\w+)'\) \}\}\s*\)")
IN_WORDS = re.compile(r"\{\{ strategy_in_words\('([\w.]+)'\) \}\}")
READ = re.compile(r"\b(?:from|join) (\w+)(?: as (\w+))?")
STEP = re.compile(r"\w+ as \(\n(.*?)\n\)", re.DOTALL)


def unread(model: Model, models: Mapping[str, Model]) -> Iterator[str]:
    """The columns it reads that aren't there, a sentence each."""
    imports = {
        step: models[name] for step, name in IMPORT.findall(model.sql) if name in models
    }
    sql = re.sub(r"\{\{.*?\}\}|--[^\n]*", "", IN_WORDS.sub(r"\1", model.sql))
    for (step,) in (match.groups() for match in STEP.finditer(sql)):
        sources = {alias or name: name for name, alias in READ.findall(step)}
        read = set(re.findall(r"\b(\w+)\.(\w+)", step))
        if len(sources) == 1 and not read:
            (alias,) = sources
            named = set(re.findall(r"\bas (\w+)", step))
            read = {(alias, word) for word in words(step) - named - {alias}}
        for alias, column in sorted(read):
            source = imports.get(sources.get(alias, ""))
            if source is not None and column not in _columns(source):
                yield (
                    f"{model.name} reads column {column}, which is not in dbt model "
                    f"{source.name}"
                )


def _columns(model: Model) -> set[str]:
    return {entry["column_name"] for entry in model.columns}
