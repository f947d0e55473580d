"""As whom the server runs: as ourselves; for root, whom PostgreSQL refuses, as somebody else."""

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

#: Tried in this order when root starts the server and nobody owns its directory yet.
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
        """Whether the mode of the directory lets this user pass through it."""
        found = directory.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid in self.groups:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def server_account(directory: Path) -> Account | None:
    """Who runs the server of `directory`; None: we ourselves, who are not root.

    Raises DatabaseUnusable where root has nobody to run it as.
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
    """The first directory on the way to `path`, itself included, that the account cannot enter."""
    for directory in (*reversed(path.parents), path):
        if directory.is_dir() and not account.may_enter(directory):
            return directory
    return None


def run_as(account: Account | None) -> Mapping[str, Any]:
    """The keywords with which a process is started as that account."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": ()}


def give(path: Path, account: Account | None) -> None:
    """Hand one file or directory to the account; nothing above or below it."""
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
