"""The pages of a long reading, kept on disk as they come, so that it can go on where it stopped.

One file for each query, one JSON line for each page: `{"asked": …, "scope": …, "rows": […],
"token": …, "total": …, "at": …}`. A line that was cut short, or is none of these, ends what is
kept. The files hold what Azure said of VMs and vaults, no secret of anybody, and only their owner
may read them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from advisor.errors import UsageError
from advisor.inventory.page_reading import PagePlace
from advisor.inventory.resource_graph import GraphQuery

FOLDER = "fleet-reading"
GOOD_FOR_SECONDS = 24 * 60 * 60  #: ours: what was read longer ago says nothing of today
_ONLY_OWNER = 0o600


class KeptPage(NamedTuple):
    """One page: its rows, the token of the next one (None: it is the last), rows in all.

    `size`: its bytes on the disk; 0 where it is not there.
    """

    rows: Sequence[Mapping[str, Any]]
    token: str | None
    total: int
    size: int = 0


class KeptPages:
    """The pages of one reading in a folder. Without `resume` what is there is forgotten.

    `scope`: the subscriptions and management groups that are read; pages of others are not used,
    nor are those kept longer ago than `good_for_seconds`: the report speaks of now.
    """

    def __init__(
        self,
        folder: Path,
        *,
        resume: bool,
        scope: Sequence[str] = (),
        good_for_seconds: float = GOOD_FOR_SECONDS,
    ) -> None:
        self._good_for_seconds = good_for_seconds
        self.unwritten = ""  #: why no further page is kept; empty: all are
        self._folder, self._scope = folder, sorted(each.lower() for each in scope)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not resume:
            self.forget()

    def forget(self) -> None:
        """Delete what is kept: the reading is whole, or begins anew."""
        for path in self._folder.glob("*.jsonl"):
            path.unlink(missing_ok=True)

    def pages(self, query: GraphQuery) -> Iterator[KeptPage]:
        """What is kept of a query that is asked exactly so, in order; what is not goes."""
        path = self._path(query)
        newer_than = time.time() - self._good_for_seconds
        if not path.exists() or path.stat().st_mtime < newer_than:
            path.unlink(missing_ok=True)
            return
        good = 0
        with path.open("rb") as file:
            for line in file:
                page = _page(line, query, self._scope, newer_than)
                if page is None:
                    break
                good += len(line)
                yield page
        os.truncate(path, good)

    def places(self) -> tuple[PagePlace, ...]:
        """Where each whole page is, of every query."""
        return tuple(place for path in sorted(self._folder.glob("*.jsonl")) for place in _in(path))

    def keep(self, query: GraphQuery, page: KeptPage) -> KeptPage:
        """One more page; on the disk before the next one is asked for. Returns it with its size.

        Raises UsageError where the disk does not take it.
        """
        try:
            return self._appended(query, page)
        except OSError as error:
            reason = error.strerror or "it cannot be written"
            raise UsageError(f"{self._path(query)} cannot hold what is read: {reason}.") from error

    def _appended(self, query: GraphQuery, page: KeptPage) -> KeptPage:
        import orjson

        line = {
            "asked": query.text,
            "scope": self._scope,
            "rows": page.rows,
            "token": page.token,
            "total": page.total,
            "at": time.time(),  # the file is as new as its last page; its first may be too old
        }
        path, flags = self._path(query), os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with open(os.open(path, flags, _ONLY_OWNER), "ab") as file:
            written = file.write(orjson.dumps(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return page._replace(size=written)

    def keep_if_possible(self, query: GraphQuery, page: KeptPage) -> KeptPage:
        """As `keep`, for pages that are held in memory too: a disk that takes none ends no reading.

        From then on none is kept of any query, so that what is there is the beginning of each.
        """
        if self.unwritten:
            return page
        try:
            return self._appended(query, page)
        except OSError as error:
            self.unwritten = str(error)
            return page

    def start_over(self, query: GraphQuery) -> None:
        """Forget one query, whose next page can no longer be had."""
        self._path(query).unlink(missing_ok=True)

    def _path(self, query: GraphQuery) -> Path:
        return self._folder / f"{Path(query.file_name).stem}.jsonl"


def _in(path: Path) -> Iterator[PagePlace]:
    start = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield PagePlace(str(path), start, start + len(line))
            start += len(line)


def _page(line: bytes, query: GraphQuery, scope: list[str], newer_than: float) -> KeptPage | None:
    """The page, or None for a line that was cut short, is too old or answers another question."""
    import orjson

    if not line.endswith(b"\n"):
        return None
    try:
        kept = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(kept, dict) or kept.get("asked") != query.text:
        return None
    if kept.get("scope") != scope:
        return None
    rows, token, total, at = (kept.get(name) for name in ("rows", "token", "total", "at"))
    if not isinstance(at, float) or at < newer_than:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    if not isinstance(total, int) or not isinstance(token, str | None):
        return None
    return KeptPage(rows, token, total, len(line))
