"""The bot's own role: it does its work and cannot touch the audit; without it the bot runs, too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from running_postgres import Chosen, ask
from store_samples import WakesNoted, an_ask

from advisor.errors import DatabaseUnreachable
from bot.composition.actions import action_rows
from bot.database import Database, open_database
from bot.database.embedded import EmbeddedPostgres
from bot.database.migrating import migrate
from bot.database.pool import LONGEST_IDLE_SECONDS, pooled
from bot.database.roles import ROLE, prepared_role
from bot.database.store import Store
from tests.databases import Served

_HELD = (
    "SELECT array_agg(relname || ' ' || privilege_type ORDER BY relname, privilege_type)"
    " FROM pg_class, aclexplode(relacl) WHERE relname IN ('audit', 'audit_head', 'requests')"
    f" AND grantee = '{ROLE}'::regrole"
)


@pytest.fixture
async def database(served: Served) -> AsyncIterator[Database]:
    """As the bot opens it."""
    async with open_database(Chosen(database_url=SecretStr(served.url))) as database:
        yield database


async def test_the_bot_works_in_its_own_role(database: Database) -> None:
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT current_user, session_user")).fetchone()
    assert row == (ROLE, "vmbackup")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = ''",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "DROP TABLE audit",
        "CREATE TABLE mine (value int)",
    ],
)
async def test_the_role_may_not_touch_the_audit_or_the_schema(
    database: Database, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"permission|owner"):
        async with database.connection() as connection:
            await connection.execute(statement.encode())


async def test_the_role_has_what_it_needs_and_of_the_audit_no_more(
    served: Served, database: Database
) -> None:
    assert await ask(served, _HELD) == [
        "audit INSERT",
        "audit SELECT",
        "audit_head SELECT",
        "audit_head UPDATE",
        "requests DELETE",
        "requests INSERT",
        "requests SELECT",
        "requests UPDATE",
    ]


async def test_what_was_granted_otherwise_is_put_right_at_the_next_start(
    served: Served, database: Database
) -> None:
    before = await ask(served, _HELD)
    await ask(served, f"GRANT ALL ON audit TO {ROLE}")
    await ask(served, f"REVOKE ALL ON requests FROM {ROLE}")
    assert await asyncio.to_thread(prepared_role, served.connection_keywords) == ROLE
    assert await ask(served, _HELD) == before


async def test_a_second_start_grants_nothing_anew(served: Served, database: Database) -> None:
    identity = "SELECT array_agg((oid, xmin::text)::text ORDER BY oid) FROM pg_class"
    before = await ask(served, identity)
    assert await asyncio.to_thread(prepared_role, served.connection_keywords) == ROLE
    assert await ask(served, identity) == before


async def test_bots_of_several_databases_may_start_at_once(server: EmbeddedPostgres) -> None:
    """The role is the server's; each of them wants to make it, and it is not there yet."""
    address = make_conninfo(**server.connection_keywords)
    places = [{**server.connection_keywords, "dbname": f"shop_{number}"} for number in range(4)]
    for place in places:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute(f"CREATE DATABASE {place['dbname']}".encode())
        await asyncio.to_thread(migrate, place)
    prepared = (asyncio.to_thread(prepared_role, each) for each in places * 2)
    assert await asyncio.gather(*prepared) == [ROLE] * 8


@pytest.fixture
async def weak(blank: Served) -> Chosen:
    """A user who owns the database and may create no role."""
    name = f"weak_{blank.connection_keywords['dbname']}"
    await ask(blank, f"CREATE ROLE {name} LOGIN")
    await ask(blank, f"ALTER DATABASE {blank.connection_keywords['dbname']} OWNER TO {name}")
    return Chosen(database_url=SecretStr(blank.url.replace("vmbackup:", f"{name}:")))


async def test_where_the_role_may_not_be_had_the_bot_says_so_and_works(
    weak: Chosen, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with open_database(weak) as database:
            assert database.role is None
            await Store(database, WakesNoted(), action_rows()).ask([an_ask()])
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
                async with database.connection() as connection:
                    await connection.execute("DELETE FROM audit")
    assert "Allow its user to create roles, or create the role vmbackup_bot" in caplog.text


async def test_a_user_who_was_granted_the_role_works_in_it(blank: Served, weak: Chosen) -> None:
    async with open_database(Chosen(database_url=SecretStr(blank.url))):
        pass  # the role is there now, whoever came first
    name = f"weak_{blank.connection_keywords['dbname']}"
    await ask(blank, f"GRANT {ROLE} TO {name}")
    keywords = {**blank.connection_keywords, "user": name}
    async with pooled(keywords, role=ROLE) as database, database.connection() as connection:
        row = await (await connection.execute("SELECT current_user")).fetchone()
    assert row == (ROLE,)


# --- a process that stands still in the middle ----------------------------------------------


async def test_a_transaction_that_is_left_standing_lets_go_of_its_locks(
    served: Served, database: Database
) -> None:
    """As of a process that was stopped: the others do not wait for it forever."""
    async with database.connection() as connection:
        shown = await (
            await connection.execute("SHOW idle_in_transaction_session_timeout")
        ).fetchone()
    assert shown == (f"{LONGEST_IDLE_SECONDS}s",)
    with pytest.raises(DatabaseUnreachable):
        await stand_still(database)
    assert await database.ready()


async def stand_still(database: Database) -> None:
    """Hold the audit's head, do nothing for too long, and come back."""
    async with database.connection() as stopped:
        await stopped.execute("SET idle_in_transaction_session_timeout = '200ms'")
        await stopped.execute("SELECT seq FROM audit_head FOR UPDATE")
        await asyncio.sleep(0.5)
        await Store(database, WakesNoted(), action_rows()).ask([an_ask()])
        await stopped.execute("SELECT 1")
