"""Slack's limits on views: what is just allowed passes, what is beyond is named."""

from __future__ import annotations

from typing import Any

import pytest
from slack_play import plain, section

from deploy.local.slack.limits import view_problems


def entry(element: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "input", "label": plain("L"), "element": element}]


TYPED = {"type": "plain_text_input", "action_id": "a"}


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("t"), "blocks": [section("x")], **more}


VIEWS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "title 24": (modal(title=plain("x" * 24)), modal(title=plain("x" * 25)), "/view/title/text"),
    "submit 24": (
        modal(submit=plain("x" * 24)),
        modal(submit=plain("x" * 25)),
        "/view/submit/text",
    ),
    "close 24": (modal(close=plain("x" * 24)), modal(close=plain("x" * 25)), "/view/close/text"),
    "private metadata 3000": (
        modal(private_metadata="x" * 3000),
        modal(private_metadata="x" * 3001),
        "/view/private_metadata",
    ),
    "callback_id 255": (
        modal(callback_id="x" * 255),
        modal(callback_id="x" * 256),
        "/view/callback_id",
    ),
    "100 blocks": (
        modal(blocks=[section("x")] * 100),
        modal(blocks=[section("x")] * 101),
        "/view/blocks",
    ),
    "no blocks": (modal(), modal(blocks=[]), "/view/blocks"),
    "input wants submit": (
        modal(blocks=entry(TYPED), submit=plain("s")),
        modal(blocks=entry(TYPED)),
        "/view",
    ),
    "alert 200": (
        modal(blocks=[{"type": "alert", "text": plain("x" * 200)}]),
        modal(blocks=[{"type": "alert", "text": plain("x" * 201)}]),
        "/view/blocks/0/text/text",
    ),
    "alert level": (
        modal(blocks=[{"type": "alert", "text": plain("x"), "level": "error"}]),
        modal(blocks=[{"type": "alert", "text": plain("x"), "level": "loud"}]),
        "/view/blocks/0/level",
    ),
    "markdown only in messages": (
        modal(),
        modal(blocks=[{"type": "markdown", "text": "x"}]),
        "/view/blocks/0/type",
    ),
    "no title": (modal(), {"type": "modal", "blocks": [section("x")]}, "/view"),
    "a kind of view nobody knows": (modal(), modal(type="sheet"), "/view/type"),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_beyond_a_limit_is_refused_with_the_path(name: str) -> None:
    allowed, beyond, pointer = VIEWS[name]
    assert view_problems(allowed) == []
    (problem,) = view_problems(beyond)
    assert problem.endswith(f"[json-pointer:{pointer}]")
