"""`/vmbackup fleet` as people meet it: acknowledged at once, for whoever asked, a part as one."""

from __future__ import annotations

import pytest

from deploy.local.faults import Fault, Kind
from tests.journeys.requesting_system import GUS, Requesting
from tests.journeys.running_system import GRAPH

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_fleet_is_announced_at_once_and_told_to_whoever_asked(
    either_desk: Requesting,
) -> None:
    told = await either_desk.ask("fleet")
    assert told.acknowledged.text.startswith("Reading ")
    assert told.answer.text.startswith("44 VMs: 27 unprotected, ")
    assert told.answer.only_for == either_desk.slack.who("ada")
    assert "The whole report (fleet-" in told.answer.text
    assert "in your direct messages with this app." in told.answer.text
    assert either_desk.changed_nothing()
    sent = [file for one in either_desk.slack.messages("D01ADA") for file in one.files]
    file = next(each for each in reversed(sent) if each["name"].endswith(".html"))
    page = either_desk.slack.workspace.files[file["id"]].content
    assert page is not None
    assert b"How these VMs are protected" in page


async def test_a_guest_has_no_fleet_and_nothing_is_read(either_desk: Requesting) -> None:
    told = await either_desk.ask("fleet", user=GUS.name)
    assert "44 VMs" not in told.answer.text
    assert either_desk.queries() == []


async def test_a_throttled_estate_is_told_as_a_part(either_desk: Requesting) -> None:
    either_desk.put(
        Fault(Kind.STATUS, GRAPH, status=429, retry_after="0", skip=1, times=None),
    )
    told = await either_desk.ask("fleet")
    assert "This is part of the fleet, not all of it." in told.answer.text
    assert "no VM is called unprotected because of it" in told.answer.text
