"""Requests from the command to their end, with the true bot: what acts, and acts once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import GRACE, LINUS
from tests.journeys.requesting_system import Requesting

pytestmark = pytest.mark.asyncio(loop_scope="session")

TAKE, DELETE = "Snapshots_CreateOrUpdate", "Snapshots_Delete"


async def test_a_request_is_asked_approved_taken_said_and_listed(
    either_desk: Requesting,
) -> None:
    desk = either_desk
    request_id = await desk.ask_for("snapshot web-01 before kernel update --keep 3d")
    card = await desk.card(request_id)
    assert card.channel == desk.slack.where("shop")
    assert "before kernel update" in card.text
    assert desk.acts() == []
    assert not (await desk.slack.press("grace", card, "request:approve")).problem
    said = await desk.until_shown(card.channel, lambda one: "It is taken" in one.text)
    assert said.thread_ts == card.ts
    made = desk.made_of(request_id)
    assert len(made) == 2
    assert desk.acts() == [TAKE] * 2
    for body in made:
        assert body["properties"]["networkAccessPolicy"] == "DenyAll"
        assert body["properties"]["publicNetworkAccess"] == "Disabled"
        assert body["id"].lower() in said.text.lower()
    await _is_listed(desk, request_id, [body["name"] for body in made])
    await _is_audited(desk, request_id, said.text)


async def _is_listed(desk: Requesting, request_id: str, names: list[str]) -> None:
    listed = (await desk.ask("snapshots web-01", channel="corner-1")).answer
    assert listed.only_for == desk.slack.who("ada")
    assert all(name in listed.text for name in names)
    requests = (await desk.ask("requests web-01", channel="corner-1")).answer
    assert f"{request_id}: Snapshot of web-01, done, 2 snapshots (" in requests.text


async def _is_audited(desk: Requesting, request_id: str, said: str) -> None:
    """The chain is whole, knows the head that the thread says, and tells the workflow."""
    thread = " ".join(one.text for one in desk.slack.messages("shop"))
    noted = thread.partition("Audit: ")[2][:64]
    assert "The audit is whole" in await desk.audit_says("verify", "--head", noted)
    shown = await desk.audit_says("show", request_id)
    told = [shown.index(word) for word in ("asked", "planned", "approved", "begun", "done")]
    assert told == sorted(told)
    assert "U02GRACE" in shown


async def test_twenty_presses_and_twenty_redeliveries_take_each_disk_once(
    either_desk: Requesting,
) -> None:
    """Two approvers press at once, ten times each; then every delivery comes a second time."""
    desk = either_desk
    request_id, card = await desk.waiting("erp-01")
    people = ["grace", "linus"] * 10
    begun = len(desk.slack.deliveries)
    await asyncio.gather(*(desk.slack.press(who, card, "request:approve") for who in people))
    pressed = desk.slack.deliveries[begun:]
    assert len(pressed) == 20
    again = await asyncio.gather(*(desk.slack.deliver_again(each) for each in pressed))
    assert {each.why for each in again} == {""}
    await desk.until_state(request_id, "done")
    await desk.until_row(
        "SELECT 1 FROM clicks WHERE button = (SELECT button FROM requests WHERE id = %s)"
        " HAVING count(*) = 20 AND count(answered_at) = 20",
        request_id,
    )
    (approval,) = await desk.rows("SELECT * FROM approvals WHERE request_id = %s", request_id)
    assert approval["user_id"] in (GRACE.id, LINUS.id)
    assert desk.acts() == [TAKE] * 2
    assert len({body["properties"]["uniqueId"] for body in desk.made_of(request_id)}) == 2
    answers = await desk.rows(
        "SELECT DISTINCT user_id FROM messages WHERE key LIKE 'answer-%%' AND request_id = %s",
        request_id,
    )
    assert {row["user_id"] for row in answers} == {GRACE.id, LINUS.id}


async def test_what_is_made_is_restored_by_its_name_after_another_approval(
    desk: Requesting,
) -> None:
    snapshot = await _taken(desk, "dev-04")
    desk.azure.forget()
    request_id = await desk.ask_for(f"restore {snapshot['name']} it went wrong", channel="corner-2")
    card = await desk.card(request_id)
    assert desk.acts() == []
    await desk.slack.press("linus", card, "request:approve")
    await desk.until_state(request_id, "done")
    assert sorted(set(desk.acts())) == [
        "Disks_CreateOrUpdate",
        "VirtualMachines_AttachDetachDataDisks",
    ]


async def test_what_has_expired_is_deleted_once_and_nothing_else_is(desk: Requesting) -> None:
    """The hour is turned by the row of the ledger and the tag: nobody waits three days."""
    snapshot = await _taken(desk, "test-01")
    others = len(desk.azure.world.of_type("Microsoft.Compute/snapshots")) - 1
    desk.azure.forget()
    request_id = snapshot["tags"]["vmbackup-request"]
    over = datetime.now(UTC).replace(microsecond=0)
    snapshot["tags"]["vmbackup-expires"] = f"{over:%Y-%m-%dT%H:%M:%SZ}"
    for table, column in (("requests", "id"), ("points", "request_id")):
        query = f"UPDATE {table} SET expires_at = %s WHERE {column} = %s"
        await desk.rows(query, over, request_id)
    await desk.until_row(
        "SELECT 1 FROM requests WHERE action = 'delete' AND of_request = %s AND state = 'done'",
        request_id,
    )
    assert desk.azure.world.get(snapshot["id"]) is None
    assert desk.acts() == [DELETE]
    assert len(desk.azure.world.of_type("Microsoft.Compute/snapshots")) == others


async def _taken(desk: Requesting, vm: str) -> dict[str, Any]:
    """One snapshot, of the OS disk alone."""
    request_id = await desk.ask_for(f"snapshot {vm} before the update --disks os")
    await desk.slack.press("grace", await desk.card(request_id), "request:approve")
    await desk.until_state(request_id, "done")
    (made,) = desk.made_of(request_id)
    return made


async def test_the_words_of_azures_refusal_are_text(desk: Requesting) -> None:
    """They hold names that somebody gave; the request fails, and the thread repeats them."""
    words = "<!channel> <https://evil.example|Click> \u202e\n`x` {0} *bold*"
    fault = Fault(Kind.STATUS, TAKE, status=409, code="QuotaExceeded", message=words, times=None)
    desk.put(fault)
    request_id, card = await desk.waiting("db-01")
    await desk.slack.press("grace", card, "request:approve")
    await desk.until_state(request_id, "failed")
    assert desk.made_of(request_id) == []
    said = await desk.until_shown("north", lambda one: "failed, and nothing" in one.text)
    assert "&lt;!channel&gt; &lt;https://evil.example|Click&gt; `x` {0} *bold*" in " ".join(
        said.text.split()
    )
