"""Slack's limits, written down a second time: what a message must be before it may be sent.

Sources: Block Kit reference and the tries noted in the project's facts about Slack (2026-06).
Written without a look at `bot.messages`, and it shares no code with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MESSAGE_BLOCKS = 50
TOP_LEVEL_TEXT = 4000
ALL_TEXT = 12_500  # Slack refused about 13,200 characters of mixed blocks
TABLE_ROWS, TABLE_CELLS, TABLE_CHARACTERS, TABLE_COLUMN_SETTINGS = 100, 20, 10_000, 20
KNOWN_BLOCKS = {"header", "section", "context", "rich_text", "table", "divider", "actions"}
BUTTONS, BUTTON_TEXT, BUTTON_VALUE, SPOKEN_LABEL = 25, 75, 2000, 75
#: Pieces of a rich_text that name somebody by an id, or a time; none of them holds free text.
NAMED = {
    "user": ("user_id", r"[UW][A-Z0-9]+"),
    "usergroup": ("usergroup_id", r"S[A-Z0-9]+"),
    "channel": ("channel_id", r"[CGD][A-Z0-9]+"),
    "link": ("url", r"https?://[^\s<>|]+"),
}
#: What our own small print may hold of markup: a person, a group, a channel, a time, a permalink.
MARKS = re.compile(
    r"<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<#[CGD][A-Z0-9]+>"
    r"|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[\w ,:]+>"
    r"|<https?://[^\s<>|]+\|[^<>|*_~`]+>"
)
STYLES = {"bold", "italic", "strike", "code"}


def problems(message: dict[str, Any]) -> list[str]:
    """Everything about a message that Slack would refuse, cut or read as markup."""
    return list(_problems(message))


def characters(text: str) -> int:
    """The larger of the ways to count: UTF-16 units of the escaped text."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return len(escaped.encode("utf-16-le")) // 2


