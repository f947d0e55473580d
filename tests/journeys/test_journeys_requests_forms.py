"""Forms and commands that Slack's page would not send: forged, cut short, or by a stranger.

Nothing of this changes Azure, and nothing is shown but text: the fixture looks after each test.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from deploy.local.slack.courier import Delivery
from deploy.local.slack.http_delivery import body_of, signed_headers
from deploy.local.slack.people import ADA, BOT, DENNIS, GRACE, OLU
from tests.journeys.requesting_system import CORNERS, GUS, Requesting
from tests.journeys.running_system import GRAPH

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASK, VM_FORM = "snapshot:ask", "snapshot:vm"
LONG = "long " * 20_000


def filled(reason: Any = "why not", keep: Any = "1h", **more: Any) -> dict[str, Any]:
    """The state of the form with a plan."""
    typed = {"reason": reason, "keep": keep, **more}
    return {name: {name: {"value": value}} for name, value in typed.items()}


def carried(vm: Any, channel: Any = "C69CORNER", **more: Any) -> str:
    return json.dumps({"vm": vm, "channel": channel, **more})


async def count(place: Requesting) -> int:
    (row,) = await place.rows("SELECT count(*) FROM requests")
    return int(row["count"])


# --- forms -----------------------------------------------------------------------------------


async def test_a_form_of_an_unknown_name_is_taken_by_nobody(
    requests_over_http: Requesting,
) -> None:
    place, before = requests_over_http, await count(requests_over_http)
    for name in ("snapshot:ask2", "", "<!here>", "said", "request:approve", "{0}"):
        outcome = await place.forge(place.form_of(ADA.id, name, carried("wiki-01"), filled()))
        assert outcome.why == "http_error"
    assert await count(place) == before


METADATA: list[str] = [
    "",
    "no json",
    "[" * 3000,
    "[]",
    '"text"',
    "null",
    '{"vm": {"a": 1}, "channel": ["x"]}',
    '{"vm": "wiki-01"}',
    '{"vm": "wiki-01", "channel": "\\u0000"}',
]


async def test_a_form_that_carries_something_else_asks_for_nothing(
    either_quiet: Requesting,
) -> None:
    place, before = either_quiet, await count(either_quiet)
    for metadata in METADATA:
        outcome = await place.forge(place.form_of(ADA.id, ASK, metadata, filled()))
        assert not outcome.why
        assert outcome.answer == {
            "response_action": "errors",
            "errors": {"reason": "Slack does not say who this is and where. Nothing was done."},
        }
    assert await count(place) == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "reason"),
        (filled(reason=""), "reason"),
        (filled(reason=None), "reason"),
        (filled(reason={"a": 1}), "reason"),
        (filled(reason="\u202e\u200b"), "reason"),
        (filled(keep=""), "keep"),
        (filled(keep="forever"), "keep"),
        (filled(keep="9" * 5000 + "d"), "keep"),
        (filled(keep=["3d"]), "keep"),
        ({"reason": "x", "keep": "y"}, "reason"),
        ([], "reason"),
    ],
)
async def test_what_is_missing_in_a_form_is_said_on_its_field(
    quiet: Requesting, values: Any, field: str
) -> None:
    before = await count(quiet)
    form = quiet.form_of(ADA.id, ASK, carried("wiki-01"), {})
    form["view"]["state"] = {"values": values}
    outcome = await quiet.forge(form)
    assert outcome.answer["response_action"] == "errors"
    assert field in outcome.answer["errors"]
    assert await count(quiet) == before


#: What the form carries -> how the request that comes of it ends.
CHANGED = {
    carried("web-01' or 1==1 | project id"): "is not the name of a VM",
    carried("/subscriptions/../resourceGroups/x"): "is not the name of a VM",
    carried("v" * 5000): "This is not the name of a VM",
    carried("report-01"): "No rule says who approves a snapshot of report-01, so nobody may.",
    carried("wiki-01", break_glass=True): "may not break the glass",
}


async def test_a_form_that_carries_another_wish_is_judged_by_what_it_asks(
    quiet: Requesting,
) -> None:
    ids = {}
    for metadata, why in CHANGED.items():
        outcome = await quiet.forge(quiet.form_of(ADA.id, ASK, metadata, filled(LONG)))
        assert outcome.answer["response_action"] == "update"
        (row,) = await quiet.rows("SELECT id FROM requests ORDER BY asked_at DESC LIMIT 1")
        ids[row["id"]] = why
    assert len(ids) == len(CHANGED)
    for request_id, why in ids.items():
        row = await quiet.until_state(request_id, "refused")
        assert why in row["why"]
        assert len(row["wish"]["reason"]) <= 500


async def test_disks_that_are_not_the_vms_are_refused_by_name(quiet: Requesting) -> None:
    chosen = [{"value": "../../disks/other"}, {"value": "os"}, {"value": ["x"]}, "text"]
    values = filled() | {"disks": {"disks": {"selected_options": chosen}}}
    await quiet.forge(quiet.form_of(ADA.id, ASK, carried("wiki-01"), values))
    (row,) = await quiet.rows("SELECT id FROM requests ORDER BY asked_at DESC LIMIT 1")
    refused = await quiet.until_state(row["id"], "refused")
    assert "../../disks/other" in refused["why"]


@pytest.mark.parametrize("vm", ["web-01' or 1==1 | project id", "<!here>|*x*", "v" * 5000])
async def test_the_form_and_the_button_for_a_vm_say_that_it_is_none(
    quiet: Requesting, vm: str
) -> None:
    """The button under an advice carries a VM, too, and is believed as little."""
    named = {"vm": {"vm": {"value": vm}}}
    outcome = await quiet.forge(quiet.form_of(ADA.id, VM_FORM, carried(""), named))
    assert outcome.answer["response_action"] == "update"
    press = quiet.press_of(ADA.id, vm, None, "corner-13", action_id="advise:snapshot")
    assert not (await quiet.forge(press)).why
    await quiet.slack.until(lambda: "is not the name of a VM" in _shown(quiet, "ada"))
    await quiet.slack.close("ada", everything=True)
    assert quiet.azure.counts[GRAPH] == 0


async def test_the_button_for_a_vm_shows_a_guest_no_plan(quiet: Requesting) -> None:
    press = quiet.press_of(GUS.id, "web-01", None, "corner-12", action_id="advise:snapshot")
    assert not (await quiet.forge(press)).why
    await quiet.slack.until(lambda: "gus is a guest" in _shown(quiet, GUS.id))
    assert quiet.azure.counts[GRAPH] == 0


def _shown(place: Requesting, user: str) -> str:
    view = place.slack.modal(user)
    return str(view.given) if view else ""


# --- the signature ---------------------------------------------------------------------------


async def test_a_press_that_slack_did_not_sign_or_that_comes_again_is_no_press(
    requests_over_http: Requesting,
) -> None:
    """Byte by byte the same: wrongly signed, signed, signed again, and too late."""
    place, since = requests_over_http, await requests_over_http.now()
    press = place.press_of(GRACE.id, "AAAA", None, "corner-11")
    raw, content_type = body_of(Delivery("interactive", press))
    stamp = time.time()
    secret = place.slack.signing_secret.encode()
    tries = [
        (b"another secret", stamp, 401),
        (secret, stamp, 200),
        (secret, stamp, 200),
        (secret, stamp - 301, 401),
        (secret, stamp + 1, 200),
    ]
    async with aiohttp.ClientSession() as session:
        for key, at, status in tries:
            headers = signed_headers(key, raw, str(int(at))) | {"Content-Type": content_type}
            async with session.post(place.slack.request_url, data=raw, headers=headers) as answer:
                assert answer.status == status
    await place.until_answered(1, since, GRACE.id)
    assert place.changed_nothing()


# --- who may not -----------------------------------------------------------------------------

STRANGERS = {
    GUS.id: "gus is a guest in this workspace",
    OLU.id: "olu belongs to another workspace",
    DENNIS.id: "The account of Dennis is deactivated",
    BOT.id: "vmbackup is an app; only people",
    "U98NOBODY": "Slack does not say now who this person is",
}


@pytest.mark.parametrize("words", ["snapshots", "requests", "snapshots wiki-01"])
async def test_whoever_may_not_ask_may_not_list(quiet: Requesting, words: str) -> None:
    for who, why in STRANGERS.items():
        before = quiet.seen("corner-17")
        command = quiet.command_of(who, words, "corner-17")
        assert not (await quiet.forge(command, "slash_commands")).why
        (told,) = await quiet.until_there(before, "corner-17")
        assert told.only_for == who
        assert told.text.lower().startswith(why.lower())
        assert "r-" not in told.text


async def test_whoever_may_not_ask_gets_nothing_by_any_command(either_quiet: Requesting) -> None:
    """Nor what there is: a request that is not there is answered like any other."""
    place = either_quiet
    commands = (
        "snapshot wiki-01 why",
        "snapshot wiki-01 why --break-glass",
        "restore r-000000000000 why",
        "copy r-000000000000 northeurope why",
        "extend r-000000000000 2d why",
    )
    known = [who for who in STRANGERS if who != "U98NOBODY"]
    for who in known:
        for words, corner in zip(commands, CORNERS, strict=False):
            command = place.command_of(who, words, corner)
            outcome = await place.forge(command, "slash_commands")
            assert " sent to " in outcome.answer["text"]
    await place.until_row(
        "SELECT 1 FROM requests WHERE requester_user = ANY(%s) AND state = 'refused'"
        " HAVING count(*) = %s",
        known,
        len(known) * len(commands),
    )
    for who in known:
        rows = await place.rows("SELECT why, plan FROM requests WHERE requester_user = %s", who)
        assert {row["plan"] for row in rows} == {None}
        assert all(row["why"].lower().startswith(STRANGERS[who].lower()) for row in rows)


async def test_a_guest_who_sends_the_form_is_refused_too(quiet: Requesting) -> None:
    for who in (GUS.id, OLU.id):
        form = quiet.form_of(who, ASK, carried("wiki-01", channel="C51CORNER"), filled())
        assert not (await quiet.forge(form)).why
        await quiet.until_row(
            "SELECT 1 FROM requests WHERE requester_user = %s AND requester_channel = 'C51CORNER'"
            " AND state = 'refused'",
            who,
        )


async def test_a_command_of_nobody_is_not_one_of_vmbackup_itself(quiet: Requesting) -> None:
    """An empty id is how the bot writes itself down, and nobody else may be that."""
    before = await count(quiet)
    outcome = await quiet.forge(quiet.command_of("", "snapshot wiki-01 why"), "slash_commands")
    assert outcome.answer["text"].startswith("Slack does not say who this is")
    assert await count(quiet) == before


# --- again -----------------------------------------------------------------------------------


async def test_a_command_delivered_again_is_the_same_request_and_a_second_is_pointed_to_it(
    either_quiet: Requesting,
) -> None:
    place = either_quiet
    first, _ = await place.waiting("sql-01")
    delivered = next(
        each for each in reversed(place.slack.deliveries) if each.delivery.kind == "slash_commands"
    )
    before = await count(place)
    outcomes = await asyncio.gather(*(place.slack.deliver_again(delivered) for _ in range(20)))
    assert {outcome.why for outcome in outcomes} == {""}
    assert await count(place) == before
    second = await place.ask_for(
        "snapshot sql-01 for another reason", user="linus", channel="corner-14"
    )
    row = await place.until_state(second, "refused")
    assert row["why"] == f"{first} is under way for the same."
    await place.until_told("linus", first, "corner-14")
    (kept,) = await place.rows("SELECT state FROM requests WHERE id = %s", first)
    assert kept["state"] == "waiting"


async def test_a_denial_with_another_requests_button_is_judged_where_it_was_sent(
    quiet: Requesting,
) -> None:
    """The form of a denial carries a button; whatever it carries, the rules hold for that one."""
    request_id, card = await quiet.waiting("pg-01", "x")
    metadata = {
        "button": await quiet.button(request_id),
        "channel": quiet.slack.where("office"),
        "ts": card.ts,
    }
    reason = {"reason": {"reason": {"value": "no"}}}
    form = quiet.form_of(GRACE.id, "request:deny", json.dumps(metadata), reason)
    assert not (await quiet.forge(form)).why
    await quiet.until_told("grace", "This request is not decided here", "office")
    (row,) = await quiet.rows("SELECT state FROM requests WHERE id = %s", request_id)
    assert row["state"] == "waiting"
