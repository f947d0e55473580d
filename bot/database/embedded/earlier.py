"""What an earlier bot may have left running: known by the lock it holds, found, and stopped."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from advisor.errors import DatabaseInUse
from bot.database.embedded.locks import Lock

_log = logging.getLogger(__name__)

#: A fast shutdown ends with a checkpoint; then the immediate one, which leaves it to recovery.
STOPPING = (("SIGINT", 30.0), ("SIGQUIT", 5.0))


async def take_over(
    cluster: Path, lock: Lock, stopping: Sequence[tuple[str, float]] = STOPPING
) -> None:
    """Hold the server's lock, after stopping a server that outlived its bot.

    Raises DatabaseInUse where a server cannot be stopped or is not ours to stop.
    """
    if lock.take():
        _refuse_a_strangers(cluster, lock)
        return
    _log.warning(
        "A PostgreSQL server in %s outlived the bot that started it. Stopping it.", cluster
    )
    for told, seconds in stopping:
        for process in servers_of(cluster):
            with suppress(ProcessLookupError, _gone()):
                process.send_signal(signal.Signals[told])
        if await lock.take_within(seconds):
            return
    raise DatabaseInUse(
        f"A PostgreSQL server still runs on {cluster} and could not be stopped from here; perhaps "
        "it runs in another container. Stop it, or set VMBACKUP_DATA_DIR to another directory."
    )


def servers_of(cluster: Path) -> Iterator[Any]:
    """The PostgreSQL servers (psutil.Process) that work in that directory, whoever started them."""
    import psutil

    inside = {}
    for process in psutil.process_iter(["pid", "ppid", "name", "cwd"]):
        found = process.info
        if found["name"] == "postgres" and found["cwd"] == str(cluster):
            inside[found["pid"]] = process
    # The others of them are children of the one to be told.
    yield from (each for each in inside.values() if each.info["ppid"] not in inside)


def _refuse_a_strangers(cluster: Path, lock: Lock) -> None:
    """A server that does not hold our lock was started by hand, and is not ours to stop."""
    for process in servers_of(cluster):
        lock.let_go()
        raise DatabaseInUse(
            f"A PostgreSQL server that this bot did not start (process {process.pid}) works in "
            f"{cluster}. Stop it first, or set VMBACKUP_DATA_DIR to another directory."
        )


def _gone() -> type[Exception]:
    import psutil

    gone: type[Exception] = psutil.NoSuchProcess
    return gone
