"""What is remembered of the price list, so that it is not asked in vain: in a file of the cache.

The file only saves requests: where it is damaged, nothing is remembered. Its shape is
`{"schema": 1, "lists": {origin: {told, failed_at, why, absent: [[service, product, sku, meter,
region, currency, asked_at], ...]}}}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from advisor.file_lock import locked
from advisor.prices.quote import Key

SCHEMA = 1
MEMORY_NAME = "prices-asked.json"
FAILURE_LASTS = timedelta(minutes=10)  #: so long a list that did not answer is left alone
ABSENCE_LASTS = timedelta(days=1)  #: so long a meter that the list lacks is not asked for again


@dataclass(frozen=True, slots=True)
class ListMemory:
    """One price list: whether people were told of it, its last failure, what it lacks, since when.

    Times have a time zone.
    """

    told: bool = False
    failed_at: datetime | None = None
    why: str = ""
    absent: Mapping[Key, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def rests_until(self, now: datetime) -> datetime | None:
        """When it may be asked again after a failure; None: now."""
        if self.failed_at is None or not _within(self.failed_at, FAILURE_LASTS, now):
            return None
        return self.failed_at + FAILURE_LASTS

    def worth_asking(self, keys: Iterable[Key], now: datetime) -> frozenset[Key]:
        """The keys without those that the list was found to lack a short time ago."""
        return frozenset(
            key
            for key in keys
            if key not in self.absent or not _within(self.absent[key], ABSENCE_LASTS, now)
        )

    def after(
        self, now: datetime, found: Iterable[Key], absent: Iterable[Key], why: str
    ) -> ListMemory:
        """With the outcome of asking; `why` says what failed, and is empty where nothing did."""
        known = {
            key: since for key, since in self.absent.items() if _within(since, ABSENCE_LASTS, now)
        }
        for key in found:
            known.pop(key, None)
        known |= dict.fromkeys(absent, now)
        return replace(self, failed_at=now if why else None, why=why, absent=known)


def read_memory(directory: Path, origin: str) -> ListMemory:
    """What is remembered of the list at this origin."""
    return _read(directory / MEMORY_NAME).get(origin, ListMemory())


def remember(directory: Path, origin: str, change: Callable[[ListMemory], ListMemory]) -> None:
    """Change what is remembered of a list, beside what other processes write. Raises OSError."""
    from advisor.prices.saved import replace_file

    path = directory / MEMORY_NAME
    directory.mkdir(parents=True, exist_ok=True)
    with locked(path.with_suffix(".lock")):
        lists = _read(path)
        lists[origin] = change(lists.get(origin, ListMemory()))
        written = {name: _json(each) for name, each in lists.items()}
        text = json.dumps({"schema": SCHEMA, "lists": written}, separators=(",", ":"))
        replace_file(path, text, lasting=False)


def _within(since: datetime, span: timedelta, now: datetime) -> bool:
    """A clock that was put back remembers nothing for longer than the span."""
    return timedelta(0) <= now - since < span


def _read(path: Path) -> dict[str, ListMemory]:
    try:
        document = json.loads(path.read_bytes())
        if document["schema"] != SCHEMA:
            return {}
        return {str(name): _memory(each) for name, each in document["lists"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _memory(value: Mapping[str, Any]) -> ListMemory:
    failed_at = value["failed_at"]
    return ListMemory(
        told=value["told"] is True,
        failed_at=_moment(failed_at) if failed_at else None,
        why=str(value["why"]),
        absent={Key(*map(str, row[:6])): _moment(row[6]) for row in value["absent"]},
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _json(memory: ListMemory) -> Mapping[str, Any]:
    return {
        "told": memory.told,
        "failed_at": memory.failed_at.isoformat() if memory.failed_at else "",
        "why": memory.why,
        "absent": [[*key, since.isoformat()] for key, since in sorted(memory.absent.items())],
    }
