"""`make bench`: how quick the command starts, how many VMs one core advises on a second, how
many of an earlier commit's that is, what a fleet takes, and how soon the bot answers.

Start-up is told as a multiple of `python -c pass` in the same, interleaved run, so that machines
compare; the bot as multiples of what it cannot do without (tests/bench/bot_bench.py). Every piece
is told as soon as it is measured, and written to .bench/results.json as well. `make bench
ONLY=fleet,page` measures those pieces alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Any, NamedTuple

from tests.bench import (
    advice_bench,
    beside_commit,
    bot_bench,
    custodian_bench,
    demo_bench,
    fleet_bench,
    fleet_live_bench,
    fleet_page_bench,
    patch_day_bench,
    starting,
    year_bench,
)

RESULTS = starting.ROOT / ".bench" / "results.json"


class Wanted(NamedTuple):
    """How much is measured."""

    vms: int
    rounds: int
    fleet: int  #: VMs of the larger of the two fleets in files
    live: tuple[int, ...]  #: VMs of the fleets in the played Azure


class Piece(NamedTuple):
    """One thing that is measured, and how its figures are told."""

    measure: Callable[[Wanted], Any]
    told: Callable[[Any], Sequence[str]]
    about_seconds: int  #: on a machine of two cores that has nothing else to do


PIECES = {
    "start": Piece(lambda wanted: starting.start(wanted.rounds), starting.told, 20),
    "advice": Piece(lambda wanted: advice_bench.advice(wanted.vms), advice_bench.told, 20),
    "beside": Piece(
        lambda _: beside_commit.beside_before(), lambda found: [beside_commit.told(found)], 20
    ),
    "fleet": Piece(lambda wanted: fleet_bench.figures(wanted.fleet), fleet_bench.told, 180),
    "page": Piece(lambda wanted: fleet_page_bench.figures(wanted.fleet), fleet_page_bench.told, 30),
    "live": Piece(lambda wanted: fleet_live_bench.figures(wanted.live), fleet_live_bench.told, 60),
    "custodian": Piece(lambda _: custodian_bench.figures(), custodian_bench.told, 40),
    "bot": Piece(lambda _: asyncio.run(bot_bench.bot_figures()), bot_bench.told, 60),
    "patch_day": Piece(
        lambda _: asyncio.run(patch_day_bench.patch_day_figures()), patch_day_bench.told, 60
    ),
    "demo": Piece(lambda _: asyncio.run(demo_bench.demo_figures()), demo_bench.told, 60),
    "year": Piece(lambda _: asyncio.run(year_bench.year_figures()), year_bench.told, 20),
}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--vms", type=int, default=advice_bench.VMS)
    parser.add_argument("--rounds", type=int, default=starting.ROUNDS)
    parser.add_argument("--fleet", type=int, default=fleet_bench.VMS)
    parser.add_argument("--live", type=int, nargs="*", default=fleet_live_bench.VMS)
    parser.add_argument("--only", default="", help=f"Of {', '.join(PIECES)}, with commas between.")
    asked = parser.parse_args(arguments)
    only = [each for each in asked.only.split(",") if each] or list(PIECES)
    if unknown := sorted(set(only) - set(PIECES)):
        parser.error(f"nothing is called {', '.join(unknown)}; there are {', '.join(PIECES)}")
    _measure(only, Wanted(asked.vms, asked.rounds, asked.fleet, tuple(asked.live)))


def _measure(only: Sequence[str], wanted: Wanted) -> None:
    results: dict[str, Any] = _kept() | {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }
    _say(f"Python {results['python']} on {results['machine']}")
    for name in only:
        piece = PIECES[name]
        _say(f"\n{name}, about {piece.about_seconds} s:")
        wall, processor = perf_counter(), process_time()
        results[name] = piece.measure(wanted)
        wall, processor = perf_counter() - wall, process_time() - processor
        for line in piece.told(results[name]):
            _say(line)
        _say(f"[{wall:.0f} s, {processor:.0f} of them of a processor in this process]")
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    _say(f"\nWritten to {RESULTS.relative_to(starting.ROOT)}.")


def _kept() -> dict[str, Any]:
    """What earlier runs measured: pieces that are left out now keep their figures."""
    try:
        kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
