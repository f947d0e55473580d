"""The pages of a long reading, kept on disk as they come, so that it can go on where it stopped.

One file for each query, one JSON line for each page: `{"asked": …, "rows": […], "token": …,
"total": …}`. A line that was cut short ends what is kept. The files hold what Azure said of VMs and
vaults, no secret of anybody, and only their owner may read them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from advisor.inventory.resource_graph import GraphQuery

FOLDER = "fleet-reading"
_ONLY_OWNER = 0o600


class KeptPage(NamedTuple):
    """One page: its rows, the token of the next one (None: it is the last), rows in all."""

    rows: Sequence[Mapping[str, Any]]
    token: str | None
    total: int


class KeptPages:
    """The pages of one reading in a folder. Without `resume` what is there is forgotten."""

    def __init__(self, folder: Path, *, resume: bool) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not resume:
            self.forget()

    def forget(self) -> None:
        """Delete what is kept: the reading is whole, or begins anew."""
        for path in self._folder.glob("*.jsonl"):
            path.unlink(missing_ok=True)

    def pages(self, query: GraphQuery) -> Iterator[KeptPage]:
        """What is kept of a query that is asked exactly so, in order."""
        path = self._path(query)
        if not path.exists():
            return
        with path.open(encoding="utf-8") as file:
            for line in file:
                page = _page(line, query)
                if page is None:
                    return
                yield page

    def keep(self, query: GraphQuery, page: KeptPage) -> None:
        """One more page; on the disk before the next one is asked for."""
        line = {
            "asked": query.text,
            "rows": page.rows,
            "token": page.token,
            "total": page.total,
        }
        descriptor = os.open(self._path(query), os.O_WRONLY | os.O_CREAT | os.O_APPEND, _ONLY_OWNER)
        with open(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def start_over(self, query: GraphQuery) -> None:
        """Forget one query, whose next page can no longer be had."""
        self._path(query).unlink(missing_ok=True)

    def _path(self, query: GraphQuery) -> Path:
        return self._folder / f"{Path(query.file_name).stem}.jsonl"


def _page(line: str, query: GraphQuery) -> KeptPage | None:
    """The page, or None for a line that was cut short or answers another question."""
    try:
        kept = json.loads(line)
    except json.JSONDecodeError:
        return None
    if not isinstance(kept, dict) or kept.get("asked") != query.text:
        return None
    return KeptPage(kept["rows"], kept["token"], kept["total"])
