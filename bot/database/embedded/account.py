"""The user that runs the server: the bot's own, or another one where the bot runs as root.

PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import DatabaseUnusable

if TYPE_CHECKING:
    import pwd

#: Tried in this order when root starts the server and its directory does not exist yet.
CANDIDATES = ("vmbackup", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine that is not root."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> Account:
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, frozenset({entry.pw_gid}))

    def may_enter(self, directory: Path) -> bool:
        """Whether the mode of the directory lets this user enter it."""
        found = directory.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid in self.groups:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def server_account(directory: Path) -> Account | None:
    """The user that runs the server of `directory`; None: the bot's own user, who is not root.

    Raises DatabaseUnusable where the bot runs as root and finds no user for the server.
    """
    if os.geteuid() != 0:
        return None
    for entry in _candidates(directory):
        if entry.pw_uid != 0:
            return Account.of(entry)
    raise DatabaseUnusable(
        "PostgreSQL does not run as root, and there is no user “vmbackup” or “nobody” to run it "
        "as. Start the bot as an ordinary user, or set DATABASE_URL."
    )


def first_closed(path: Path, account: Account) -> Path | None:
    """The first directory of `path`, itself included, that the account cannot enter, or None."""
    for directory in (*reversed(path.parents), path):
        if directory.is_dir() and not account.may_enter(directory):
            return directory
    return None


def run_as(account: Account | None) -> Mapping[str, Any]:
    """The keywords that start a subprocess as that account; empty for None."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": ()}


def change_owner(path: Path, account: Account | None) -> None:
    """Make the account the owner of one file or directory, not of its contents."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _candidates(directory: Path) -> Iterable[pwd.struct_passwd]:
    import pwd  # POSIX only

    if directory.is_dir():
        with suppress(KeyError):  # a number without a name: PostgreSQL would refuse it
            yield pwd.getpwuid(directory.stat().st_uid)
    for name in CANDIDATES:
        with suppress(KeyError):
            yield pwd.getpwnam(name)
