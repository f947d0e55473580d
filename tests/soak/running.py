"""A whole run: traffic under weather, then calm, then the clock moves until all has expired."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import psutil

from bot.database.audit import Audit
from bot.database.pool import pooled
from bot.jobs.sweep import FORGET_PEOPLE_SECONDS, HOUSEKEEPING_SECONDS
from tests.chaos.watcher import connected, rows
from tests.soak.ground import ENGINEERS, VMS, Ground, on_ground, vmbackup_tag
from tests.soak.judging import Evidence, Row, Snapshot
from tests.soak.measures import Sample, Stored, sample_of, stored_in
from tests.soak.people import Engineer, Heard, serials
from tests.soak.weather import weather

#: After the traffic everything rests within so long, or it is stuck.
REST_SECONDS = 180.0
_LOOK_SECONDS = 0.5
#: Longer than what is taken is kept.
_EXPIRES = timedelta(minutes=2)
#: After a day Slack delivers nothing again, and after ninety nobody presses under an advice.
A_DAY, AN_AGE = timedelta(hours=25), timedelta(days=91)
#: How long a sweep may take beside all that was played.
_SWEEP_TAKES_SECONDS = 15.0
_SNAPSHOTS = "microsoft.compute/snapshots"

_ROWS = """
    SELECT id, action, state, plan, why,
           coalesce(nullif(wish ->> 'of_request', ''), wish ->> 'reason') AS about
    FROM requests
"""
_BUSY = """
    SELECT (SELECT count(*) FROM requests
            WHERE state IN ('planning', 'approved', 'running')) AS live,
           (SELECT count(*) FROM clicks WHERE answered_at IS NULL) AS clicks,
           (SELECT count(*) FROM messages WHERE sent_at IS NULL AND given_up_at IS NULL
                AND (kind <> 'card' OR shown_version < wanted_version)) AS unsent,
           (SELECT count(*) FROM points WHERE deleted_at IS NULL) AS kept
"""
_UNDELETED = "SELECT arm_key FROM points WHERE deleted_at IS NULL"


@dataclass(frozen=True)
class Run:
    """Everything that a run measured."""

    seconds: float
    heard: Heard
    samples: list[Sample]
    acknowledged: list[float]
    not_acknowledged: int
    faults: Mapping[str, int]
    before: Stored
    after: Stored
    pruned: Mapping[str, Stored]  #: what is left when so much time has gone by
    evidence: Evidence


async def run(
    seconds: float,
    seed: int,
    home: Path,
    *,
    prunes: bool = False,
    tell: Callable[[str], object] = lambda _: None,
) -> Run:
    """Play for so long. `prunes`: wait for the housekeeping after a day and after ninety.

    Raises BotStopped, TimeoutError where the system itself does not start.
    """
    async with on_ground(home) as ground:
        before = await _stored(ground)
        samples: list[Sample] = []
        sampling = asyncio.create_task(_sample(ground, samples, seconds, tell))
        heard = await _traffic(ground, seconds, Random(seed))
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)
        tell("the traffic is over; waiting until all rests and has expired")
        await _rest(ground, ("live", "clicks", "unsent"))
        after = await _stored(ground)
        ground.forward(_EXPIRES)
        await _rest(ground, ("live", "clicks", "unsent", "kept"))
        evidence = await _evidence(ground, heard)
        pruned = await _pruned(ground, tell) if prunes else {}
        return Run(
            seconds,
            heard,
            samples,
            ground.acknowledged.seconds,
            ground.acknowledged.failed,
            ground.met,
            before,
            after,
            pruned,
            evidence,
        )


async def _traffic(ground: Ground, seconds: float, random: Random) -> Heard:
    heard, free, serial = Heard(), list(VMS), serials()
    until = time.monotonic() + seconds
    engineers = [
        Engineer(ground, number, heard, free, serial, Random(random.random()))
        for number in range(ENGINEERS)
    ]
    blowing = asyncio.create_task(weather(ground.azure, ground.slack, random))
    try:
        await asyncio.gather(*(each.run(until) for each in engineers))
    finally:
        blowing.cancel()
        await asyncio.gather(blowing, return_exceptions=True)
        ground.azure.faults.clear()
        ground.slack.faults.clear()
    return heard


async def _sample(
    ground: Ground, samples: list[Sample], seconds: float, tell: Callable[[str], object]
) -> None:
    process = psutil.Process(ground.bot.process_id)
    since, told = time.monotonic(), 0
    while True:
        samples.append(sample_of(process, since))
        minute = int(samples[-1].seconds // 60)
        if minute > told and samples[-1].seconds < seconds:
            told = minute
            tell(f"{minute} min: {samples[-1].rss_mib:.0f} MiB")
        await asyncio.sleep(_LOOK_SECONDS)


async def _rest(ground: Ground, names: tuple[str, ...]) -> None:
    """Until none of these is left, or patience ends: the evidence then says what is."""
    until = time.monotonic() + REST_SECONDS
    while time.monotonic() < until:
        async with await connected(ground.database.connection_keywords) as connection:
            (found,) = await rows(connection, _BUSY)
        if not any(found[name] for name in names):
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _stored(ground: Ground) -> Stored:
    return await asyncio.to_thread(stored_in, ground.database.connection_keywords)


async def _pruned(ground: Ground, tell: Callable[[str], object]) -> Mapping[str, Stored]:
    found = {}
    for name, by, every in (
        ("a day", A_DAY, HOUSEKEEPING_SECONDS),
        ("91 days", AN_AGE, FORGET_PEOPLE_SECONDS),
    ):
        tell(f"waiting {every / 60:.0f} min for the sweep after {name}")
        ground.forward(by)
        await asyncio.sleep(every + _SWEEP_TAKES_SECONDS)
        # Keys are deleted when a command brings new ones.
        for _ in range(3):
            await ground.slack.type_command("ada", "#ops", "/vmbackup advise web-01")
        await asyncio.sleep(5)
        found[name] = await _stored(ground)
    return found


async def _evidence(ground: Ground, heard: Heard) -> Evidence:
    keywords = ground.database.connection_keywords
    async with await connected(keywords) as connection:
        found = await rows(connection, _ROWS)
        (busy,) = await rows(connection, _BUSY)
        undeleted = await rows(connection, _UNDELETED)
    async with pooled(keywords) as database:
        verified = await Audit(database).verify()
    return Evidence(
        asked=heard.asked,
        rows=[_row(each) for each in found],
        came=[
            Snapshot(str(body["id"]).lower(), _disk(body), vmbackup_tag(body))
            for body in ground.made.came
            if str(body.get("type", "")).lower() == _SNAPSHOTS
        ],
        there=frozenset(key for key, body in ground.made.items() if vmbackup_tag(body)),
        undeleted=frozenset(each["arm_key"] for each in undeleted),
        unsent=busy["unsent"],
        unanswered_clicks=busy["clicks"],
        unanswered=heard.unanswered,
        chain="" if verified.broken_at is None else f"it is broken at {verified.broken_at}",
    )


def _row(found: Mapping[str, Any]) -> Row:
    plan = (found["plan"] or {}) if found["action"] == "snapshot" else {}
    plan = json.loads(plan) if isinstance(plan, str) else plan
    disks = frozenset(str(disk["id"]).lower() for disk in plan.get("disks", ()))
    words = f"{found['action']} {found['about']}"
    return Row(found["id"], found["state"], words, disks, found["why"])


def _disk(body: Mapping[str, Any]) -> str:
    with suppress(KeyError):
        return str(body["properties"]["creationData"]["sourceResourceId"]).lower()
    return ""
