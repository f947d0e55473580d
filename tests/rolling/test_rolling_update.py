"""A new version beside the old one on one database: what waits for approval survives both ways."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bot.database.side_by_side import LIVES_WITH
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess
from deploy.local.demo import MANIFEST
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message
from tests.chaos.setting import buttons_of
from tests.databases import Served
from tests.docs.tables import ROOT
from tests.rolling.earlier_version import (
    VARIABLE,
    earlier_version,
    newest_schema,
    tomorrow,
    unpacked,
)

PATIENCE_SECONDS = 90.0
_LOOK_SECONDS = 0.1
_APPROVE = "request:approve"
_ID = re.compile(r"\br-[0-9a-f]{12}\b")


@dataclass
class Rolling:
    """Both stand-ins and the database; versions come and go."""

    azure: AzureStandIn
    slack: SlackStandIn
    database: Served
    folder: Path

    @asynccontextmanager
    async def version(self, name: str, source: Path) -> AsyncIterator[BotProcess]:
        """A version of the bot, connected to Slack besides those that are there."""
        settings = source / "deploy" / "local" / "vmbackup.toml"
        before = self.slack.sockets.count
        process = BotProcess(
            *(self.azure, self.slack, self.folder / name, "--settings", str(settings)),
            settings={"DATABASE_URL": self.database.url},
            source=source,
        )
        async with process as bot:
            ended = asyncio.ensure_future(bot.ended())
            connected = asyncio.ensure_future(
                self.slack.until(lambda: self.slack.sockets.count > before, PATIENCE_SECONDS)
            )
            await asyncio.wait({ended, connected}, return_when=asyncio.FIRST_COMPLETED)
            assert not ended.done(), bot.log.read_text(encoding="utf-8")[-2000:]
            await connected
            ended.cancel()
            yield bot
        await self.slack.until(lambda: self.slack.sockets.count == before, PATIENCE_SECONDS)

    async def asked(self, vm: str) -> str:
        """A request for a snapshot, by its id, whose card waits for approval."""
        acted = await self.slack.type_command("ada", "#ops", f"/vmbackup snapshot {vm} an update")
        assert acted.message is not None, acted.problem
        found = _ID.search(acted.message.text)
        assert found, acted.message.text
        await self.slack.until(lambda: self._card(found[0]), PATIENCE_SECONDS)
        return found[0]

    async def approved(self, request_id: str) -> None:
        """Approve it, until it is done and its snapshots are in Azure, each once."""
        card = self._card(request_id)
        assert card is not None
        acted = await self.slack.press("grace", card, _APPROVE)
        assert not acted.problem
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (state := self.state(request_id)) != "done":
                assert state in ("waiting", "approved", "running"), state
                await asyncio.sleep(_LOOK_SECONDS)
        disks = self.rows("SELECT arm_key FROM points WHERE request_id = %s", request_id)
        made = [
            str(body["id"]).lower()
            for body in self.azure.world.of_type("Microsoft.Compute/snapshots")
            if (body.get("tags") or {}).get("vmbackup-request") == request_id
        ]
        assert sorted(made) == sorted(key for (key,) in disks)
        assert made

    def state(self, request_id: str) -> str:
        ((state,),) = self.rows("SELECT state FROM requests WHERE id = %s", request_id)
        return str(state)

    def schema(self) -> str:
        ((version,),) = self.rows("SELECT version_num FROM vmbackup_version")
        return str(version)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(make_conninfo(**self.database.connection_keywords)) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def _card(self, request_id: str) -> Message | None:
        found = [
            each
            for each in self.slack.messages("#ops")
            if request_id in f"{each.text}{each.blocks}" and buttons_of(each.blocks, _APPROVE)
        ]
        return found[-1] if found else None


@pytest.fixture
async def rolling(blank: Served, data_directory: Path) -> AsyncIterator[Rolling]:
    world = sample_world()
    world.pace = 0.1
    async with AzureStandIn(world) as azure, SlackStandIn(read_manifest(MANIFEST)) as slack:
        slack.workspace.is_rate_limited = False
        yield Rolling(azure, slack, blank, data_directory)


async def updated(rolling: Rolling, old: Path, new: Path, *, undone: bool) -> None:
    """From the old version to the new one, both at once between; with `undone` back again."""
    async with rolling.version("old-1", old):
        first, second = await rolling.asked("web-01"), await rolling.asked("dev-03")
        assert rolling.schema() == newest_schema(old)
        async with rolling.version("new-1", new):
            assert rolling.schema() == newest_schema(new)
            await rolling.approved(first)  # of the old version, by whoever hears of it
            third, fourth = await rolling.asked("test-01"), await rolling.asked("wiki-01")
    async with rolling.version("new-2", new):
        await rolling.approved(second)  # of the old version, by the new one
        await rolling.approved(third)
    if undone:
        async with rolling.version("old-2", old):
            await rolling.approved(fourth)  # of either, by the old one on the newer schema
            await rolling.approved(await rolling.asked("crm-01"))
    assert rolling.schema() == newest_schema(new)


async def test_what_waits_survives_the_update_from_the_last_release(
    rolling: Rolling, tmp_path: Path
) -> None:
    old = unpacked(earlier_version(), tmp_path)
    await updated(rolling, old, ROOT, undone=newest_schema(old) >= LIVES_WITH)


async def test_what_waits_survives_the_update_to_a_version_with_a_newer_schema_and_its_undoing(
    rolling: Rolling, tmp_path: Path
) -> None:
    """The version of tomorrow is this one with one migration more."""
    await updated(rolling, ROOT, tomorrow(tmp_path), undone=True)


def test_the_schema_that_this_version_lives_with_is_that_of_the_version_before() -> None:
    """Without a release it is any that is known; with one it is that of the last release."""
    if VARIABLE in os.environ:
        pytest.skip(f"{VARIABLE} names a commit, which is no release")
    tag = earlier_version()
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", tag, "bot/migrations/versions/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    numbers = re.findall(r"/v(\d{4})_", listed.stdout)
    assert max(numbers) == LIVES_WITH
