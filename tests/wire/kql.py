"""Running Resource Graph's KQL over sample rows, and holding a query against its limits."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from typing import Any, NamedTuple

import duckdb_kql

TEXTS = [
    "id",
    "name",
    "type",
    "location",
    "resourceGroup",
    "subscriptionId",
    "tenantId",
    "kind",
    "managedBy",
]
OBJECTS = ["sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation"]
TABLES = ("resources", "recoveryservicesresources")


class Limits(NamedTuple):
    """What a query uses of what Resource Graph allows."""

    joins_and_unions: int
    mv_expands: int
    most_uses_of_a_right_hand_table: int
    tables_joined_across: int


def limits(query: str) -> Limits:
    """Counted in the text, with the contents of its string literals taken out."""
    bare = re.sub(r"'(?:\\.|[^'\\])*'", "''", query)
    first = re.match(r"\s*(\w+)", bare)
    right = Counter(re.findall(r"\b(?:join|union)\b[^(|]*\(\s*(\w+)", bare))
    return Limits(
        len(re.findall(r"\b(?:join|union)\b", bare)),
        len(re.findall(r"\bmv-?expand\b", bare)),
        max(right.values(), default=0),
        sum(count for table, count in right.items() if first and table != first[1]),
    )


def refusal(query: str) -> str:
    """The code Resource Graph refuses a query with, or nothing."""
    used = limits(query)
    if used.joins_and_unions > 3:
        return "DisallowedMaxNumberOfJoins"
    if used.mv_expands > 3:
        return "DisallowedMaxNumberOfMvExpands"
    if used.most_uses_of_a_right_hand_table > 1:
        return "DisallowedMaxNumberOfRemoteTables"
    return ""


class Graph:
    """The tables of Resource Graph, filled with rows."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._answers: dict[str, list[dict[str, Any]]] = {}
        self._database = duckdb_kql.connect()
        columns = [f"{name} VARCHAR" for name in TEXTS] + [f"{name} JSON" for name in OBJECTS]
        for table in TABLES:
            self._database.sql(f"create table {table} ({', '.join(columns)})")
        for row in rows:
            self._add(row)

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The answer's rows, objects as objects; kept, because translating KQL takes long."""
        if query not in self._answers:
            self._answers[query] = self._ask(query)
        return copy.deepcopy(self._answers[query])

    def _ask(self, query: str) -> list[dict[str, Any]]:
        answer = duckdb_kql.query(self._database, query)
        named = [dict(zip(answer.columns, values, strict=True)) for values in answer.fetchall()]
        return [{name: _opened(name, value) for name, value in row.items()} for row in named]

    def _add(self, row: dict[str, Any]) -> None:
        table = TABLES["microsoft.recoveryservices/vaults/" in row["type"]]
        texts = [row[name] for name in TEXTS]
        objects = [None if row[name] is None else json.dumps(row[name]) for name in OBJECTS]
        marks = ", ".join("?" * (len(TEXTS) + len(OBJECTS)))
        self._database.execute(f"insert into {table} values ({marks})", [*texts, *objects])


def _opened(name: str, value: Any) -> Any:
    return json.loads(value) if name in OBJECTS and isinstance(value, str) else value
