"""Facets of a Resource Graph answer: how often each value of an expression occurs in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from deploy.local.azure.graph.engine import DatabaseError, KqlError, Table
from deploy.local.azure.world import Body

DEFAULT_VALUES = 10


def facets_of(asked: Sequence[Body], query: str, ask: Callable[[str], Table]) -> list[Body]:
    """One answer for each facet asked for; one that cannot be counted is a FacetError."""
    return [_facet(one, query, ask) for one in asked]


def _facet(asked: Body, query: str, ask: Callable[[str], Table]) -> Body:
    expression, options = str(asked.get("expression", "")), asked.get("options") or {}
    table = _counted(query, expression, options, ask)
    if table is None:
        return _error(expression)
    names = [name for name, _ in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in table.rows]
    shown = rows[: int(options.get("$top", DEFAULT_VALUES))]
    return {
        "expression": expression,
        "resultType": "FacetResult",
        "totalRecords": len(rows),
        "count": len(shown),
        "data": shown,
    }


def _counted(
    query: str, expression: str, options: Any, ask: Callable[[str], Table]
) -> Table | None:
    """By a column of the query's result, or by the one that projecting the expression made."""
    for column in (expression, expression.replace(".", "_")):
        try:
            return ask(_counting(query, column, options))
        except (KqlError, DatabaseError):
            continue
    return None


def _counting(query: str, expression: str, options: Any) -> str:
    narrowed = f"\n| where {options['filter']}" if options.get("filter") else ""
    order = "asc" if options.get("sortOrder") == "asc" else "desc"
    by = options.get("sortBy") or "['count']"
    counted = f"summarize ['count'] = count() by {expression}"
    return f"{query}{narrowed}\n| {counted}\n| order by {by} {order}"


def _error(expression: str) -> Body:
    return {
        "expression": expression,
        "resultType": "FacetError",
        "errors": [
            {"code": "NoValidColumns", "message": "No valid columns in facet expression."},
            {"code": "InvalidColumnNames", "message": f"Invalid column names: [{expression}]."},
        ],
    }
