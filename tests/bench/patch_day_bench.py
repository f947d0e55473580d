"""A patch day: how many of many approvals in a row begin, and how soon their cards are edited.

Slack's limits are in force: twenty readings of a group a minute, one post a second in the
channel of all cards, fifty edits a minute. One approver presses once a second of Slack's time.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.slack.outbox import CHANNEL_SECONDS
from tests.journeys.running_system import data_directory
from tests.workflow.patch_day import approve_in_a_row, waiting
from tests.workflow.workflow_system import System, open_system

APPROVALS = 200
EDITS = 40  #: fewer than Slack allows in a minute
EDIT = "chat.update"

#: What the project wants of itself: all approvals within so many seconds, none refused; an edit
#: in less than the second that a post waits for the one before.
AIM_SECONDS = 300.0
_LONGEST_SECONDS = 300.0


@dataclass(frozen=True)
class _Own:
    """The database of the bench's own."""

    data_directory: Path
    database_url: SecretStr | None = None


async def patch_day_figures(approvals: int = APPROVALS, edits: int = EDITS) -> dict[str, Any]:
    """Everything of this file, in counts, seconds and multiples."""
    with data_directory() as data:
        async with open_system(_Own(data)) as system:
            request_ids = await waiting(system, approvals)
            await _post_cards(system)
            day = await approve_in_a_row(system, request_ids)
            seconds = await _seconds_of_edits(system, edits)
    return {
        **asdict(day),
        "edits": edits,
        "seconds_of_an_edit": round(seconds / edits, 3),
        "multiple_of_a_post": round(seconds / edits / CHANNEL_SECONDS, 2),
    }


async def _post_cards(system: System) -> None:
    """Without Slack's limits, and without our own pace."""
    while await system.sender.step():
        await system.execute("UPDATE channels SET next_at = '-infinity'")


async def _seconds_of_edits(system: System, edits: int) -> float:
    """Until so many cards are edited, beside the notes and answers that wait, too."""
    before, stop, begun = system.slack.counts[EDIT], asyncio.Event(), time.perf_counter()
    sending = asyncio.create_task(system.sender.run(stop))
    await system.slack.until(lambda: system.slack.counts[EDIT] - before >= edits, _LONGEST_SECONDS)
    taken = time.perf_counter() - begun
    stop.set()
    await sending
    return taken


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    return [
        f"{'patch day':<18}{found['done']:>8} of {found['approvals']} approvals in "
        f"{found['seconds']:.0f} s of Slack's time   (aim: all, within {AIM_SECONDS:.0f} s); "
        f"{found['readings']} readings of groups, {found['refused_by_slack']} calls refused by "
        "Slack",
        f"{'edits of cards':<18}{found['seconds_of_an_edit'] * 1000:>8.1f} ms"
        f"{found['multiple_of_a_post']:>8.2f} x   (aim: under 1) of the second that a post waits; "
        f"{found['edits']} cards of one channel",
    ]
