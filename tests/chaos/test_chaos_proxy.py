"""The proxy counts PostgreSQL's messages and cuts exactly where it was told to."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.proxy import PORT, Proxy, Trigger
from tests.chaos.wire import SSL_REQUEST, Encrypted, FromClient, FromServer
from tests.databases import Served

_STARTUP = struct.pack("!ii", 8, 196608)
_OFFER = struct.pack("!ii", 8, SSL_REQUEST)


def message(kind: str, text: bytes) -> bytes:
    return kind.encode() + struct.pack("!i", 4 + len(text)) + text


# --- where a message ends --------------------------------------------------------------------


@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_messages_are_found_however_the_bytes_are_cut(texts: list[bytes], data: Any) -> None:
    sent = [_STARTUP, *(message("Q", text) for text in texts)]
    stream, client = b"".join(sent), FromClient()
    found: list[bytes] = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += client.feed(stream[:size])
        stream = stream[size:]
    assert found == sent


def test_an_offer_to_encrypt_is_answered_by_one_byte() -> None:
    client = FromClient()
    server = FromServer(client)
    assert list(client.feed(_OFFER + _STARTUP)) == [_OFFER, _STARTUP]
    ready = message("Z", b"I")
    assert list(server.feed(b"N" + ready)) == [b"N", ready]


def test_an_encrypted_connection_is_refused_rather_than_miscounted() -> None:
    client = FromClient()
    list(client.feed(_OFFER))
    with pytest.raises(Encrypted):
        list(FromServer(client).feed(b"S"))


# --- before a real server --------------------------------------------------------------------


def proxied(served: Served) -> Proxy:
    socket = Path(served.connection_keywords["host"]) / _socket_name(served.connection_keywords)
    return Proxy(lambda: socket)


def _socket_name(keywords: Mapping[str, str]) -> str:
    return f".s.PGSQL.{keywords['port']}"


async def connected(proxy: Proxy, served: Served) -> psycopg.AsyncConnection[Any]:
    keywords = {**served.connection_keywords, "host": proxy.host, "port": PORT}
    return await psycopg.AsyncConnection.connect(**keywords, autocommit=True)  # type: ignore[arg-type]


async def direct(served: Served, statement: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(
        **served.connection_keywords,  # type: ignore[arg-type]
        autocommit=True,
    ) as connection:
        cursor = await connection.execute(statement.encode())
        return await cursor.fetchall() if cursor.description else []


async def test_what_goes_through_is_unchanged_and_counted(served: Served) -> None:
    async with proxied(served) as proxy, await connected(proxy, served) as connection:
        before = proxy.count
        cursor = await connection.execute("SELECT repeat('x', 1000000)")
        row = await cursor.fetchone()
        assert row is not None
        assert len(row[0]) == 1_000_000
        # A query; the row's description, the row, the completion, ready.
        assert proxy.count - before == 5


@pytest.mark.parametrize(("passes", "kept"), [(True, [(1,)]), (False, [])])
async def test_a_cut_at_the_commit_loses_the_commit_or_only_its_reply(
    served: Served, passes: bool, kept: list[tuple[int]]
) -> None:
    await direct(served, "CREATE TABLE t (n int)")
    async with proxied(served) as proxy:
        connection = await connected(proxy, served)
        await connection.execute("BEGIN")
        await connection.execute("INSERT INTO t VALUES (1)")
        proxy.at(Trigger(proxy.count + 1, passes, breaks=True, act=lambda: None))
        with pytest.raises(psycopg.OperationalError):
            await connection.execute("COMMIT")
        await connection.close()
        for _ in range(100):  # the server ends the broken session in its own time
            if found := await direct(served, "SELECT n FROM t"):
                break
            await asyncio.sleep(0.005)
        assert found == kept


async def test_a_trigger_acts_once_at_its_message(served: Served) -> None:
    async with proxied(served) as proxy, await connected(proxy, served) as connection:
        seen: list[int] = []
        third = proxy.count + 3
        proxy.at(Trigger(third, passes=False, breaks=False, act=lambda: seen.append(proxy.count)))
        for _ in range(3):
            await connection.execute("SELECT 1")
        assert seen == [third]


async def test_a_trigger_waits_for_a_message_that_holds_its_words(served: Served) -> None:
    async with proxied(served) as proxy, await connected(proxy, served) as connection:
        seen: list[int] = []
        trigger = Trigger(
            proxy.count, True, False, lambda: seen.append(proxy.count), holds=b"COMMIT\0"
        )
        proxy.at(trigger)
        await connection.execute("BEGIN")
        await connection.execute("SELECT 'COMMIT'")
        assert seen == []
        await connection.execute("COMMIT")
        await connection.execute("BEGIN")
        await connection.execute("COMMIT")
        assert len(seen) == 1


async def test_a_trigger_that_was_taken_away_does_nothing(served: Served) -> None:
    async with proxied(served) as proxy, await connected(proxy, served) as connection:
        trigger = Trigger(proxy.count + 1, passes=False, breaks=True, act=lambda: None)
        proxy.at(trigger)
        assert proxy.forget(trigger)
        await connection.execute("SELECT 1")
        assert not proxy.forget(trigger)


async def test_a_stall_holds_everything_back_and_then_lets_it_go(served: Served) -> None:
    async with proxied(served) as proxy, await connected(proxy, served) as connection:
        proxy.stall(0.3)
        began = time.monotonic()
        await connection.execute("SELECT 1")
        assert time.monotonic() - began > 0.25


async def test_a_cut_breaks_every_connection_and_new_ones_are_let_in(served: Served) -> None:
    async with proxied(served) as proxy:
        both = [await connected(proxy, served) for _ in range(2)]
        assert proxy.cut() == 2
        for connection in both:
            with pytest.raises(psycopg.OperationalError):
                await connection.execute("SELECT 1")
            await connection.close()
        async with await connected(proxy, served) as connection:
            await connection.execute("SELECT 1")


async def test_a_server_that_is_away_refuses_at_once(served: Served) -> None:
    async with Proxy(lambda: Path("/nonexistent/.s.PGSQL.1")) as proxy:
        with pytest.raises(psycopg.OperationalError):
            await connected(proxy, served)
