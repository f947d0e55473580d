"""The bot on the PostgreSQL that Debian has, beside the embedded one that is newer."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_postgres import ask, until

from bot.database.audit import Audit
from bot.database.migrating import OLDEST_SERVER
from bot.database.pool import pooled
from tests.chaos.setting import buttons_of
from tests.databases import Served, debians_programs, new_database, own_server
from tests.health.probed_bot import probed
from tests.places import open_to_others


@pytest.fixture(scope="module")
def debians() -> Iterator[Served]:
    programs = debians_programs()
    if programs is None:
        pytest.skip("no PostgreSQL of Debian is here (postgresql)")
    home = open_to_others("vmbackup-debian-")
    with own_server(programs, home) as keywords:
        yield new_database(keywords)
    shutil.rmtree(home)


async def test_a_request_goes_its_whole_way_on_debians_server(
    debians: Served, tmp_path: Path
) -> None:
    async with probed(tmp_path, debians) as bot:
        await bot.ready()
        version = int(await ask(debians, "SHOW server_version_num")) // 10_000
        assert version >= OLDEST_SERVER
        acted = await bot.slack.type_command("ada", "#ops", "/vmbackup snapshot web-01 an update")
        assert acted.message is not None
        found = re.search(r"r-[0-9a-f]{12}", acted.message.text)
        assert found

        def card() -> list[object]:
            return [
                each
                for each in bot.slack.messages("#ops")
                if buttons_of(each.blocks, "request:approve")
            ]

        await bot.slack.until(card, 60)
        (shown,) = card()
        await bot.slack.press("grace", shown, "request:approve")

        async def is_done() -> bool:
            state = f"SELECT state FROM requests WHERE id = '{found[0]}'"
            return bool(await ask(debians, state) == "done")

        await until(is_done, 60)
    async with pooled(debians.connection_keywords) as database:
        verified = await Audit(database).verify()
    assert verified.broken_at is None
    assert await ask(debians, "SELECT count(*) FROM points") == 2
