"""The pool: transactions, health, and an outage that it gets over by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import psycopg
import pytest
from running_postgres import ask, until

from advisor.errors import EXIT_AZURE, DatabaseUnreachable, DatabaseUnusable
from bot.database import Database
from bot.database.embedded import EmbeddedPostgres
from bot.database.pool import MOST, pooled
from tests.databases import Served


@pytest.fixture
async def database(blank: Served) -> AsyncIterator[Database]:
    async with pooled(blank.connection_keywords) as database:
        yield database


async def one(database: Database) -> None:
    """One small transaction."""
    async with database.connection() as connection:
        await connection.execute("SELECT 1")


async def test_a_block_is_a_transaction(blank: Served, database: Database) -> None:
    await ask(blank, "CREATE TABLE written (value int)")
    async with database.connection() as connection:
        await connection.execute("INSERT INTO written VALUES (1)")
    with pytest.raises(ZeroDivisionError):
        async with database.connection() as connection:
            await connection.execute(f"INSERT INTO written VALUES ({1 // 0})".encode())
    assert await ask(blank, "SELECT array_agg(value) FROM written") == [1]


async def test_a_mistake_in_a_statement_is_not_taken_for_an_outage(database: Database) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with database.connection() as connection:
            await connection.execute("SELECT * FROM no_such_table")
    assert await database.ready()


_RAISED = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{}'; END $$"


async def test_a_full_disk_is_an_outage_that_says_what_to_do(database: Database) -> None:
    with pytest.raises(DatabaseUnreachable, match="is full: could not extend") as caught:
        async with database.connection() as connection:
            await connection.execute(_RAISED.format("53100").encode())
    assert "Free some space on it; the bot then goes on by itself." in str(caught.value)
    assert await database.ready()


async def test_a_damaged_index_says_what_to_do(database: Database) -> None:
    with pytest.raises(DatabaseUnusable, match="Make the index that it names anew with REINDEX"):
        async with database.connection() as connection:
            await connection.execute(_RAISED.format("XX002").encode())


async def test_a_damaged_page_says_what_to_do(directory: Path) -> None:
    async with EmbeddedPostgres(directory) as server:
        await ask(server, "CREATE TABLE damaged AS SELECT generate_series(1, 9999) AS value")
        path = directory / await ask(server, "SELECT pg_relation_filepath('damaged')")
    with path.open("r+b") as file:
        file.seek(8192 * 3 + 200)
        file.write(b"\xff" * 3000)
    async with (
        EmbeddedPostgres(directory) as server,
        pooled(server.connection_keywords) as database,
    ):
        with pytest.raises(DatabaseUnusable, match="is damaged: invalid page") as caught:
            async with database.connection() as connection:
                await connection.execute("SELECT count(value) FROM damaged")
        assert await database.ready()
    assert "restore the database from a backup" in str(caught.value)


async def test_connections_that_were_cut_are_replaced_unseen(
    blank: Served, database: Database
) -> None:
    """As by a restart of the server, or by a firewall that forgets."""
    assert await database.ready()
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    await ask(blank, f"{cut} WHERE pid <> pg_backend_pid() AND datname = current_database()")
    await one(database)


async def test_the_pool_gets_over_a_server_that_died(directory: Path) -> None:
    """Nothing but time is needed."""
    async with (
        EmbeddedPostgres(directory) as server,
        pooled(server.connection_keywords) as database,
    ):
        await one(database)
        assert server.process_id is not None
        os.kill(server.process_id, signal.SIGKILL)
        await asyncio.sleep(0.1)
        await until(database.ready)
        await asyncio.gather(*(one(database) for _ in range(MOST)))


async def test_an_outage_longer_than_the_pool_tries_is_said_and_got_over(directory: Path) -> None:
    """The pool gives up after some seconds; whoever asks next makes it try again."""
    async with (
        EmbeddedPostgres(directory) as server,
        pooled(server.connection_keywords) as database,
    ):
        socket = Path(server.connection_keywords["host"]) / ".s.PGSQL.5432"
        hidden = socket.rename(socket.with_name("hidden"))
        await cut_itself(database)
        with pytest.raises(DatabaseUnreachable, match="does not answer") as caught:
            await one(database)
        assert caught.value.exit_code == EXIT_AZURE
        assert not await database.ready()
        hidden.rename(socket)
        await until(database.ready)


async def cut_itself(database: Database) -> None:
    with pytest.raises(DatabaseUnreachable):
        async with database.connection() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def test_more_users_than_connections_take_turns(database: Database) -> None:
    await asyncio.gather(*(one(database) for _ in range(MOST * 5)))


async def test_a_pool_that_is_cancelled_while_it_opens_leaves_nothing_running() -> None:
    """The server takes the connection and says nothing: the start stands still half-way."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        host, port = server.getsockname()
        keywords = {"host": host, "port": str(port), "user": "nobody", "sslmode": "disable"}
        opening = asyncio.create_task(_opened_and_closed(keywords))
        taken, _ = await asyncio.get_running_loop().sock_accept(server)
        with taken:
            opening.cancel()
            await asyncio.sleep(0)
        await asyncio.wait({opening})
    assert opening.cancelled()
    left = {each.get_name() for each in asyncio.all_tasks()}
    assert not {name for name in left if name.startswith("database-")}


async def _opened_and_closed(keywords: Mapping[str, str]) -> None:
    async with pooled(keywords):
        pass
