"""Opening: embedded or elsewhere, the schema brought up to date once, whoever comes first."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from running_postgres import Chosen, ask

from advisor.errors import DatabaseInUse, DatabaseUnreachable, DatabaseUnusable
from bot.database import open_database, open_once_reachable
from bot.database.migrating import LOCK, SCRIPTS, VERSION_TABLE, migrate
from bot.database.pool import pooled
from bot.database.schema_state import every_version, schema_state
from bot.database.side_by_side import LIVES_WITH, SAYS
from tests.databases import Served
from tests.jobs.severed import severable


def newest() -> str | None:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config).get_current_head()


async def test_the_embedded_database_is_opened_with_its_schema(directory: Path) -> None:
    async with open_database(Chosen(directory.parent)) as database:
        assert await database.ready()
        async with database.connection() as connection:
            row = await (await connection.execute("SELECT count(*) FROM advice_given")).fetchone()
    assert row == (0,)


async def test_what_was_written_is_there_when_it_is_opened_again(directory: Path) -> None:
    async with (
        open_database(Chosen(directory.parent)) as database,
        database.connection() as connection,
    ):
        await connection.execute("INSERT INTO channels (channel_id) VALUES ('C0KEPT')")
    async with (
        open_database(Chosen(directory.parent)) as database,
        database.connection() as connection,
    ):
        row = await (await connection.execute("SELECT channel_id FROM channels")).fetchone()
    assert row == ("C0KEPT",)


async def test_a_second_bot_on_the_same_data_directory_is_refused(directory: Path) -> None:
    async with open_database(Chosen(directory.parent)):
        with pytest.raises(DatabaseInUse, match="several bots share a database only through"):
            async with open_database(Chosen(directory.parent)):
                pass


async def test_two_bots_share_one_database_by_its_url(blank: Served) -> None:
    elsewhere = Chosen(database_url=SecretStr(blank.url))
    async with open_database(elsewhere) as one, open_database(elsewhere) as other:
        async with one.connection() as connection:
            await connection.execute("INSERT INTO channels (channel_id) VALUES ('C0SHARED')")
        async with other.connection() as connection:
            row = await (await connection.execute("SELECT channel_id FROM channels")).fetchone()
    assert row == ("C0SHARED",)


# --- migrations -----------------------------------------------------------------------------


async def test_a_blank_database_gets_the_newest_schema(blank: Served) -> None:
    await asyncio.to_thread(migrate, blank.connection_keywords)
    assert await ask(blank, f"SELECT version_num FROM {VERSION_TABLE}") == newest()


async def test_a_second_run_changes_nothing(blank: Served) -> None:
    """No object of the schema is made anew, and no row of it written."""
    identity = (
        "SELECT array_agg((oid, relname, xmin::text)::text ORDER BY oid) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace"
    )
    await asyncio.to_thread(migrate, blank.connection_keywords)
    before = await ask(blank, identity)
    await asyncio.to_thread(migrate, blank.connection_keywords)
    assert await ask(blank, identity) == before
    assert len(before) > 2


async def test_six_starters_at_once_migrate_once(blank: Served) -> None:
    runs = (asyncio.to_thread(migrate, blank.connection_keywords) for _ in range(6))
    await asyncio.gather(*runs)
    assert await ask(blank, f"SELECT count(*) FROM {VERSION_TABLE}") == 1


async def test_a_starter_waits_for_the_one_that_migrates(blank: Served) -> None:
    address = make_conninfo(**blank.connection_keywords)
    async with await psycopg.AsyncConnection.connect(address) as first:
        await first.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        second = asyncio.create_task(asyncio.to_thread(migrate, blank.connection_keywords))
        await asyncio.sleep(1)
        assert not second.done()
    await second


async def test_a_database_of_a_newer_vmbackup_that_does_not_know_this_one_is_left_alone(
    blank: Served,
) -> None:
    await asyncio.to_thread(migrate, blank.connection_keywords)
    await ask(blank, f"COMMENT ON TABLE {VERSION_TABLE} IS NULL")
    await ask(blank, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(DatabaseUnusable, match="was made by a newer vmbackup"):
        await asyncio.to_thread(migrate, blank.connection_keywords)
    assert await ask(blank, f"SELECT version_num FROM {VERSION_TABLE}") == "9999"


async def test_a_newer_schema_says_from_which_schema_on_bots_live_with_it(blank: Served) -> None:
    """Of this version the newest schema is `known`."""
    known = every_version()[0]
    await asyncio.to_thread(migrate, blank.connection_keywords)
    await ask(blank, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    for oldest, may_start in ((known, True), (f"{int(known) + 1:04}", False), ("", False)):
        await ask(blank, f"COMMENT ON TABLE {VERSION_TABLE} IS '{SAYS}{oldest}'")
        async with pooled(blank.connection_keywords) as database:
            assert (await schema_state(database)).lives_with_it is may_start
        if may_start:
            await asyncio.to_thread(migrate, blank.connection_keywords)
        else:
            with pytest.raises(DatabaseUnusable, match="was made by a newer vmbackup"):
                await asyncio.to_thread(migrate, blank.connection_keywords)
        assert await ask(blank, f"SELECT version_num FROM {VERSION_TABLE}") == "9999"


async def test_a_schema_says_which_bots_live_with_it(blank: Served) -> None:
    await asyncio.to_thread(migrate, blank.connection_keywords)
    said = await ask(blank, f"SELECT obj_description('{VERSION_TABLE}'::regclass, 'pg_class')")
    assert said == f"{SAYS}{LIVES_WITH}"
    assert LIVES_WITH in every_version()


async def test_a_user_that_may_not_create_tables_is_named_as_the_reason(
    blank: Served,
) -> None:
    await ask(blank, "CREATE ROLE weak LOGIN")
    weak = SecretStr(blank.url.replace("vmbackup:", "weak:"))
    with pytest.raises(DatabaseUnusable, match="permission denied for schema public") as caught:
        async with open_database(Chosen(database_url=weak)):
            pass
    assert "must be allowed to create tables" in str(caught.value)


async def test_a_migration_that_fails_leaves_nothing_half_done(blank: Served) -> None:
    """A table of that name is in the way; the ledger's version is not written."""
    await ask(blank, "CREATE TABLE advice_given (other int)")
    with pytest.raises(DatabaseUnusable, match="already exists"):
        await asyncio.to_thread(migrate, blank.connection_keywords)
    assert await ask(blank, f"SELECT to_regclass('{VERSION_TABLE}')") is None


