"""/livez, /readyz and /metrics of a running bot mean what they say."""

from __future__ import annotations

from pathlib import Path

from deploy.local.faults import Fault, Kind
from tests.databases import Served
from tests.health.probed_bot import probed

ACKNOWLEDGED = "vmbackup_acknowledgement_seconds_count"


async def test_a_bot_is_ready_until_its_database_is_away_and_lives_on(
    tmp_path: Path, served: Served
) -> None:
    async with probed(tmp_path, served) as bot:
        await bot.ready()
        assert await bot.figure('vmbackup_ready{part="database"}') == 1
        bot.take_database_away()
        assert "does not answer" in await bot.not_ready("database")
        assert (await bot.get("/livez"))[0] == 200
        assert await bot.figure('vmbackup_ready{part="database"}') == 0
        bot.bring_database_back()
        await bot.ready()


async def test_a_schema_without_its_migrations_is_not_ready_and_a_newer_one_is(
    tmp_path: Path, served: Served
) -> None:
    async with probed(tmp_path, served) as bot:
        await bot.ready()
        bot.on_database("UPDATE vmbackup_version SET version_num = '0001'")
        assert "the schema is of 0001" in await bot.not_ready("database")
        bot.on_database("UPDATE vmbackup_version SET version_num = '9999'")
        await bot.ready()


async def test_a_bot_that_slack_does_not_reach_is_not_ready(tmp_path: Path, served: Served) -> None:
    async with probed(tmp_path, served) as bot:
        await bot.ready()
        fault = Fault(Kind.STATUS, "apps.connections.open", times=None, status=503)
        bot.slack.faults.add(fault)
        await bot.slack.sockets.close()
        assert "Slack" in await bot.not_ready("slack")
        bot.slack.faults.clear()


async def test_a_worker_alone_needs_no_slack_to_be_ready(tmp_path: Path, served: Served) -> None:
    async with probed(tmp_path, served, "--only", "worker") as bot:
        await bot.ready()
        _, text = await bot.get("/metrics")
        assert 'vmbackup_ready{part="worker"} 1.0' in text
        assert 'part="slack"' not in text


async def test_what_is_done_is_counted_and_no_word_of_a_stranger_is_a_label(
    tmp_path: Path, served: Served
) -> None:
    async with probed(tmp_path, served) as bot:
        await bot.ready()
        for words in ("advise web-01", "nonsense-of-a-stranger", "requests"):
            await bot.slack.type_command("ada", "#ops", f"/vmbackup {words}")
        await bot.until("/metrics", lambda _, text: f"{ACKNOWLEDGED} 3.0" in text)
        series = 'vmbackup_azure_requests_total{does="read",outcome="done"}'
        await bot.until("/metrics", lambda _, text: series in text)
        _, text = await bot.get("/metrics")
        assert 'vmbackup_commands_total{command="advise"} 1.0' in text
        assert 'vmbackup_commands_total{command="unknown"} 1.0' in text
        assert 'vmbackup_requests{state="waiting"} 0.0' in text
        assert 'vmbackup_loop_age_seconds{loop="sweep"}' in text
        assert "vmbackup_prices_age_seconds" in text
        assert "stranger" not in text
        assert "web-01" not in text
        assert (await bot.get("/"))[0] == 404
