"""`make chaos`: requests under kill -9, pauses, outages, faults and clicks without measure.

Prints what it tried and survived, by kind; ends with an error where anything was lost, doubled,
unapproved or stuck, or the audit's chain is broken. The same seed draws the same schedules.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from deploy.local.bot_process import BotStopped
from tests.chaos.batch import WORKERS
from tests.chaos.play import REST_SECONDS
from tests.chaos.report import told
from tests.chaos.running import BATCH, run

SCHEDULES = 500
_LARGEST_SEED = 10**6


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--schedules", type=int, default=SCHEDULES, metavar="N")
    parser.add_argument("--seed", type=int, help="default: any")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N", help="bot processes")
    parser.add_argument("--batch", type=int, default=BATCH, metavar="N", help="alive at once")
    parser.add_argument(
        "--rest",
        type=float,
        default=REST_SECONDS,
        metavar="SECONDS",
        help="what rests only later than this is stuck; more where the machine is busy",
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave logs and database there")
    asked = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(_LARGEST_SEED) if asked.seed is None else asked.seed
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left running behind it
    tell = partial(print, flush=True)
    tell(f"chaos: {asked.schedules} schedules, seed {seed}")
    playing = run(
        asked.schedules,
        seed,
        workers=asked.workers,
        batch=asked.batch,
        rest_seconds=asked.rest,
        keep=asked.keep,
        tell=tell,
    )
    try:
        tally = asyncio.run(playing)
    except (BotStopped, TimeoutError) as error:
        tell(f"The system did not start, or a batch did not end. Seed {seed}. {error}")
        return 2
    except KeyboardInterrupt:
        tell(f"Stopped before the end. Seed {seed}.")
        return 2
    tell(told(tally))
    return 0 if tally.is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
