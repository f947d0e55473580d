"""The tables in DuckDB, and KQL run over them by duckdb-kql."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import duckdb
import duckdb_kql

from deploy.local.azure.graph.limits import without_literals
from deploy.local.azure.graph.rows import COLUMNS, TABLES, TEXT_COLUMNS, Changes, rows_as_json

_ANSWERS_KEPT = 200
_SCHEMA = {table: list(COLUMNS) for table in TABLES}
#: Queries whose answer is another one at another time are not kept.
_TIMED = re.compile(r"\b(?:now|ago|rand|new_guid)\s*\(", re.IGNORECASE)
_STARTS = re.compile(r"\s*(\w+)")
#: Operators that may begin a query: it is then about the table `resources`.
_OPERATORS = (
    "count distinct extend limit mv mvexpand order parse project sort summarize take top where"
)
_SORTED = re.compile(r"\|\s*(?:order|sort|top)\b", re.IGNORECASE)
_TYPES = {"JSON": "object", "BIGINT": "long", "INTEGER": "long", "HUGEINT": "long"} | {
    "DOUBLE": "real",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "INTERVAL": "timespan",
}


class Table(NamedTuple):
    """An answer: names and Resource Graph's types of the columns, and the rows."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]


class _Sql(NamedTuple):
    text: str
    parameters: dict[str, Any]


class Engine:
    """DuckDB with one table that holds every row; any thread may ask."""

    def __init__(self) -> None:
        self._connection = duckdb_kql.connect()
        self._lock = threading.Lock()
        self._version = 0
        self._answers: OrderedDict[tuple[Any, ...], Table] = OrderedDict()
        columns = [f"{name} {'VARCHAR' if name in TEXT_COLUMNS else 'JSON'}" for name in COLUMNS]
        self._connection.execute("SET enable_external_access=false")
        self._connection.execute("create schema fleet")
        self._connection.execute(
            f"create table fleet.rows (row_key VARCHAR, arg_table VARCHAR, {', '.join(columns)})"
        )

    def update(self, changes: Changes) -> None:
        """Writes what changed; answers given before are forgotten."""
        if not changes:
            return
        gone = [*changes.removed, *(row.key for row in changes.rows)]
        with self._lock:
            self._connection.execute(
                "delete from fleet.rows where row_key in (select unnest(?))", [gone]
            )
            if changes.rows:
                self._connection.execute(_INSERT, [rows_as_json(changes.rows)])
            self._version += 1
            self._answers.clear()

    def ask(self, query: str, subscriptions: Sequence[str] | None, now: datetime) -> Table:
        """Runs a query over the resources of those subscriptions; None for all.

        Raises duckdb_kql.KqlError and duckdb.Error.
        """
        scope = None if subscriptions is None else tuple(sorted(set(subscriptions)))
        if _TIMED.search(without_literals(query)):
            return self._run(_translated(query, now), query, scope)
        with self._lock:
            asked = (self._version, query, scope)
            if found := self._answers.get(asked):
                self._answers.move_to_end(asked)
                return found
        answer = self._run(_kept_translation(query), query, scope)
        with self._lock:
            self._answers[asked] = answer
            while len(self._answers) > _ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return answer

    def _run(self, sql: _Sql, query: str, scope: tuple[str, ...] | None) -> Table:
        with self._lock:
            cursor = self._connection.cursor()
        try:
            cursor.execute("SET TimeZone='UTC'")
            for table in TABLES:
                if table in query.lower() or table == "resources":
                    cursor.execute(_view(table, scope))
            found = cursor.execute(sql.text, sql.parameters or None)
            columns = tuple(
                (name, _TYPES.get(str(kind).partition("(")[0], "string"))
                for name, kind, *_ in found.description
            )
            opened = [_opened(columns, values) for values in found.fetchall()]
        finally:
            cursor.close()
        return Table(columns, tuple(_stable(columns, opened, query)))


_INSERT = (
    "insert into fleet.rows select r->>'$.row_key', r->>'$.arg_table', "  # noqa: S608
    + ", ".join(
        f"coalesce(r->>'$.{name}', '')"
        if name in TEXT_COLUMNS
        else f"nullif(r->'$.{name}', 'null'::JSON)"
        for name in COLUMNS
    )
    + " from (select unnest(from_json(?, '[\"JSON\"]')) as r)"
)


def _view(table: str, scope: tuple[str, ...] | None) -> str:
    """A table as a query sees it. `scope` holds subscription ids that were checked as such."""
    within = ""
    if scope is not None:
        listed = ", ".join(f"'{one}'" for one in scope)
        within = f" and lower(subscriptionId) in ({listed or 'null'})"
    return (
        f"create or replace temp view {table} as select {', '.join(COLUMNS)} "  # noqa: S608
        f"from fleet.rows where arg_table = '{table}'{within}"
    )


def completed(query: str) -> str:
    """The query with the table that Resource Graph takes where none is named."""
    bare = without_literals(query)
    first = _STARTS.match(bare)
    if bare.lstrip().startswith("|"):
        return f"resources {query}"
    return f"resources | {query}" if first and first[1].lower() in _OPERATORS.split() else query


@lru_cache(maxsize=500)
def _kept_translation(query: str) -> _Sql:
    return _translated(query, None)


def _translated(query: str, now: datetime | None) -> _Sql:
    sql = duckdb_kql.to_sql(query, schema=_SCHEMA, query_now=now, allow_write=False)
    return _Sql(str(sql), sql.parameters)


def _opened(columns: tuple[tuple[str, str], ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """DuckDB's values as JSON has them."""
    return tuple(
        json.loads(value) if kind == "object" and isinstance(value, str) else _plain(value)
        for (_, kind), value in zip(columns, values, strict=True)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
    if isinstance(value, timedelta):
        days, seconds = divmod(int(value.total_seconds()), 86400)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{days}.{clock}" if days else clock
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, UUID):
        return str(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _stable(
    columns: tuple[tuple[str, str], ...], rows: list[tuple[Any, ...]], query: str
) -> list[tuple[Any, ...]]:
    """By id where the query has no order of its own, so that pages do not overlap."""
    names = [name for name, _ in columns]
    if "id" not in names or _SORTED.search(without_literals(query)):
        return rows
    at = names.index("id")
    return sorted(rows, key=lambda row: str(row[at]).lower())


KqlError = duckdb_kql.KqlError
DatabaseError = duckdb.Error
