"""A whole run: a server, the batches one after the other, and the tally of them all."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bot.database.embedded import EmbeddedPostgres
from tests.chaos.batch import WORKERS, Ground, play_batch
from tests.chaos.play import REST_SECONDS
from tests.chaos.report import Tally, breaches_of
from tests.chaos.schedules import Schedule, schedules

#: So many requests live at once: enough to meet each other's faults, few enough to be quick.
BATCH = 50
#: The commands of a batch come within so long.
SPREAD_SECONDS = 12.0


async def run(
    count: int,
    seed: int,
    *,
    workers: int = WORKERS,
    batch: int = BATCH,
    spread_seconds: float = SPREAD_SECONDS,
    rest_seconds: float = REST_SECONDS,
    keep: Path | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> Tally:
    """Plays so many schedules. With `keep`, the bots' logs and the database stay there.

    What rests only after `rest_seconds` from the last fault is stuck. Raises BotStopped and
    TimeoutError where the system itself does not start.
    """
    with (
        _quiet_server(),
        tempfile.TemporaryDirectory(prefix="vmbackup-chaos-", ignore_cleanup_errors=True) as made,
    ):
        home = keep or Path(made)
        home.mkdir(parents=True, exist_ok=True)
        os.chmod(home, 0o755)  # under root the server runs as somebody else
        drawn = schedules(seed, count, spread_seconds)
        tally = Tally(seed=seed)
        async with EmbeddedPostgres(home / "postgresql") as server:
            ground = Ground(server, home, workers, rest_seconds)
            await _play(ground, drawn, batch, tally, lambda: tell(_so_far(tally, count)))
    return tally


async def _play(
    ground: Ground,
    drawn: Iterator[Schedule],
    batch: int,
    tally: Tally,
    tell: Callable[[], object],
) -> None:
    began = time.monotonic()
    while found := list(islice(drawn, batch)):
        await play_batch(ground, found, tally)
        tally.seconds = time.monotonic() - began
        tell()


@contextmanager
def _quiet_server() -> Iterator[None]:
    """Its starter tells of every crash; here it is killed on purpose."""
    logger = logging.getLogger("bot.database.embedded")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _so_far(tally: Tally, count: int) -> str:
    """How far it came, and every breach until then: nobody waits for the end to read them."""
    line = f"{len(tally.schedules)} of {count} after {tally.seconds:.0f} s"
    return "\n".join([line, *breaches_of(tally)])
