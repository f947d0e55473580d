"""The shape of Slack's payloads: where an object, a list or a text must stand. Pure.

Bolt reads these fields without a look at what they hold, so `{"type":"event_callback","event":[]}`
with a valid signature ends in it as a 500 with a traceback (tried on slack-bolt 1.30.0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_OBJECTS = frozenset(
    [
        "event",
        "view",
        "container",
        "message",
        "previous_message",
        "item",
        "assistant_thread",
        "function_data",
    ]
)
_LISTS = frozenset({"actions", "authorizations", "response_urls"})
_OBJECTS_OR_IDS = frozenset({"channel", "enterprise", "team", "user"})
_TEXTS = frozenset(
    [
        "type",
        "subtype",
        "id",
        "command",
        "callback_id",
        "action_id",
        "block_id",
        "action_ts",
        "trigger_id",
        "team_id",
        "user_id",
        "channel_id",
        "enterprise_id",
        "app_installed_team_id",
        "bot_id",
        "thread_ts",
        "ts",
        "user_name",
        "user_team",
        "context_team_id",
        "context_enterprise_id",
        "channel_type",
        "tab",
        "response_url",
        "challenge",
        "function_execution_id",
        "execution_id",
        "bot_access_token",
        "private_metadata",
        "hash",
    ]
)
_NEVER_NULL = frozenset({"event", "view"}) | _LISTS
_DEEPEST = 8  #: Slack's own payloads have three; deeper ones are not Slack's


def has_slacks_shape(payload: Mapping[str, Any]) -> bool:
    """Whether Bolt can read the payload without stumbling."""
    return _holds(payload, 1)


def _holds(level: Mapping[str, Any], depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    kinds_hold = all(_kind_holds(name, value) for name, value in level.items())
    return kinds_hold and all(_holds(inner, depth + 1) for inner in _inner(level))


def _kind_holds(name: str, value: object) -> bool:
    if value is None:
        return name not in _NEVER_NULL
    if name == "actions" and not value:
        return False  # Bolt reads the first one
    for names, is_right in _KINDS:
        if name in names:
            return is_right(value)
    return True


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_object_or_id(value: object) -> bool:
    return isinstance(value, dict | str)


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_object, value))


_KINDS: tuple[tuple[frozenset[str], Callable[[object], bool]], ...] = (
    (_OBJECTS, _is_object),
    (_LISTS, _is_list_of_objects),
    (_OBJECTS_OR_IDS, _is_object_or_id),
    (_TEXTS, _is_text),
)


def _inner(level: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects that Bolt reads in turn."""
    for name in _OBJECTS | _OBJECTS_OR_IDS:
        if isinstance(level.get(name), dict):
            yield level[name]
    for name in _LISTS:
        yield from level.get(name) or ()
