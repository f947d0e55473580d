"""A message as an app gives it: read, checked against Slack's limits, put into a channel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from deploy.local.slack.errors import SlackError, invalid
from deploy.local.slack.limits import (
    MESSAGE_BLOCKS_CHARACTERS,
    TEXT_CUT,
    block_problems,
    characters_of,
    view_is_too_large,
    view_problems,
)


def text_and_blocks(given: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """What is to be shown. Raises SlackError for what Slack refuses."""
    text = str(given.get("text") or "")[:TEXT_CUT]
    blocks = blocks_of(given.get("blocks"))
    if not text.strip() and not blocks and not given.get("attachments"):
        raise SlackError("no_text")
    return text, blocks


def blocks_of(given: Any) -> list[dict[str, Any]]:
    """The blocks of a message, from a list or its JSON. Raises SlackError."""
    blocks = parsed(given, "invalid_blocks_format") if given not in (None, "") else []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if problems := block_problems(blocks, "message"):
        raise invalid("invalid_blocks", problems)
    if characters_of(blocks) > MESSAGE_BLOCKS_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def view_of(given: Any, kind: str) -> dict[str, Any]:
    """A view, from an object or its JSON. Raises SlackError."""
    view = parsed(given, "invalid_arguments")
    if isinstance(view, dict) and view_is_too_large(view):
        raise SlackError("view_too_large")
    problems = view_problems(view)
    if not problems and view["type"] != kind:
        problems = [f"must be a view of type {kind} [json-pointer:/view/type]"]
    if problems:
        raise invalid("invalid_arguments", problems)
    return dict(view)


def parsed(given: Any, error: str) -> Any:
    """JSON in a form field, or already a value."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        raise SlackError(error) from None


def truth(value: Any, default: bool = False) -> bool:
    """A flag as forms and JSON spell it."""
    if value in (None, ""):
        return default
    return value if isinstance(value, bool) else str(value).lower() in ("1", "true")
