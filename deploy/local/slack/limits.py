"""Slack's limits on what it is sent: every block, and the message or view as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.local.slack.elements import (
    ALT_TEXT,
    BUTTONLIKE,
    ELEMENTS,
    ID_LIMIT,
    INPUTS,
    RICH_TEXT,
    SELECTS,
    URL,
)
from deploy.local.slack.shapes import (
    Anything,
    Choice,
    Flag,
    Many,
    Number,
    Shape,
    Spec,
    String,
    Text,
    Typed,
    length,
    problem,
)

#: Block Kit reference, 2026-06.
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
SECTION_TEXT, FIELDS, FIELD_TEXT = 3000, 10, 2000
HEADER_TEXT = 150
ACTIONS, CONTEXT_ELEMENTS, CONTEXT_ACTIONS = 25, 10, 5
INPUT_LABEL = 2000
IMAGE_TITLE, VIDEO_TITLE = 2000, 200
MARKDOWN = 12_000  #: over all markdown blocks of a message
TABLE_ROWS, TABLE_CELLS, TABLE_CHARACTERS = 100, 20, 10_000
ALERT_TEXT = 200
CARD_TITLE, CARD_BODY, CARD_ACTIONS, CARDS = 150, 200, 3, 10
DATA_ROWS, CHART_TITLE, CHARTS = 101, 50, 2
MODAL_TITLE, MODAL_BUTTON, CALLBACK_ID, PRIVATE_METADATA = 24, 24, 255, 3000
VIEW_BYTES = 250_000
#: Seen by users near there, not documented (bolt-js #2509).
MESSAGE_BLOCKS_CHARACTERS = 13_200
TEXT_CUT, UPDATE_TEXT = 40_000, 4000  #: chat.postMessage cuts, chat.update refuses

_ANYWHERE = ("message", "modal", "home")
_PLAIN = ("plain_text",)
_BLOCK_ID: Mapping[str, Spec] = {"block_id": String(ID_LIMIT, 1)}
_CELL = Typed(
    {
        "raw_text": Shape({"text": String(TABLE_CHARACTERS, 1)}),
        "raw_number": Shape({}, {"value": Number(-1e18, 1e18), "text": String(TABLE_CHARACTERS)}),
        "rich_text": Shape({"elements": RICH_TEXT}, _BLOCK_ID),
    }
)
_COLUMN = Shape({}, {"align": Choice(("left", "center", "right")), "is_wrapped": Flag()})


def _block(
    required: Mapping[str, Spec], optional: Mapping[str, Spec] | None = None, **more: Any
) -> Shape:
    return Shape(required, {**_BLOCK_ID, **(optional or {})}, **more)


_SECTION = _block(
    {},
    {
        "text": Text(SECTION_TEXT),
        "fields": Many(Text(FIELD_TEXT), FIELDS),
        "accessory": Typed(ELEMENTS, (*BUTTONLIKE, *SELECTS, "image")),
        "expand": Flag(),
    },
    any_of=("text", "fields"),
)
_CONTEXT_TEXT: dict[str, Spec] = {
    kind: Text(SECTION_TEXT, (kind,)) for kind in ("plain_text", "mrkdwn")
}
_INPUT = _block(
    {
        "label": Text(INPUT_LABEL, _PLAIN),
        "element": Typed(ELEMENTS, (*INPUTS, *SELECTS, *BUTTONLIKE[3:])),
    },
    {"hint": Text(INPUT_LABEL, _PLAIN), "optional": Flag(), "dispatch_action": Flag()},
)
_TABLE = _block(
    {"rows": Many(Many(_CELL, TABLE_CELLS), TABLE_ROWS)},
    {"column_settings": Many(_COLUMN, TABLE_CELLS)},
)
_IMAGE = _block(
    {"alt_text": String(ALT_TEXT, 1)},
    {"image_url": String(URL, 1), "slack_file": Anything(), "title": Text(IMAGE_TITLE, _PLAIN)},
    any_of=("image_url", "slack_file"),
)
_CARD = _block(
    {},
    {
        "title": Text(CARD_TITLE),
        "subtitle": Text(CARD_TITLE),
        "body": Text(CARD_BODY),
        "actions": Many(Typed(ELEMENTS, BUTTONLIKE), CARD_ACTIONS),
    },
    any_of=("hero_image", "title", "actions", "body"),
    open=True,
)
_DATA_TABLE = _block(
    {"rows": Many(Many(_CELL, TABLE_CELLS), DATA_ROWS, least=2), "caption": Anything()},
    {"page_size": Number(1, 100), "row_header_column_index": Number(0, TABLE_CELLS - 1)},
    open=True,
)
_TASK = ("pending", "in_progress", "complete", "error")

BLOCKS: dict[str, Spec] = {
    "header": _block({"text": Text(HEADER_TEXT, _PLAIN)}),
    "section": _SECTION,
    "divider": _block({}),
    "context": _block(
        {"elements": Many(Typed({**_CONTEXT_TEXT, "image": ELEMENTS["image"]}), CONTEXT_ELEMENTS)}
    ),
    "context_actions": _block(
        {"elements": Many(Typed(ELEMENTS, ("feedback_buttons", "icon_button")), CONTEXT_ACTIONS)}
    ),
    "actions": _block({"elements": Many(Typed(ELEMENTS, (*BUTTONLIKE, *SELECTS)), ACTIONS)}),
    "input": _INPUT,
    "image": _IMAGE,
    "video": _block(
        {"alt_text": String(ALT_TEXT, 1), "title": Text(VIDEO_TITLE, _PLAIN)}, open=True
    ),
    "file": _block({"external_id": String(ID_LIMIT, 1), "source": Choice(("remote",))}),
    "markdown": _block({"text": String(MARKDOWN, 1)}),
    "rich_text": _block({"elements": RICH_TEXT}),
    "table": _TABLE,
    "alert": _block(
        {"text": Text(ALERT_TEXT)},
        {"level": Choice(("default", "info", "warning", "error", "success"))},
    ),
    "card": _CARD,
    "carousel": _block({"elements": Many(Typed({"card": _CARD}), CARDS)}),
    "task_card": _block({"status": Choice(_TASK)}, open=True),
    "plan": _block({}, open=True),
    "auth_provider": _block({}, open=True),
    "call": _block({}, open=True),
    "data_table": _DATA_TABLE,
    "data_visualization": _block({"title": Anything()}, open=True),
}
BLOCKS["container"] = _block(
    {"child_blocks": Many(Typed(BLOCKS), 10)}, {"title": Text(CARD_TITLE)}, open=True
)

_ONLY: Mapping[str, tuple[str, ...]] = {
    "alert": ("modal",),
    "markdown": ("message",),
    "table": ("message",),
    "data_table": ("message",),
    "data_visualization": ("message",),
    "file": ("message",),
}


def allowed_on(surface: str) -> tuple[str, ...]:
    """The blocks of a message, a modal or an App Home."""
    return tuple(kind for kind in BLOCKS if surface in _ONLY.get(kind, _ANYWHERE))


def block_problems(blocks: Any, surface: str, at: str = "/blocks") -> list[str]:
    """What Slack refuses about the blocks of one message or view."""
    most = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    least = 0 if surface == "message" else 1
    found = list(Many(Typed(BLOCKS, allowed_on(surface)), most, least).problems(blocks, at))
    if not found and isinstance(blocks, list):
        found = list(_over_all(blocks, at))
    return found


def view_problems(view: Any, at: str = "/view") -> list[str]:
    """What Slack refuses about a view."""
    if not isinstance(view, Mapping):
        return [problem("must be an object", at)]
    kind = str(view.get("type"))
    if kind not in _VIEWS:
        return [problem(f"unsupported type: {kind}", f"{at}/type")]
    found = list(_VIEWS[kind].problems(view, at))
    found += block_problems(view.get("blocks", []), kind, f"{at}/blocks")
    if kind == "modal" and "submit" not in view and _kinds(view.get("blocks")) & {"input"}:
        found.append(problem("must define `submit` to use an `input` block in modals", at))
    return found


def view_is_too_large(view: Any) -> bool:
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def characters_of(blocks: Any) -> int:
    """Characters of all texts in the blocks."""
    return sum(length(text) for text in _values(blocks, "text") if isinstance(text, str))


_VIEW: Mapping[str, Spec] = {
    "blocks": Anything(),
    "callback_id": String(CALLBACK_ID),
    "private_metadata": String(PRIVATE_METADATA),
    "external_id": String(ID_LIMIT),
}
_VIEWS: Mapping[str, Shape] = {
    "home": Shape({"blocks": Anything()}, _VIEW),
    "modal": Shape(
        {"title": Text(MODAL_TITLE, _PLAIN), "blocks": Anything()},
        {
            **_VIEW,
            "submit": Text(MODAL_BUTTON, _PLAIN),
            "close": Text(MODAL_BUTTON, _PLAIN),
            "clear_on_close": Flag(),
            "notify_on_close": Flag(),
            "submit_disabled": Flag(),
        },
    ),
}


def _over_all(blocks: Sequence[Mapping[str, Any]], at: str) -> Iterator[str]:
    yield from _repeated(blocks, "block_id", at)
    yield from _repeated(blocks, "action_id", at)
    for number, block in enumerate(blocks):
        if block["type"] == "table":
            yield from _whole_table(block["rows"], f"{at}/{number}/rows")
    if len([block for block in blocks if block["type"] == "table"]) > 1:
        yield problem("only one table allowed", at)
    if len([block for block in blocks if block["type"] == "data_visualization"]) > CHARTS:
        yield problem(f"no more than {CHARTS} data_visualization blocks allowed", at)
    markdown = sum(length(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN:
        yield problem(f"markdown must be less than {MARKDOWN + 1} characters in all", at)


def _whole_table(rows: Sequence[Sequence[Any]], at: str) -> Iterator[str]:
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]):
            yield problem("all rows must have the same number of cells", f"{at}/{number}")
    if characters_of(rows) > TABLE_CHARACTERS:
        yield problem(f"must be less than {TABLE_CHARACTERS + 1} characters in all cells", at)


def _repeated(blocks: Any, key: str, at: str) -> Iterator[str]:
    seen = set()
    for pointer, value in _pointed(blocks, key, at):
        if value in seen:
            yield problem(f"`{key}` {value!r} already exists", pointer)
        seen.add(value)


def _pointed(value: Any, key: str, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        if isinstance(value.get(key), str):
            yield f"{at}/{key}", value[key]
        for name, inner in value.items():
            yield from _pointed(inner, key, f"{at}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _pointed(inner, key, f"{at}/{number}")


def _values(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, Mapping):
        if key in value:
            yield value[key]
        for inner in value.values():
            yield from _values(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, key)


def _kinds(blocks: Any) -> set[Any]:
    if not isinstance(blocks, list):
        return set()
    return {block.get("type") for block in blocks if isinstance(block, Mapping)}
