"""The crew really ends, stops and restarts processes, and faults reach the right schedule's VM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.demo import MANIFEST
from deploy.local.faults import Asked
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from tests.chaos.blows import Journal, Noticing, Stage, armed
from tests.chaos.crew import Crew
from tests.chaos.report import Fired
from tests.chaos.schedules import FAULTS_OF_AZURE, FAULTS_OF_WORK, Fault, Kind, Schedule, schedules
from tests.chaos.setting import chaos_world, fill_workspace, group_of, write_rules
from tests.chaos.watcher import connected, rows
from tests.databases import Served

TWO = list(schedules(1, 2, 1.0))
FIRST, SECOND = TWO


@pytest.fixture
async def stage(served: Served, data_directory: Path) -> AsyncIterator[Stage]:
    """Two bots behind their proxies, at both stand-ins."""
    rules, journal = data_directory / "vmbackup.toml", Journal()
    write_rules(TWO, rules)
    world, _ = chaos_world(TWO)
    azure, slack = AzureStandIn(world), SlackStandIn(read_manifest(MANIFEST))
    azure.faults = Noticing(journal.met)
    fill_workspace(slack)
    keywords = served.connection_keywords
    socket = Path(keywords["host"]) / f".s.PGSQL.{keywords['port']}"
    crew = Crew(azure, slack, lambda: socket, keywords["dbname"], rules, {}, 2)
    async with azure, slack, crew:
        yield Stage(azure, slack, crew, journal, lambda: None, 0.5)


def with_fault(schedule: Schedule, fault: Fault) -> Schedule:
    return replace(schedule, faults=(fault,))


async def test_a_killed_process_is_started_again_and_the_other_goes_on(stage: Stage) -> None:
    killed, other = stage.crew.members
    before = killed.process_id, other.process_id
    assert killed.kill()
    await stage.slack.until(lambda: stage.slack.sockets.count == 1, 10)
    await stage.slack.until(lambda: stage.slack.sockets.count == 2, 30)
    assert killed.process_id not in (None, before[0])
    assert other.process_id == before[1]
    assert stage.crew.ended_by_themselves == 0


async def test_a_process_that_is_killed_at_a_message_is_the_one_behind_that_proxy(
    stage: Stage,
) -> None:
    member = stage.crew.members[FIRST.number % 2]
    before = member.process_id
    fault = Fault(Kind.KILL_AT_MESSAGE, number=0, passes=True)
    armed(stage, with_fault(FIRST, fault))
    assert stage.journal.fired == []
    async with asyncio.timeout(30):  # the worker looks for jobs all the while
        while member.process_id in (None, before):
            await asyncio.sleep(0.05)
    assert stage.journal.fired == [Fired(Kind.KILL_AT_MESSAGE, FIRST.number)]
    assert stage.crew.members[1 - FIRST.number % 2].starts == 1


async def test_a_paused_process_stands_still_and_goes_on(stage: Stage) -> None:
    member = stage.crew.members[0]
    assert member.pause(1.0)
    process = psutil.Process(member.process_id)
    for stands_still in (True, False):
        async with asyncio.timeout(10):
            while (process.status() == psutil.STATUS_STOPPED) is not stands_still:
                await asyncio.sleep(0.02)
    assert member.starts == 1


async def test_a_process_is_paused_right_after_a_commit_and_it_is_noted_as_hit(
    stage: Stage,
) -> None:
    member = stage.crew.members[FIRST.number % 2]
    armed(stage, with_fault(FIRST, Fault(Kind.PAUSE_AT_COMMIT)))
    async with asyncio.timeout(30):  # the worker looks for jobs all the while
        while not stage.journal.fired:
            await asyncio.sleep(0.05)
    (blow,) = stage.journal.blows
    assert blow.who == member.name
    assert (blow.until - blow.at).total_seconds() == stage.pause_seconds


async def test_each_process_names_itself_in_the_database(stage: Stage, served: Served) -> None:
    async with await connected(served.connection_keywords) as connection:
        found = await rows(connection, "SELECT DISTINCT application_name FROM pg_stat_activity")
    named = {each["application_name"] for each in found}
    assert {member.name for member in stage.crew.members} <= named


async def test_a_connection_is_known_by_its_port(stage: Stage) -> None:
    for member in stage.crew.members:
        found = psutil.Process(member.process_id).net_connections("tcp")
        assert found
        assert stage.crew.owner_of(found[0].laddr.port) is member
        assert stage.crew.name_at(found[0].laddr.port) == member.name
    assert stage.crew.owner_of(1) is None
    assert stage.crew.name_at(1) == ""


@pytest.mark.parametrize("kind", [*FAULTS_OF_AZURE, *FAULTS_OF_WORK])
async def test_a_fault_of_azure_meets_its_own_vm_only_and_is_noted_once(kind: Kind) -> None:
    journal = Journal()
    azure = AzureStandIn(chaos_world(TWO)[0])
    azure.faults = Noticing(journal.met)
    slack = SlackStandIn(read_manifest(MANIFEST))
    stage = Stage(azure, slack, _nobody(azure, slack), journal, lambda: None, 1.0)
    (take_away,) = armed(stage, with_fault(FIRST, Fault(kind, times=2, status=503, seconds=2.0)))
    assert azure.faults.meet(_asked(SECOND)) is None
    assert journal.fired == []
    for _ in range(2):
        assert azure.faults.meet(_asked(FIRST)) is not None
    assert azure.faults.meet(_asked(FIRST)) is None
    assert journal.fired == [Fired(kind, FIRST.number)]
    assert take_away()
    assert not take_away()


def _asked(schedule: Schedule) -> Asked:
    path = f"/subscriptions/s/RESOURCEGROUPS/{group_of(schedule)}/providers/x/snapshots/y"
    return Asked("Snapshots_CreateOrUpdate", "PUT", path)


def _nobody(azure: AzureStandIn, slack: SlackStandIn) -> Crew:
    return Crew(azure, slack, lambda: Path("/"), "none", Path("/none"), {}, 0)
