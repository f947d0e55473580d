"""How far `vmbackup fleet` is, on standard error where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advisor.model.fleet import FleetRow


@contextmanager
def reading_progress() -> Iterator[Callable[[int, int], None]]:
    """What is told, page by page, how many rows of how many came from Azure."""
    with _bar("Reading", "rows") as bar:
        if bar is None:
            yield lambda came, total: None
            return
        task = bar.add_task("rows", total=None)
        yield lambda came, total: bar.update(task, completed=came, total=total)


@contextmanager
def advising_progress(
    vms: int,
) -> Iterator[Callable[[Iterable[FleetRow]], Iterator[FleetRow]]]:
    """What the rows pass through that are counted."""
    with _bar("Advising", "VMs") as bar:
        if bar is None:
            yield iter
            return
        task = bar.add_task("VMs", total=vms)

        def told(rows: Iterable[FleetRow]) -> Iterator[FleetRow]:
            for row in rows:
                bar.advance(task)
                yield row

        yield told


@contextmanager
def _bar(doing: str, what: str) -> Iterator[Any]:
    """The bar, or None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn(what))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield bar
