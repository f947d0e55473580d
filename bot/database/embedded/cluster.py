"""The cluster on disk: made once by initdb, checked at every start, cleaned up after a crash."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from advisor.errors import DatabaseUnusable
from bot.database.embedded.account import Account, change_owner, change_owner_of_all
from bot.database.embedded.binaries import MAJOR
from bot.database.embedded.failures import damaged, is_full, no_space
from bot.database.embedded.places import LARGEST_LOG_BYTES, Places
from bot.database.embedded.programs import Programs

USER = "vmbackup"
_CONTROL = Path("global") / "pg_control"  #: every cluster has this file
_VERSION = re.compile(r"[1-9]\d?(\.\d{1,2})?")  #: such as 18, and 9.6 before there was a 10
_INITDB = (
    f"--username={USER}",
    "--auth-local=trust",  # only the server's user may enter the socket's directory
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C",
)


async def make_where_missing(places: Places, programs: Programs) -> None:
    """Make the cluster if there is none yet. The caller holds the server's lock.

    Raises DatabaseUnusable; OSError where the file system refuses.
    """
    shutil.rmtree(places.unfinished, ignore_errors=True)
    if _is_missing(places.cluster):
        await _make(places, programs)


def make_ready(places: Places, account: Account | None) -> None:
    """Check the cluster and remove what a crash left. The caller holds the server's lock.

    Raises DatabaseUnusable; OSError where the file system refuses.
    """
    _take_from_nobody(places.cluster, account)
    _check(places.cluster, account)
    places.cluster.chmod(0o700)  # a cluster restored from a backup is often open to others
    # The lock proves that no server runs: the pid in the file is stale, even if a process has it.
    (places.cluster / "postmaster.pid").unlink(missing_ok=True)


def rotate_log(places: Places) -> None:
    """Rename a log that has grown large; it replaces the log renamed before."""
    if places.log.exists() and places.log.stat().st_size > LARGEST_LOG_BYTES:
        places.log.replace(places.log.with_name(f"{places.log.name}.1"))


async def _make(places: Places, programs: Programs) -> None:
    """Run initdb in another directory and rename it: an interrupted initdb leaves no cluster."""
    offset, account = programs.log_size(), programs.account
    made = _make_closed(places.unfinished, account)
    process = await programs.start_initdb(f"--pgdata={made}", *_INITDB)
    if await process.wait() != 0:
        reason = programs.last_error_since(offset)
        shutil.rmtree(places.unfinished, ignore_errors=True)
        if is_full(reason):
            raise no_space(places.home)
        raise DatabaseUnusable(
            f"PostgreSQL could not make its files in {places.home}: {reason} "
            f"More is in {places.log}."
        )
    if account is not None:
        change_owner_of_all(made, account)
    made.rename(places.cluster)
    places.unfinished.rmdir()
    _flush(places.home)


def _make_closed(unfinished: Path, account: Account | None) -> Path:
    """Make the directory that initdb fills, within one that only the account's group may enter.

    initdb may run as a user whose other processes must not reach the database.
    """
    made = unfinished / "cluster"
    unfinished.mkdir(mode=0o700)
    if account is not None:
        os.chown(unfinished, 0, account.gid)
        unfinished.chmod(0o710)
    made.mkdir(mode=0o700)
    change_owner(made, account.for_initdb if account else None)
    return made


def _is_missing(cluster: Path) -> bool:
    return not cluster.exists() or (cluster.is_dir() and not any(cluster.iterdir()))


def _take_from_nobody(cluster: Path, account: Account | None) -> None:
    """Give a cluster that an earlier version made as “nobody” to the account, wholly."""
    if account is None or account.initdb_uid is None:
        return
    if cluster.is_dir() and cluster.stat().st_uid in (account.uid, account.initdb_uid):
        change_owner_of_all(cluster, account)


def _check(cluster: Path, account: Account | None) -> None:
    """Raises DatabaseUnusable where no server can be started on the directory."""
    version = cluster / "PG_VERSION"
    if not version.is_file():
        if (cluster / _CONTROL).is_file():
            raise damaged(cluster, "its file PG_VERSION is missing")
        raise DatabaseUnusable(
            f"{cluster} holds files that are not a database. Move it away, or set "
            "VMBACKUP_DATA_DIR to another directory."
        )
    _check_version(cluster, version.read_text(encoding="ascii", errors="replace").strip())
    owner, wanted = cluster.stat().st_uid, account.uid if account else os.geteuid()
    if owner != wanted:
        raise DatabaseUnusable(
            f"{cluster} belongs to another user (number {owner}). Start the bot as that user, or "
            "set VMBACKUP_DATA_DIR to another directory."
        )


def _check_version(cluster: Path, version: str) -> None:
    if not _VERSION.fullmatch(version):
        raise damaged(cluster, "its file PG_VERSION does not hold the number of a version")
    if version != MAJOR:
        raise DatabaseUnusable(
            f"{cluster} holds a database of PostgreSQL {version}, and this is "
            f"PostgreSQL {MAJOR}. Dump it with pg_dumpall of the version that made it, move the "
            "directory away, start once, and load the dump."
        )


def _flush(directory: Path) -> None:
    """Flush the directory, so that the rename survives a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
