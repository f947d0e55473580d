"""Why a server does not start, read off PostgreSQL's words, with what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

from advisor.errors import DatabaseUnusable

_NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
#: PostgreSQL 18's words for a damaged log, control file or page.
_DAMAGE = re.compile(
    r"checkpoint record|control file|invalid page|checksum"
    r"|could not open (?:file|directory) \"[^\"]+\": No such file or directory",
    re.IGNORECASE,
)


def not_started(cluster: Path, log: Path, reason: str) -> DatabaseUnusable:
    """The error for a server that ended before it accepted a connection, by its last words."""
    if is_full(reason):
        return no_space(cluster)
    if _DAMAGE.search(reason):
        return damaged(cluster, f"PostgreSQL says “{reason.rstrip('.')}”")
    return DatabaseUnusable(f"PostgreSQL did not start in {cluster}: {reason} More is in {log}.")


def is_full(reason: str) -> bool:
    """Whether PostgreSQL says that the file system is full."""
    return bool(_NO_SPACE.search(reason))


def no_space(path: Path) -> DatabaseUnusable:
    """The error for a file system that is full."""
    return DatabaseUnusable(
        f"The disk that holds {path} is full. Free some space on it and start the bot again: what "
        "is stored is still there."
    )


def damaged(cluster: Path, how: str) -> DatabaseUnusable:
    """The error for files that PostgreSQL cannot use any more."""
    return DatabaseUnusable(
        f"The database in {cluster} is damaged: {how}. Put a copy of the directory back. If "
        f"nothing in it matters, remove {cluster} and start again: a new database is made. (Of "
        "the demo, remove the whole of .demo.)"
    )
