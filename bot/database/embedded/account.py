"""The user that runs the server: the bot's own, or another one where the bot runs as root.

PostgreSQL refuses to run as root. The user “nobody” would not do: every process that runs as
nobody could read and change the database.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import DatabaseUnusable

if TYPE_CHECKING:
    import pwd

#: Runs the server where root starts it and a user of this name exists.
USER_NAME = "vmbackup"
#: Runs the server where there is no such user: a number that no user and no service has. Debian
#: reserves it (Policy 4.7, 9.2.2), and systemd gives it to nobody ("Users, Groups, UIDs and GIDs").
OWN_ID = 65521
#: initdb refuses to run as a number without a name; PostgreSQL itself does not.
_INITDB_NAME = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine that is not root."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int] = field(default_factory=frozenset)
    initdb_uid: int | None = None  #: the user that initdb runs as, where that is another one

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> Account:
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, frozenset({entry.pw_gid}))

    @property
    def for_initdb(self) -> Account:
        """The account that initdb runs as; it has the same group."""
        return self if self.initdb_uid is None else replace(self, uid=self.initdb_uid)

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
        if entry.pw_uid != 0 and entry.pw_name != _INITDB_NAME:
            return Account.of(entry)
    return _own_account()


def _own_account() -> Account:
    import pwd  # POSIX only

    try:
        initdb_uid = pwd.getpwnam(_INITDB_NAME).pw_uid
    except KeyError:
        raise _no_user(f"there is no user “{USER_NAME}” to run it as") from None
    with suppress(KeyError):
        taken = pwd.getpwuid(OWN_ID).pw_name
        raise _no_user(f"the number {OWN_ID}, as which it would run, is the user “{taken}”")
    return Account(f"number {OWN_ID}", OWN_ID, OWN_ID, frozenset({OWN_ID}), initdb_uid)


def _no_user(why: str) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"PostgreSQL does not run as root, and {why}. Make a user for it (useradd --system "
        f"{USER_NAME}), start the bot as an ordinary user, or set DATABASE_URL."
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


def change_owner_of_all(directory: Path, account: Account) -> None:
    """Make the account the owner of the directory and of its contents, where it is not.

    The directory itself comes first, which closes it to its owner before; no link is followed.
    """
    if directory.lstat().st_uid != account.uid:
        os.chown(directory, account.uid, account.gid, follow_symlinks=False)
    for _, directories, files, descriptor in os.fwalk(directory):
        for name in (*directories, *files):
            if os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_uid != account.uid:
                os.chown(name, account.uid, account.gid, dir_fd=descriptor, follow_symlinks=False)


def _candidates(directory: Path) -> Iterable[pwd.struct_passwd]:
    import pwd  # POSIX only

    if directory.is_dir():
        with suppress(KeyError):  # a number without a name: PostgreSQL would refuse it
            yield pwd.getpwuid(directory.stat().st_uid)
    with suppress(KeyError):
        yield pwd.getpwnam(USER_NAME)
