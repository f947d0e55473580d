"""Forged, broken and repeated payloads: read into harmless values, or said to be wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.typed import words_of
from bot.requests.model import ClickKind
from bot.requests.plans.bounds import Bounds
from bot.slack.inbound.payloads import (
    FieldsUnreadable,
    click_of,
    denial_of,
    form_key,
    form_requester,
    kind_of,
    requester_of,
    wish_for_plan,
    wish_of,
)

KEYS = (
    *("actions", "action_id", "action_ts", "value", "user", "id", "team", "team_id", "username"),
    *("channel", "container", "message_ts", "view", "state", "values", "private_metadata", "hash"),
    *("reason", "keep", "disks", "how", "vm", "selected_option", "selected_options", "blocks"),
    *("block_id", "element", "options", "keep_minutes", "break_glass", "consistent", "button"),
)
texts = st.text(max_size=300) | st.sampled_from(("request:approve", "3d", "\x00", "\ud800", "{}"))
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
json_values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=30,
)
bodies = st.dictionaries(st.sampled_from(KEYS), json_values)
with_metadata = st.builds(
    lambda body, said: body | {"view": {"private_metadata": json.dumps(said), **body}},
    bodies,
    json_values,
)


def is_storable(text: str) -> bool:
    text.encode("utf-8")
    return "\x00" not in text and len(text) <= 500


@given(bodies | with_metadata)
def test_no_payload_breaks_the_reading_and_every_text_can_be_stored(body: dict[str, Any]) -> None:
    """Only what a person filled in wrongly is refused, and then with the field named."""
    kind_of(body), form_key(body), form_requester(body)
    click = click_of(body, ClickKind.APPROVE)
    assert all(is_storable(str(getattr(click, name))) for name in click.__slots__)
    assert is_storable(requester_of(body).user_name)
    planned = partial(wish_for_plan, chosen_vm=lambda _: "")
    for read in (partial(wish_of, bounds=Bounds()), planned):
        with suppress(FieldsUnreadable):
            wish = read(body)
            assert all(map(is_storable, (wish.vm, wish.reason, *wish.disks)))
    with suppress(FieldsUnreadable):
        assert denial_of(body).kind is ClickKind.DENY


@pytest.mark.parametrize(
    "name", ["", "request:", "request:explode", "request:APPROVE", "approve x"]
)
def test_a_button_of_another_kind_is_no_click(name: str) -> None:
    assert kind_of({"actions": [{"action_id": name}]}) is None


def test_a_press_is_told_from_the_next_by_slacks_own_times() -> None:
    def pressed(at: str, user: str = "U111") -> str:
        action = {"action_id": "request:approve", "action_ts": at, "value": "b-1"}
        body = {"actions": [action], "user": {"id": user}, "team": {"id": "T111"}}
        return click_of(body, ClickKind.APPROVE).id

    assert pressed("1.1") == pressed("1.1")
    assert len({pressed("1.1"), pressed("1.2"), pressed("1.1", "U222")}) == 3


def test_the_team_is_the_one_of_the_app_and_not_what_a_stranger_brings() -> None:
    body = {"team": {"id": "T111"}, "user": {"id": "U9", "team_id": "T999", "name": "olu"}}
    assert requester_of(body).team_id == "T111"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("snapshot web-01 it didn't work", ["snapshot", "web-01", "it", "didn't", "work"]),
        ("snapshot 'web 01' the disks' turn", ["snapshot", "web 01", "the", "disks'", "turn"]),
        ('x "it\'s one reason"', ["x", "it's one reason"]),
        ("x isn’t it", ["x", "isn't", "it"]),
    ],
)
def test_apostrophes_are_no_quotation_marks(text: str, words: list[str]) -> None:
    assert words_of(text) == words
