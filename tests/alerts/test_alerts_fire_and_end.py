"""Each alert is made to fire by a fault, and what its entry in the runbook says ends it.

A real bot runs at the stand-ins; what it answers at /metrics before the fault, during it and after
its end is told to Prometheus as if each had lasted for over an hour.
"""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local.bot_process import bot_environment
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import BOT
from tests.alerts.alarmed_bot import NEEDS_PROMTOOL, firing_around, save_prices, scraped, shown
from tests.alerts.alarmed_bot import says_to as entry_says
from tests.health.probed_bot import PATIENCE_SECONDS, Probed

pytestmark = [pytest.mark.asyncio(loop_scope="session"), NEEDS_PROMTOOL]

ACKNOWLEDGED = "vmbackup_acknowledgement_seconds_count"
#: Longer than the 1 s from which on an acknowledgement is slow, shorter than the 2 s after which
#: the bot asks people to try again.
HELD_SECONDS = 1.5
COMMANDS = 5


async def asked(bot: Probed, outcome: str = "done") -> None:
    """Some commands, until Azure was asked as often with that outcome."""
    series = f'vmbackup_azure_requests_total{{does="read",outcome="{outcome}"}}'
    before = await bot.figure(series)
    before = 0.0 if math.isnan(before) else before  # not a number: none yet
    for _ in range(COMMANDS):
        await bot.slack.type_command("ada", "#ops", "/vmbackup advise web-01")
    await bot.until_figure(series, lambda now: now >= before + COMMANDS)


async def test_a_process_that_ended_and_is_started_again(bot: Probed, tmp_path: Path) -> None:
    before = await scraped(bot)
    await bot.bot.kill()
    during = await scraped(bot)
    entry_says("VmbackupDown", "start it")
    await bot.bot.start_again()
    await bot.ready()
    firing_around("VmbackupDown", tmp_path, before, during, await scraped(bot))


async def test_a_slack_that_is_away_and_comes_back(bot: Probed, tmp_path: Path) -> None:
    before = await scraped(bot)
    bot.slack.faults.add(Fault(Kind.STATUS, "apps.connections.open", times=None, status=503))
    await bot.slack.sockets.close()
    await bot.not_ready("slack")
    during = await scraped(bot)
    entry_says("VmbackupNobodyListens", "wait", "the listeners connect again by themselves")
    bot.slack.faults.clear()
    await bot.ready()
    firing_around("VmbackupNobodyListens", tmp_path, before, during, await scraped(bot))


async def test_a_database_that_is_away_and_brought_back(bot: Probed, tmp_path: Path) -> None:
    before = await scraped(bot)
    bot.take_database_away()
    await bot.not_ready("database")
    await bot.not_ready("worker")  # which notices by itself, a little later
    during = await scraped(bot)
    entry_says("VmbackupDatabaseAway", "Bring the server back")
    bot.bring_database_back()
    await bot.ready()
    firing_around("VmbackupDatabaseAway", tmp_path, before, during, await scraped(bot))


async def test_a_database_that_somebody_has_locked(bot: Probed, tmp_path: Path) -> None:
    """A migration of somebody's own, or a backup that locks: listeners wait for it."""

    async def snapshots() -> None:
        typed = (
            bot.slack.type_command("ada", "#ops", f"/vmbackup snapshot web-01 the {number}. time")
            for number in range(COMMANDS)
        )
        await asyncio.gather(*typed)

    async def acknowledged(count: int) -> None:
        await bot.until_figure(ACKNOWLEDGED, lambda now: now >= known + count)

    begin, known = await scraped(bot), await bot.figure(ACKNOWLEDGED)
    await snapshots()
    await acknowledged(COMMANDS)
    before = await scraped(bot)
    with bot.locked("requests") as process:
        typing = asyncio.create_task(snapshots())
        await asyncio.sleep(HELD_SECONDS)
        (blocking,) = shown("VmbackupAcknowledgesSlowly")
        entry_says("VmbackupAcknowledgesSlowly", "pg_terminate_backend")
        assert (process,) in [row[:1] for row in bot.shown_by(blocking)]
        bot.on_server(f"SELECT pg_terminate_backend({process})")
        await typing
    await acknowledged(2 * COMMANDS)
    during = await scraped(bot)
    await snapshots()
    await acknowledged(3 * COMMANDS)
    after = await scraped(bot)
    firing_around("VmbackupAcknowledgesSlowly", tmp_path, begin, before, during, after)


