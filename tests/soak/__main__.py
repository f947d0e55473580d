"""`make soak`: the demo's traffic for ten minutes with faults on; `make soak MINUTES=60`: an hour.

Prints memory, descriptors, acknowledgements, the growth of the database and what is pruned; ends
with an error where work was lost or doubled, or where the process grows without bound.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from deploy.local.bot_process import BotStopped
from tests.soak.report import failures, told
from tests.soak.running import run

_MINUTES = 10.0
_LARGEST_SEED = 10**6


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=_MINUTES, metavar="N")
    parser.add_argument("--seed", type=int, help="default: any")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave log and database there")
    asked = parser.parse_args(arguments)
    if asked.keep is not None and asked.keep.exists():
        parser.error(f"{asked.keep} is there already; name a folder that is not.")
    seed = random.SystemRandom().randrange(_LARGEST_SEED) if asked.seed is None else asked.seed
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left running behind it
    tell = partial(print, flush=True)
    tell(f"soak: {asked.minutes:g} min, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="vmbackup-soak-", ignore_cleanup_errors=True) as made:
        home = asked.keep or Path(made)
        Path(made).chmod(0o755)  # under root the server runs as somebody else
        try:
            found = asyncio.run(run(asked.minutes * 60, seed, home, prunes=True, tell=tell))
        except (BotStopped, TimeoutError) as error:
            tell(f"The system did not start. {error}")
            return 2
        except KeyboardInterrupt:
            tell("Stopped before the end.")
            return 2
    tell(told(found))
    return 1 if failures(found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
