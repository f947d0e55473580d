"""The paths of one embedded database: the cluster, and the files beside it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from advisor.errors import DatabaseUnusable
from bot.database.embedded.account import Account, change_owner, first_closed
from bot.database.embedded.failures import no_space

#: A socket's path holds 107 bytes on Linux and 103 on macOS (unix(7), unix(4)).
LONGEST_SOCKET_PATH = 103
PORT = "5432"  #: only a part of the socket's name: nothing listens on a network
SOCKET_PREFIX = "vmbackup-socket-"
LARGEST_LOG_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one embedded database; everything but the cluster lies beside it."""

    cluster: Path

    @property
    def home(self) -> Path:
        return self.cluster.parent

    @property
    def unfinished(self) -> Path:
        """The directory in which initdb fills another one, which is renamed to `cluster`."""
        return self._beside(".new")

    @property
    def owner_lock(self) -> Path:
        """The lock of the bot that uses this database."""
        return self._beside(".lock")

    @property
    def server_lock(self) -> Path:
        """The lock of every process of the server itself."""
        return self._beside(".running")

    @property
    def log(self) -> Path:
        return self._beside(".log")

    @property
    def socket_note(self) -> Path:
        """The file that names the last start's socket directory, to clean up after a crash."""
        return self._beside(".socket")

    def _beside(self, ending: str) -> Path:
        return self.cluster.with_name(self.cluster.name + ending)


def make_home(places: Places, account: Account | None) -> None:
    """Make the directories that are missing; existing ones stay as they are.

    Raises DatabaseUnusable where one cannot be made, or the account cannot enter one.
    """
    try:
        missing = [each for each in (places.home, *places.home.parents) if not each.exists()]
        for directory in reversed(missing):
            directory.mkdir(mode=0o700 if account is None else 0o755)
    except OSError as error:
        raise cannot("make", places.home, error) from error
    closed = first_closed(places.home, account) if account else None
    if closed is not None and account is not None:
        raise DatabaseUnusable(
            f"PostgreSQL does not run as root. It would run as “{account.name}”, and that user may "
            f"not enter {closed}. Start the bot as an ordinary user, or set VMBACKUP_DATA_DIR to a "
            "directory whose parents are open to others, such as /var/lib/vmbackup."
        )


def make_socket_directory(places: Places, account: Account | None) -> Path:
    """Make a directory with a short path that only the server's user may enter."""
    for base in _bases(places):
        path = base / f"{SOCKET_PREFIX}{secrets.token_hex(4)}"
        if not is_short_enough(path) or (account and first_closed(base, account)):
            continue
        places.socket_note.write_text(str(path), encoding="utf-8")
        try:
            path.mkdir(mode=0o700)  # fails where the directory exists already
        except OSError:
            continue
        change_owner(path, account)
        return path
    raise DatabaseUnusable(
        f"There is no place for PostgreSQL's socket: its path may have {LONGEST_SOCKET_PATH} bytes "
        "and no comma. Set TMPDIR to a short path that this user may write to."
    )


def is_short_enough(directory: Path) -> bool:
    """Whether a socket's path fits there, and libpq does not read the path as several hosts."""
    socket = directory / f".s.PGSQL.{PORT}"
    return len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH and "," not in str(directory)


def remove_socket_leftovers(places: Places) -> None:
    """Remove the socket directory that a bot left behind when it crashed."""
    if not places.socket_note.exists():
        return
    left = Path(places.socket_note.read_text(encoding="utf-8", errors="replace").strip())
    # The note may be incomplete: only a directory that a bot can have made is removed.
    if left.name.startswith(SOCKET_PREFIX) and left.is_dir() and not left.is_symlink():
        shutil.rmtree(left, ignore_errors=True)
    places.socket_note.unlink()


def cannot(verb: str, path: Path, error: OSError) -> DatabaseUnusable:
    """The error for an operation that the file system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_space(path)
    why = error.strerror or type(error).__name__
    return DatabaseUnusable(
        f"The bot's database: cannot {verb} {path}: {why}. Set VMBACKUP_DATA_DIR to a directory "
        "that this user may write to, or DATABASE_URL to a PostgreSQL server of your own."
    )


def _bases(places: Places) -> tuple[Path, ...]:
    """The directories to try; the temporary one first, because its path is short."""
    try:
        temporary = [Path(tempfile.gettempdir())]
    except FileNotFoundError:  # a read-only root file system
        temporary = []
    return (*temporary, Path("/tmp"), places.home)  # noqa: S108  only a new directory in it is used
