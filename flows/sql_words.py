"""The names in a piece of SQL."""

import re

KEYWORDS = frozenset(
    {
        *("all", "and", "as", "asc", "between", "by", "case", "cast", "count", "desc"),
        *("distinct", "double", "else", "end", "false", "filter", "first", "from"),
        *("group", "in", "interval", "is", "last", "like", "limit", "not", "null"),
        *("inner", "join", "left", "on", "text", "using", "window"),
        *("nulls", "numeric", "or", "order", "over", "partition", "precision", "rows"),
        *("select", "then", "true", "when", "where", "within"),
    }
)


def words(sql: str) -> set[str]:
    """What is neither a keyword, nor a function, nor text."""
    without_text = re.sub(r"'[^']*'", "", sql.lower())
    return set(re.findall(r"\b[a-z_]\w*\b(?!\s*\()", without_text)) - KEYWORDS
