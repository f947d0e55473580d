"""What a valid signature may carry: everything of Slack's shape, and nothing that trips Bolt."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_bot import Desk, signed

from bot.slack.inbound.shapes import has_slacks_shape

JSON = {"Content-Type": "application/json"}
NONSENSE: list[dict[str, Any]] = [
    {"type": "event_callback", "event": []},
    {"type": "event_callback", "event": None},
    {"type": "event_callback", "event": "message"},
    {"type": "event_callback", "event": {"type": ["message"]}},
    {"type": "block_actions", "actions": []},
    {"type": "block_actions", "actions": None},
    {"type": "block_actions", "actions": ["approve"]},
    {"type": "block_actions", "actions": [{"action_id": 5}]},
    {"type": "view_submission", "view": None},
    {"type": "view_submission", "view": {"callback_id": {}}},
    {"type": ["event_callback"]},
    {"authorizations": "all"},
    {"authorizations": [5]},
    {"response_urls": [None]},
    {"team": 5},
    {"user": [1]},
    {"command": ["/vmbackup"]},
]


@pytest.mark.parametrize("payload", NONSENSE, ids=json.dumps)
async def test_signed_nonsense_is_400_without_a_traceback(
    http: Desk, payload: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    as_json = json.dumps(payload).encode()
    as_form = urlencode({"payload": json.dumps(payload)}).encode()
    assert (await http.post(as_json, signed(as_json) | JSON))[0] == 400
    assert (await http.post(as_form, signed(as_form)))[0] == 400
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("form", ["type=event_callback&event=a", "type=block_actions&actions=a"])
async def test_a_signed_form_with_the_fields_of_an_event_is_400(http: Desk, form: str) -> None:
    assert (await http.post(form.encode(), signed(form.encode())))[0] == 400


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_submission", "team": None, "view": {"id": "V1"}, "response_urls": []},
        {"type": "block_actions", "actions": [{"text": {"type": "plain_text", "text": "Yes"}}]},
        {"type": "event_callback", "event": {"type": "team_join", "user": {"id": "U1"}}},
        {"type": "block_actions", "channel": {"id": "C1"}, "message": None, "actions": [{}]},
        {"type": "url_verification", "challenge": "abc"},
    ],
)
def test_slacks_own_shapes_hold(payload: dict[str, Any]) -> None:
    assert has_slacks_shape(payload)


def test_a_payload_deeper_than_any_of_slacks_does_not_hold() -> None:
    payload: dict[str, Any] = {"type": "event_callback"}
    for _ in range(50):
        payload = {"event": payload}
    assert not has_slacks_shape(payload)


_TYPES = st.sampled_from(
    ["event_callback", "block_actions", "view_submission", "view_closed", "shortcut", "message"]
)
_NAMES = st.sampled_from(
    [
        "event",
        "view",
        "container",
        "message",
        "item",
        "actions",
        "authorizations",
        "response_urls",
        "channel",
        "team",
        "user",
        "id",
        "callback_id",
        "action_id",
        "value",
        "team_id",
        "thread_ts",
        "command",
        "bot_id",
        "enterprise",
        "function_data",
        "is_ext_shared_channel",
        "state",
        "inputs",
        "workflow_step",
        "tab",
        "response_url",
        "bot_access_token",
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "T111"])


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(_NAMES, inner, max_size=4)


_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | _objects(inner)
        | st.builds(lambda kind, more: more | {"type": kind}, _TYPES, _objects(inner))
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(_TYPES, st.dictionaries(_NAMES, _VALUES, max_size=6))
async def test_no_signed_payload_ends_in_an_error_of_the_bot(
    http: Desk, kind: str, fields: dict[str, Any]
) -> None:
    raw = json.dumps(fields | {"type": kind}).encode()
    assert (await http.post(raw, signed(raw) | JSON))[0] in (200, 400, 404)