# --- elsewhere ------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://ada:hidden@127.0.0.1:{nobody.getsockname()[1]}/vmbackup"
        with pytest.raises(DatabaseUnreachable, match="does not answer") as caught:
            async with open_database(Chosen(database_url=SecretStr(url))):
                pass
    assert "127.0.0.1" in str(caught.value)
    assert "hidden" not in str(caught.value)


async def test_a_bot_that_starts_before_its_server_waits_for_it(
    blank: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async with severable(blank.connection_keywords) as (way, keywords), asyncio.timeout(60):
        await way.sever()
        url = "postgresql://{user}:hidden@{host}:{port}/{dbname}?sslmode=disable"
        chosen = Chosen(database_url=SecretStr(url.format_map(keywords)))
        async with asyncio.TaskGroup() as group:
            opened = group.create_task(opened_once_reachable(chosen))
            while "it tries again in" not in caplog.text:
                await asyncio.sleep(0.05)
            assert not opened.done()
            await way.mend()
    assert "hidden" not in caplog.text
    assert opened.result()


async def opened_once_reachable(settings: Chosen) -> bool:
    async with open_once_reachable(settings) as database:
        return await database.ready()


async def test_a_database_that_is_not_on_the_server_is_named(blank: Served) -> None:
    url = SecretStr(blank.url.replace("/test_", "/no_such"))
    with pytest.raises(DatabaseUnreachable, match=r'database "no_such\w+" does not exist'):
        async with open_database(Chosen(database_url=url)):
            pass
