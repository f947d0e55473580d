"""Plainer forms of a message, for a Slack that does not take its blocks. Pure.

A client or a workspace may not know a newer kind of block and answers `invalid_blocks` to the whole
message: then each such block gives way to an older one that says the same, and in the end the text
stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.messages.blocks import (
    Block,
    Element,
    Message,
    bullets,
    cut,
    paragraph,
    rich_text,
    run,
    space,
)

_CELL_LIMIT = 200


def plainer_messages(message: Message) -> Iterator[Message]:
    """The message without its newer blocks, and then without any."""
    blocks = tuple(_plainer(block) for block in message.blocks)
    if blocks != message.blocks:
        yield replace(message, blocks=blocks)
    if message.blocks:
        yield replace(message, blocks=())


def _plainer(block: Block) -> Block:
    make = _PLAINER.get(str(block.get("type")))
    return make(block) if make else block


def _as_list(block: Block) -> Block:
    """`Azure Backup; If it is deleted: lose 24 h; USD a month: 31`, a line for each row."""
    head, *rows = block["rows"]
    titles = [str(cell.get("text", "")) for cell in head]
    lines = [paragraph(*_line(row, titles)) for row in rows or [head]]
    return rich_text(bullets(lines))


def _line(row: Sequence[Element], titles: Sequence[str]) -> Iterator[Element]:
    for number, cell in enumerate(row):
        if number:
            yield space(f"; {cut(titles[number], _CELL_LIMIT)}: ")
        yield from _runs(cell)


def _runs(cell: Element) -> Iterator[Element]:
    """The pieces of a cell: its text, or a person as a person."""
    if "text" in cell:
        yield run(str(cell["text"]), _CELL_LIMIT)
    for part in cell.get("elements", ()):
        yield from part.get("elements", ())


#: By kind of block: what says the same.
_PLAINER: Mapping[str, Callable[[Block], Block]] = {"table": _as_list, "data_table": _as_list}
