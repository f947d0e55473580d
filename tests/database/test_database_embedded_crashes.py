"""What crashes leave behind, and two bots on one directory: it recovers or says what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from running_postgres import address, ask, end, nothing_runs_on, owner_of, said_by, until

from advisor.errors import DatabaseInUse
from bot.database.embedded import EmbeddedPostgres
from bot.database.embedded.account import run_as, server_account
from bot.database.embedded.binaries import bundled
from bot.database.embedded.earlier import take_over
from bot.database.embedded.locks import Lock
from bot.database.embedded.places import Places


async def starts(directory: Path) -> bool:
    async with EmbeddedPostgres(directory) as server:
        return bool(await ask(server, "SELECT 1") == 1)


def runs(process: int) -> bool:
    """Whether it lives; one that nobody has waited for yet does not."""
    if not psutil.pid_exists(process):
        return False
    return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)


# --- two at once ----------------------------------------------------------------------------


async def test_a_second_bot_is_refused_in_a_sentence_and_disturbs_nothing(
    server: EmbeddedPostgres, directory: Path
) -> None:
    with pytest.raises(DatabaseInUse) as caught:
        async with EmbeddedPostgres(directory):
            pass
    assert f"Another vmbackup (process {os.getpid()}) uses the database in" in str(caught.value)
    assert "DATABASE_URL" in str(caught.value)
    assert await ask(server, "SELECT 1") == 1


async def test_a_second_process_is_refused_too_and_may_start_once_the_first_has_stopped(
    directory: Path,
) -> None:
    owner = owner_of(directory)
    try:
        await asyncio.to_thread(said_by, owner)
        with pytest.raises(DatabaseInUse, match=f"process {owner.pid}"):
            await starts(directory)
        owner.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(owner.wait, 20) != 0
    finally:
        end(owner)
    assert await nothing_runs_on(directory)
    assert await starts(directory)


async def test_a_server_started_by_hand_is_neither_used_nor_stopped(directory: Path) -> None:
    socket = directory.parent / "s"
    socket.mkdir(mode=0o777)
    socket.chmod(0o777)
    by_hand = subprocess.Popen(
        [
            *(str(bundled() / "bin" / "postgres"), "-D", str(directory)),
            *("-c", "listen_addresses=", "-c", f"unix_socket_directories={socket}"),
        ],
        stderr=subprocess.DEVNULL,
        **run_as(server_account(directory)),
    )
    try:
        await until(lambda: asyncio.sleep(0, (socket / ".s.PGSQL.5432").exists()))
        with pytest.raises(DatabaseInUse, match=rf"did not start \(process {by_hand.pid}\)"):
            await starts(directory)
        assert by_hand.poll() is None
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait()
    assert await starts(directory)


async def test_a_server_that_cannot_be_seen_from_here_is_said_to_be_elsewhere(
    directory: Path,
) -> None:
    """As in another container on the same volume: its lock is there, its processes are not."""
    elsewhere, ours = (Lock(Places(directory).server_lock) for _ in range(2))
    assert elsewhere.take()
    with pytest.raises(DatabaseInUse, match="perhaps it runs in another container"):
        await take_over(directory, ours, stopping=(("SIGINT", 0.1),))
    elsewhere.release()


# --- the bot is killed ----------------------------------------------------------------------


async def test_a_server_that_outlived_its_bot_is_stopped_and_nothing_committed_is_lost(
    directory: Path,
) -> None:
    owner = owner_of(directory)
    orphan, socket = await asyncio.to_thread(said_by, owner)
    async with await psycopg.AsyncConnection.connect(
        host=str(socket), user="vmbackup", dbname="postgres", autocommit=True
    ) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    end(owner)
    assert runs(orphan)
    async with EmbeddedPostgres(directory) as server:
        assert not runs(orphan)
        assert await ask(server, "SELECT value FROM kept") == 42
    assert not socket.exists()


async def test_a_bot_killed_at_any_moment_of_its_first_start_leaves_nothing_in_the_way(
    data_directory: Path,
) -> None:
    """Half an initdb, a server coming up, a server that is up."""
    directory = data_directory / "postgresql"
    for seconds in (0.25, 0.5, 0.8, 1.2):
        owner = owner_of(directory)
        await asyncio.sleep(seconds)
        end(owner)
    assert await starts(directory)
    beside = {each.name for each in data_directory.iterdir()}
    assert beside <= {f"postgresql{end}" for end in ("", ".lock", ".log", ".running")}


async def test_an_interrupted_initdb_is_thrown_away(data_directory: Path) -> None:
    unfinished = data_directory / "postgresql.new"
    (unfinished / "base").mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    assert await starts(data_directory / "postgresql")
    assert not unfinished.exists()


@pytest.mark.parametrize("left", ["", "12", "garbage\n\n", None])
async def test_a_pid_file_that_is_cut_short_or_stale_is_no_obstacle(
    left: str | None, directory: Path
) -> None:
    """None: it names a process that is alive, as after a container's restart."""
    alive = f"{os.getpid()}\n{directory}\n{int(time.time())}\n5432\n/tmp\n\n"
    (directory / "postmaster.pid").write_text(alive if left is None else left)
    assert await starts(directory)


async def test_a_socket_note_that_is_cut_short_removes_nothing(directory: Path) -> None:
    innocent = directory.parent / "innocent"
    innocent.mkdir()
    Places(directory).socket_note.write_text(str(innocent))
    assert await starts(directory)
    assert innocent.is_dir()


async def test_power_lost_while_writing_is_recovered_from(directory: Path) -> None:
    """Bot and server killed together: what was committed is there after recovery."""
    owner = owner_of(directory)
    process, socket = await asyncio.to_thread(said_by, owner)
    async with await psycopg.AsyncConnection.connect(
        host=str(socket), user="vmbackup", dbname="postgres", autocommit=True
    ) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS value")
        end(owner)
        for each in (psutil.Process(process), *psutil.Process(process).children()):
            each.kill()
    assert await nothing_runs_on(directory)
    async with EmbeddedPostgres(directory) as server:
        assert await ask(server, "SELECT count(*) FROM kept") == 1000
    assert not socket.exists()


# --- the server dies ------------------------------------------------------------------------


async def test_a_server_that_dies_is_started_again_at_the_same_address(
    server: EmbeddedPostgres,
) -> None:
    await ask(server, "CREATE TABLE kept AS SELECT 42 AS value")
    before, dead = address(server), server.process_id
    assert dead is not None
    os.kill(dead, signal.SIGKILL)

    async def again() -> bool:
        try:
            return bool(await ask(server, "SELECT value FROM kept") == 42)
        except psycopg.OperationalError:
            return False

    await until(again)
    assert address(server) == before
    assert server.process_id not in (None, dead)


async def test_a_database_that_vanished_is_not_silently_replaced_by_an_empty_one(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with EmbeddedPostgres(directory) as server:
        dead = server.process_id
        assert dead is not None
        shutil.move(directory, directory.with_name("elsewhere"))
        os.kill(dead, signal.SIGKILL)
        await until(
            lambda: asyncio.sleep(0, "PostgreSQL could not be started again" in caplog.text)
        )
        assert not directory.exists()
