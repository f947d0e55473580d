"""Stops a server that an earlier bot left running; its lock shows that it still runs."""

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

#: (signal, seconds): a fast shutdown, which writes a checkpoint; then an immediate one, after which
#: the next start recovers.
STOPPING = (("SIGINT", 30.0), ("SIGQUIT", 5.0))


async def take_over(
    cluster: Path, lock: Lock, stopping: Sequence[tuple[str, float]] = STOPPING
) -> None:
    """Take the server's lock, after stopping a server that outlived its bot.

    Raises DatabaseInUse where a server cannot be stopped, or no bot started it.
    """
    if lock.take():
        _refuse_other_server(cluster, lock)
        return
    _log.warning(
        "A PostgreSQL server still runs on %s after the end of its bot. It is being stopped.",
        cluster,
    )
    for name, seconds in stopping:
        for process in servers_of(cluster):
            with suppress(ProcessLookupError, _no_such_process()):
                process.send_signal(signal.Signals[name])
        if await lock.take_within(seconds):
            return
    raise DatabaseInUse(
        f"A PostgreSQL server still runs on {cluster} and could not be stopped from here; perhaps "
        "it runs in another container. Stop it, or set VMBACKUP_DATA_DIR to another directory."
    )


def servers_of(cluster: Path) -> Iterator[Any]:
    """The main processes (psutil.Process) of all PostgreSQL servers on that directory."""
    import psutil

    processes = {}
    for process in psutil.process_iter(["pid", "ppid", "name", "cwd"]):
        found = process.info
        if found["name"] == "postgres" and found["cwd"] == str(cluster):
            processes[found["pid"]] = process
    # A server's other processes are children of its main process, which gets the signal.
    yield from (each for each in processes.values() if each.info["ppid"] not in processes)


def _refuse_other_server(cluster: Path, lock: Lock) -> None:
    """Raises DatabaseInUse for a server without the lock: a person started it, not a bot."""
    for process in servers_of(cluster):
        lock.release()
        raise DatabaseInUse(
            f"A PostgreSQL server that this bot did not start (process {process.pid}) runs on "
            f"{cluster}. Stop it first, or set VMBACKUP_DATA_DIR to another directory."
        )


def _no_such_process() -> type[Exception]:
    import psutil

    no_such_process: type[Exception] = psutil.NoSuchProcess
    return no_such_process
