"""What was measured of one VM as a message, in the words of the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.model.measure_report import MeasureReport
from advisor.present.blocks import BulletList, Document, Grid, Paragraph
from advisor.present.measure_document import measure_document
from bot.messages.blocks import (
    Block,
    Message,
    bullets,
    context,
    cut,
    header,
    paragraph,
    rich_text,
    run,
    section,
    table,
    top_level,
)

_HEADLINE, _CELL, _ITEM, _ROWS, _ITEMS = 150, 90, 400, 20, 8
_SMALL_PRINT = "Nothing was changed in Azure. What you state by a flag or a tag goes before this."


def measure_card(report: MeasureReport) -> Message:
    """For whoever asked: prices are not for the channel."""
    document = measure_document(report)
    title = cut(document.title, _HEADLINE)
    said = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    blocks = [header(title), *map(section, said), *_details(document), context(_SMALL_PRINT)]
    return Message(text=top_level([title, *said]), blocks=tuple(blocks))


def _details(document: Document) -> Iterator[Block]:
    for block in document.blocks:
        if isinstance(block, Grid):
            rows = [tuple(cut(" ".join(cell), _CELL) for cell in row.cells) for row in block.rows]
            yield table([tuple(" ".join(cell) for cell in block.head), *rows[:_ROWS]])
        elif isinstance(block, BulletList):
            items = [paragraph(run(cut(item, _ITEM), _ITEM)) for item in block.items[:_ITEMS]]
            yield rich_text(paragraph(run(block.title, _ITEM, bold=True)), bullets(items))
