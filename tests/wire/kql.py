"""Running Resource Graph's KQL over sample rows, and holding a query against its limits."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from deploy.local.azure.graph.engine import Engine
from deploy.local.azure.graph.limits import Limits, excess, limits
from deploy.local.azure.graph.rows import Changes, Row, table_of

__all__ = ["Graph", "Limits", "limits", "refusal"]


def refusal(query: str) -> str:
    """The code Resource Graph refuses a query with, or nothing."""
    over = excess(query)
    return over.code if over else ""


class Graph:
    """The tables of Resource Graph, filled with rows."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._engine = Engine()
        filled = [Row(row["id"], table_of(row["type"]), row) for row in rows]
        self._engine.update(Changes(filled, []))

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The answer's rows, objects as objects; kept, because translating KQL takes long."""
        answer = self._engine.ask(query, None, datetime.now(UTC))
        names = [name for name, _ in answer.columns]
        return [dict(zip(names, copy.deepcopy(row), strict=True)) for row in answer.rows]
