"""The table of what an agent may ask, made from the tools."""

from __future__ import annotations

from collections.abc import Iterator

from bot.agents.arguments import schema_of
from bot.agents.tools import TOOLS
from tests.docs.markdown import Row, Tables, table


def _tools() -> str:
    return table(("Tool", "What it answers", "Arguments", "As in the terminal"), _rows())


def _rows() -> Iterator[Row]:
    for tool in TOOLS:
        schema = schema_of(tool)
        named = ", ".join(
            f"**`{name}`**" if name in schema["required"] else f"`{name}`"
            for name in schema["properties"]
        )
        yield f"`{tool.name}`", tool.description, named, f"`vmbackup {' '.join(tool.command)}`"


TABLES: Tables = {"tools": _tools}
