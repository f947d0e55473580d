"""The weekly digest of whole processes: two workers on one database, and one message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bot.commands.manifest import manifest
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.fleet.half_year import PROD, SHOP, HalfYear
from tests.journeys.requesting_system import PACE
from tests.journeys.running_system import PATIENCE_SECONDS, data_directory

OPS = "C01OPS"
SETTINGS = f'[fleet]\ndigest_channel = "{OPS}"\n'
_LOOK_AGAIN_SECONDS = 0.05
_NEVER_AGAIN_SECONDS = 3.0


async def test_two_workers_tell_a_week_once(served: Served) -> None:
    """The first reading is remembered; a week later a VM is there that nothing protects."""
    fleet, environment = HalfYear(), {**PACE, "DATABASE_URL": served.url}
    with data_directory() as data:
        file = data / "vmbackup.toml"
        file.write_text(SETTINGS, encoding="utf-8")
        arguments = ("--settings", str(file))
        async with (
            AzureStandIn(fleet.world) as azure,
            SlackStandIn(manifest()) as slack,
            BotProcess(azure, slack, data, *arguments, settings=environment) as bot,
            BotProcess(azure, slack, data, *arguments, "--only", "worker", settings=environment),
        ):
            await bot.ready()
            await until_settled(served)
            assert slack.messages(OPS) == []
            fleet.add_vm("new-01", SHOP, PROD, (64,))
            in_database(served, "UPDATE fleet_digest SET slot = slot - interval '7 days'")
            await slack.until(lambda: slack.messages(OPS), PATIENCE_SECONDS)
            await until_settled(served)
            await asyncio.sleep(_NEVER_AGAIN_SECONDS)  # for a second message, which must not come
            [message] = slack.messages(OPS)
    assert "1 VM changed. new-01: (rg-half-year, westeurope) It is new" in message.text


async def until_settled(served: Served) -> None:
    """Until the digest of this week is settled."""
    for _ in range(int(PATIENCE_SECONDS / _LOOK_AGAIN_SECONDS)):
        row = in_database(
            served, "SELECT slot > vmbackup_now() - interval '7 days' AS done FROM fleet_digest"
        )
        if row and row["done"]:
            return
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    pytest.fail(f"no digest was settled: {in_database(served, 'SELECT * FROM fleet_digest')}")


def in_database(served: Served, statement: str) -> Mapping[str, object] | None:
    with psycopg.connect(
        make_conninfo(**served.connection_keywords), row_factory=psycopg.rows.dict_row
    ) as connection:
        done = connection.execute(statement.encode())
        return done.fetchone() if done.description else None
