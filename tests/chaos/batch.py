"""A batch: one system, in which many schedules play at once, judged when all of it rests."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.database.embedded import EmbeddedPostgres
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.demo import MANIFEST
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from tests.chaos.blows import Journal, Noticing, Stage
from tests.chaos.calls import Calls, middleware_of
from tests.chaos.counts import count_of
from tests.chaos.crew import Crew
from tests.chaos.evidence import Evidence
from tests.chaos.gathering import ends, gathered, is_done
from tests.chaos.history import install
from tests.chaos.oracle import judge
from tests.chaos.play import REST_SECONDS, Play
from tests.chaos.report import Tally
from tests.chaos.schedules import Ending, Schedule
from tests.chaos.setting import chaos_world, fill_workspace, write_rules
from tests.chaos.watcher import Watcher, connected

WORKERS = 2
LEASE_SECONDS = 3.0
#: Longer than a lease, and than the time after which a worker counts as gone.
PAUSE_SECONDS = 6.0
#: After all rests, a worker that slept must have had the time to do harm.
_SETTLE_SECONDS = LEASE_SECONDS + 1.0
_LONGEST_BATCH_SECONDS = 420.0
_LOOK_SECONDS = 0.5
SETTINGS = {
    "VMBACKUP_LEASE_SECONDS": f"{LEASE_SECONDS:g}",
    "VMBACKUP_SWEEP_SECONDS": "1",
    "VMBACKUP_POLL_SECONDS": "0.5",
    "VMBACKUP_HEARTBEAT_SECONDS": "1",
    "VMBACKUP_STALLED_SECONDS": "4",
}


@dataclass(frozen=True)
class Ground:
    """What batches share: the server, a directory for logs, and how long people wait."""

    server: EmbeddedPostgres
    home: Path
    workers: int = WORKERS
    rest_seconds: float = REST_SECONDS

    def keywords(self, database: str) -> Mapping[str, str]:
        return {**self.server.connection_keywords, "dbname": database}

    def socket(self) -> Path:
        """Where the server's own socket is, whenever somebody connects."""
        keywords = self.server.connection_keywords
        return Path(keywords["host"]) / f".s.PGSQL.{keywords['port']}"


async def play_batch(ground: Ground, found: Sequence[Schedule], tally: Tally) -> None:
    """Plays these schedules, and adds what came of them to the tally."""
    name = f"chaos_{found[0].number}_{found[-1].number}"
    home = ground.home / name
    home.mkdir(mode=0o755)
    async with await connected(ground.server.connection_keywords) as connection:
        await connection.execute(f"CREATE DATABASE {name}".encode())
    world, resources = chaos_world(found)
    watcher = Watcher(ground.keywords(name))
    watching = asyncio.create_task(watcher.run())
    try:
        async with _staged(ground, world, found, home) as (stage, calls):
            async with await connected(ground.keywords(name)) as connection:
                await install(connection)
            plays = await _played(stage, watcher, found, ground.rest_seconds)
            await _settle(stage, watcher, ground.rest_seconds)
            if watching.done():
                watching.result()  # it ends by a mistake of its own only
            played = [play.played for play in plays]
            asked, blows = calls.asked, stage.journal.blows
            evidence = await gathered(ground.keywords(name), resources, played, asked, blows)
        _add(tally, stage, plays, evidence)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


@asynccontextmanager
async def _staged(
    ground: Ground, world: World, found: Sequence[Schedule], home: Path
) -> AsyncIterator[tuple[Stage, Calls]]:
    journal, rules = Journal(), home / "vmbackup.toml"
    write_rules(found, rules)
    azure, slack = AzureStandIn(world), SlackStandIn(read_manifest(MANIFEST))
    azure.faults, slack.faults = Noticing(journal.met), Noticing(journal.met)
    fill_workspace(slack)
    crew = Crew(azure, slack, ground.socket, home.name, rules, SETTINGS, ground.workers)
    calls = Calls(crew.name_at)
    azure.outermost, slack.outermost = [middleware_of(calls)], [middleware_of(calls)]
    server = ground.server
    async with azure, slack, crew:
        yield Stage(azure, slack, crew, journal, lambda: server.process_id, PAUSE_SECONDS), calls


async def _played(
    stage: Stage, watcher: Watcher, found: Sequence[Schedule], rest_seconds: float
) -> list[Play]:
    locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    plays = [Play(stage, watcher, schedule, locks, rest_seconds) for schedule in found]
    async with asyncio.timeout(_LONGEST_BATCH_SECONDS):
        await asyncio.gather(*(play.run() for play in plays))
    return plays


async def _settle(stage: Stage, watcher: Watcher, rest_seconds: float) -> None:
    """Wait for what nobody plays any more: deletions, a command that came twice, sleepers."""
    until = stage.journal.last_at + rest_seconds
    while watcher.is_busy and time.monotonic() < until:
        await watcher.next_look(_LOOK_SECONDS)
    await asyncio.sleep(_SETTLE_SECONDS)
    await watcher.next_look(_LOOK_SECONDS)


def _add(tally: Tally, stage: Stage, plays: Sequence[Play], evidence: Evidence) -> None:
    schedules = [play.schedule for play in plays]
    wanted = [play for play in plays if play.schedule.ending is Ending.APPROVED]
    tally.schedules += schedules
    tally.fired += stage.journal.fired
    tally.ends += ends(evidence)
    tally.wanted_done += len(wanted)
    tally.got_done += sum(is_done(evidence, play.played.vm_id) for play in wanted)
    tally.violations += judge(evidence)
    tally.counted += Counter(count_of(evidence.counted))
    tally.starts += stage.crew.starts
    tally.ended_by_themselves += stage.crew.ended_by_themselves
    tally.audit_rows += len(evidence.audit)
    tally.made += len(evidence.made)
    longest = max((play.rested_after_seconds for play in plays), default=0.0)
    tally.longest_rest_seconds = max(tally.longest_rest_seconds, longest)
