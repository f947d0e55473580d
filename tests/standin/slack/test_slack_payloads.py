"""What the stand-in delivers has the fields and types of Slack's own samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from slack_play import plain, rich_manifest, section

from deploy.local.slack import payloads
from deploy.local.slack.courier import Delivery
from deploy.local.slack.http_delivery import signed_headers
from deploy.local.slack.people import ADA, BOT_ID, channels
from deploy.local.slack.sockets import envelope
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message

SAMPLES = Path(__file__).parents[3].parent / "shared" / "slack"
OPS, HOME = channels()[0], channels()[-1]
MESSAGE = Message("C01OPS", "1.2", "U1", "hi", [section("x")])
GIVEN = {
    "type": "modal",
    "title": plain("t"),
    "submit": plain("s"),
    "close": plain("c"),
    "blocks": [section("x")],
}
KEPT = SlackStandIn(rich_manifest()).workspace.kept_view(GIVEN)
VIEW = View("V1", ADA.id, KEPT, "1.a", root_id="V1")
#: Of Enterprise Grid, which the played workspace is not; or left to Slack by our facts.
ABSENT = {"enterprise_id", "enterprise_name", "client_msg_id", "ssl_check"}


def sample(name: str) -> Any:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is not there: Slack's samples were not supplied.")
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else dict(parse_qsl(text))


def differences(theirs: Any, ours: Any, at: str = "") -> list[str]:
    """Fields of theirs that ours lack, and fields of another type; null fits everything."""
    if theirs is None or ours is None:
        return []
    if isinstance(theirs, bool) or type(theirs) is not type(ours):
        return [] if type(theirs) is type(ours) else [f"{at}: {theirs!r} is not like {ours!r}"]
    if isinstance(theirs, list):
        return differences(theirs[0], ours[0], f"{at}/0") if theirs and ours else []
    if not isinstance(theirs, dict):
        return []
    found = [f"{at}/{name} is missing" for name in sorted(set(theirs) - set(ours) - ABSENT)]
    for name in set(theirs) & set(ours) - {"blocks", "values", "element"}:
        found += differences(theirs[name], ours[name], f"{at}/{name}")
    return found


def command() -> dict[str, Any]:
    return payloads.slash_command(
        ADA, OPS, "/vmbackup", "help", response_url="http://127.0.0.1:1/c", trigger_id="1.2.3"
    )


def actions() -> dict[str, Any]:
    action = {
        "type": "button",
        "action_id": "a",
        "block_id": "b",
        "text": plain("x") | {"emoji": True},
        "value": "v",
        "action_ts": "1.2",
    }
    return payloads.block_actions(ADA, [action], trigger_id="1.2.3", values={})


SHAPES = {
    "requests/payload_utils.slash_command_body.L120.obj.json": command,
    "requests/asgi_http.body.L72.form.txt": command,
    "requests/block_actions.body.L161.block_actions.json": lambda: (
        actions() | payloads.on_message(MESSAGE, OPS, "http://127.0.0.1:1/a")
    ),
    "requests/view_submission.body.L17.view_submission.json": lambda: payloads.view_submission(
        ADA, VIEW, "1.2.3"
    ),
    "requests/view_closed.body.L140.view_closed.json": lambda: (
        payloads.view_closed(ADA, VIEW, False) | {"response_urls": []}
    ),
    "requests/asgi_http.body_data.L153.shortcut.json": lambda: payloads.global_shortcut(
        ADA, "c", "1.2", "1.2.3"
    ),
    "requests/app_using_methods_in_class.payload.L61.message_action.json": lambda: (
        payloads.message_shortcut(ADA, "c", "1.2", "1.2.3", MESSAGE, OPS)
        | {"response_url": "http://127.0.0.1:1/a"}
    ),
    "requests/events_org_apps.event_payload.L153.event_callback.app_home_opened.json": lambda: (
        payloads.event("Ev1", 1.5, payloads.app_home_opened(ADA, HOME, "1.2", None))
    ),
    "requests/app.app_mention_event_body.L334.event_callback.app_mention.json": lambda: (
        payloads.event("Ev1", 1.5, payloads.app_mention(ADA, MESSAGE)) | {"authed_users": []}
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_delivery_has_the_fields_and_types_of_slacks_sample(name: str) -> None:
    ours = json.loads(json.dumps(SHAPES[name]()))
    assert differences(sample(name), ours) == []


ENVELOPES = {
    "0.slash_commands.hello-socket-mode": Delivery("slash_commands", command()),
    "1.events_api.event_callback": Delivery(
        "events_api",
        payloads.event("Ev1", 1.5, payloads.app_mention(ADA, MESSAGE) | {"blocks": []})
        | {"event_context": "x"},
    ),
    "2.interactive.shortcut": Delivery(
        "interactive", payloads.global_shortcut(ADA, "c", "1.2", "1.2.3")
    ),
    "4.interactive.block_actions": Delivery("interactive", actions() | payloads.in_view(VIEW)),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_envelope_has_the_fields_and_types_of_slacks_sample(name: str) -> None:
    theirs = sample(f"sdk-samples/socket_mode.socket_mode_envelopes.{name}.json")
    ours = json.loads(json.dumps(envelope(ENVELOPES[name], "e1")))
    kinds = {"actions"} if name.startswith("4") else set()
    for side in (theirs["payload"], ours["payload"]):
        for kind in kinds:
            side.pop(kind)
    assert differences(theirs, ours) == []
    assert theirs["accepts_response_payload"] == ours["accepts_response_payload"]


def test_a_views_bot_and_apps_are_named_as_slack_names_them() -> None:
    assert VIEW.as_slack()["bot_id"] == BOT_ID


def test_the_signature_is_that_of_slacks_own_vector() -> None:
    vector = sample("sdk-samples/signature_vector.json")
    headers = signed_headers(
        vector["signing_secret"].encode(), vector["body"].encode(), vector["timestamp"]
    )
    assert headers["X-Slack-Signature"] == vector["valid_signature"]