def _problems(message: dict[str, Any]) -> Iterator[str]:
    try:
        json.dumps(message, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield "it holds characters that are not Unicode text"
        return
    if message.get("response_type") not in ("ephemeral", "in_channel"):
        yield "response_type is neither ephemeral nor in_channel"
    yield from _top_level(message["text"])
    blocks = message["blocks"]
    if not 1 <= len(blocks) <= MESSAGE_BLOCKS:
        yield f"{len(blocks)} blocks"
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "more than one table"
    if sum(characters(text) for text in _texts(blocks)) > ALL_TEXT:
        yield "too much text in all"
    yield from _repeated_ids(blocks)
    for block in blocks:
        yield from _of_block(block)


def _top_level(text: str) -> Iterator[str]:
    units = len(text.encode("utf-16-le")) // 2
    if not text.strip() or units > TOP_LEVEL_TEXT:
        yield f"the text has {units} characters"
    if re.search(r"[<>]|&(?!amp;|lt;|gt;)", text):
        yield "the text holds markup"


def _of_block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind not in KNOWN_BLOCKS:
        yield f"an unknown block: {kind}"
    elif kind == "header":
        yield from _plain_text(block["text"], 150, "header")
    elif kind == "section":
        yield from _section(block)
    elif kind == "context":
        yield from _context(block)
    elif kind == "rich_text":
        yield from _rich_text(block["elements"])
    elif kind == "table":
        yield from _table(block)
    elif kind == "actions":
        yield from _actions(block["elements"])


def _actions(elements: list[dict[str, Any]]) -> Iterator[str]:
    if not 1 <= len(elements) <= BUTTONS:
        yield f"{len(elements)} buttons"
    texts = [element["text"]["text"] for element in elements]
    if len(texts) != len(set(texts)):
        yield "two buttons are called the same"
    for element in elements:
        if element["type"] != "button":
            yield f"a {element['type']} among the buttons"
        yield from _plain_text(element["text"], BUTTON_TEXT, "a button")
        yield from _length(element["accessibility_label"], SPOKEN_LABEL, "a button's label")
        if len(element["value"]) > BUTTON_VALUE:
            yield "a button's value is too long"
        if element.get("style", "primary") not in ("primary", "danger"):
            yield "an unknown style of a button"


def _section(block: dict[str, Any]) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield "a section without text"
    if "text" in block:
        yield from _text_object(block["text"], 3000, "section")
    if len(block.get("fields", ())) > 10:
        yield "more than ten fields"
    for field in block.get("fields", ()):
        yield from _text_object(field, 2000, "field")


def _context(block: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(block["elements"]) <= 10:
        yield f"a context of {len(block['elements'])} elements"
    for element in block["elements"]:
        yield from _text_object(element, 3000, "context")


def _text_object(value: dict[str, Any], limit: int, where: str) -> Iterator[str]:
    if value.get("type") == "mrkdwn":
        rest = MARKS.sub("", value["text"])
        if re.search(r"[<>*_~`]|&(?!amp;|lt;|gt;)", rest):
            yield f"{where} holds markup"
    if value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{where} has a text of type {value.get('type')}"
    yield from _length(value["text"], limit, where)


def _plain_text(value: dict[str, Any], limit: int, where: str) -> Iterator[str]:
    if value.get("type") != "plain_text":
        yield f"{where} is not plain_text"
    if value.get("emoji") is not False:
        yield f"{where} would turn :words: into emoji"
    yield from _length(value["text"], limit, where)


def _length(text: str, limit: int, where: str) -> Iterator[str]:
    if not text.strip():
        yield f"{where} has an empty text"
    if characters(text) > limit:
        yield f"{where} has {characters(text)} characters of {limit}"


def _rich_text(elements: list[dict[str, Any]]) -> Iterator[str]:
    if not elements:
        yield "an empty rich_text"
    for element in elements:
        if element["type"] not in ("rich_text_section", "rich_text_list"):
            yield f"rich_text holds a {element['type']}"
        if not element["elements"]:
            yield f"an empty {element['type']}"
        if element["type"] == "rich_text_list":
            if element["style"] not in ("bullet", "ordered"):
                yield "a list without a style"
            yield from _rich_text(element["elements"])
            continue
        for piece in element["elements"]:
            yield from _piece(piece)


def _piece(piece: dict[str, Any]) -> Iterator[str]:
    if piece["type"] in NAMED:
        key, shape = NAMED[piece["type"]]
        if not re.fullmatch(shape, piece[key]):
            yield f"{piece[key]} is no id of a {piece['type']}"
        return
    if piece["type"] == "date":
        if not isinstance(piece["timestamp"], int) or not piece["fallback"]:
            yield "a date without a time or a fallback"
        return
    if piece["type"] != "text":
        yield f"a run of type {piece['type']}"
    if not piece["text"]:
        yield "an empty run"
    if set(piece.get("style", {})) - STYLES:
        yield "an unknown style"


def _table(block: dict[str, Any]) -> Iterator[str]:
    rows = block["rows"]
    if not 1 <= len(rows) <= TABLE_ROWS:
        yield f"a table of {len(rows)} rows"
    if len({len(row) for row in rows}) > 1:
        yield "ragged rows"
    if any(not 1 <= len(row) <= TABLE_CELLS for row in rows):
        yield "a row with too many cells"
    if len(block.get("column_settings", ())) > TABLE_COLUMN_SETTINGS:
        yield "too many column settings"
    cells = [cell for row in rows for cell in row]
    for cell in cells:
        if cell["type"] not in ("raw_text", "rich_text"):
            yield f"a cell of type {cell['type']}"
        elif cell["type"] == "raw_text" and not cell["text"].strip():
            yield "an empty cell"
        elif cell["type"] == "rich_text":
            yield from _rich_text(cell["elements"])
    if sum(characters(text) for text in _texts(rows)) > TABLE_CHARACTERS:
        yield "too many characters in the table"


def _repeated_ids(value: Any) -> Iterator[str]:
    for key in ("block_id", "action_id"):
        ids = list(_values(value, key))
        if len(ids) != len(set(ids)):
            yield f"a {key} is used twice"
        if any(len(each) > 255 for each in ids):
            yield f"a {key} over 255 characters"


def _texts(value: Any) -> Iterator[str]:
    return (text for text in _values(value, "text") if isinstance(text, str))


def _values(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for each in value.values():
            yield from _values(each, key)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _values(each, key)