async def test_a_channel_without_the_bot_and_an_invitation(bot: Probed, tmp_path: Path) -> None:
    """It was a member when the request was asked for, and is none when its card changes."""
    channel = bot.slack.workspace.channels["C01OPS"]
    await bot.slack.type_command("ada", "#ops", "/vmbackup snapshot web-02 before the update")
    of_vm = "FROM messages JOIN requests ON request_id = requests.id WHERE kind = 'thread'"
    asked = f"SELECT requests.id {of_vm} AND vm_key LIKE '%/web-02' AND sent_at IS NOT NULL"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := bot.shown_by(asked)):
            await asyncio.sleep(0.2)
    before = await scraped(bot)
    channel.members.discard(BOT.id)
    await bot.slack.type_command("ada", "#ops", f"/vmbackup cancel {found[0][0]}")

    async def tried(is_wanted: Callable[[float], bool]) -> None:
        # The pauses between two tries double; they are let pass as the time would.
        often = "vmbackup_unsent_messages_tried_often"
        sooner = "UPDATE messages SET not_before = vmbackup_now() WHERE sent_at IS NULL"
        await bot.until_figure(often, is_wanted, each_time=lambda: bot.on_database(sooner))

    await tried(lambda count: count > 0)
    during = await scraped(bot)
    entry_says("VmbackupMessagesHeldUp", "Invite the bot into the channel")
    channel.members.add(BOT.id)
    await tried(lambda count: count == 0)
    await bot.until_figure("vmbackup_unsent_messages", lambda count: count == 0)
    firing_around("VmbackupMessagesHeldUp", tmp_path, before, during, await scraped(bot))


@pytest.mark.parametrize(
    ("alert", "fault", "outcome", "words"),
    [
        (
            "VmbackupAzureRefuses",
            Fault(Kind.FORBIDDEN, path="/providers/", times=None),
            "refused",
            "Grant what is missing",
        ),
        (
            "VmbackupAzureRefuses",
            Fault(Kind.STATUS, path="/providers/", times=None, status=503),
            "failed",
            "wait for Azure",
        ),
        (
            "VmbackupAzureThrottles",
            Fault(Kind.STATUS, path="/providers/", times=None, status=429, retry_after="1"),
            "throttled",
            "Nothing urgent",
        ),
    ],
    ids=["refused", "failed", "throttled"],
)
async def test_an_azure_that_says_no(
    bot: Probed, tmp_path: Path, alert: str, fault: Fault, outcome: str, words: str
) -> None:
    begin = await scraped(bot)
    await asked(bot)
    before = await scraped(bot)
    bot.azure.faults.add(fault)
    await asked(bot, outcome)
    during = await scraped(bot)
    entry_says(alert, words)
    bot.azure.faults.clear()
    await asked(bot)
    firing_around(alert, tmp_path, begin, before, during, await scraped(bot))


async def test_prices_that_are_old_and_updated(
    bot: Probed, bots_folder: Path, tmp_path: Path
) -> None:
    """The cache came back from an old backup, and nobody asks the price list."""
    age = "vmbackup_prices_age_seconds"
    before = await scraped(bot)
    save_prices(bots_folder, timedelta(days=100))
    await bot.until_figure(age, lambda seconds: seconds > 60 * 86_400)
    during = await scraped(bot)
    entry_says("VmbackupPricesOld", "`vmbackup prices update`")
    settings = {"VMBACKUP_OFFLINE": "0", "VMBACKUP_PRICES_URL": bot.azure.url}
    environment = bot_environment(bot.azure, bot.slack, bots_folder, {}) | settings
    words = ("-m", "bot.cli", "prices", "update", "--region", "westeurope")
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    await bot.until_figure(age, lambda seconds: seconds < 86_400 * 2)
    firing_around("VmbackupPricesOld", tmp_path, before, during, await scraped(bot))
