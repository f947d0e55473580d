"""`make mutants`: dangerous edits of the product, one at a time, each of which a test has to find.

First the product itself must pass the tests that are asked. Prints a line for each mutant and how
many are found; ends with an error where one is not. All is also in .mutants/results.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from functools import partial

from tests.mutants.mutant import Mutant
from tests.mutants.product_copy import ROOT
from tests.mutants.running import ProductFails, Tried, run
from tests.mutants.table import MUTANTS, chosen

RESULTS = ROOT / ".mutants" / "results.json"
JOBS = 2
LONGEST_MINUTES = 60.0


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME|SUBJECT")
    parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help="copies side by side")
    parser.add_argument("--minutes", type=float, default=LONGEST_MINUTES, metavar="N")
    parser.add_argument("--list", action="store_true", help="name the mutants and end")
    asked = parser.parse_args(words)
    try:
        mutants = chosen(asked.only)
    except ValueError as error:
        parser.error(str(error))
    if asked.list:
        print(listed(mutants))
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left running behind it
    tell = partial(print, flush=True)
    try:
        results = asyncio.run(run(mutants, jobs=asked.jobs, minutes=asked.minutes, tell=tell))
    except ProductFails as error:
        tell(str(error))
        return 2
    write(results)
    return 0 if all(each.trial.verdict.is_found for each in results) else 1


def listed(mutants: Sequence[Mutant]) -> str:
    """The subjects with the names of their mutants."""
    lines = []
    for subject, rows in MUTANTS.items():
        own = [f"  {row.name}" for row in rows if row in mutants]
        lines += [f"{subject} ({len(own)})", *own] if own else []
    return "\n".join(lines)


def write(results: Sequence[Tried]) -> None:
    """Write the results for other programs."""
    RESULTS.parent.mkdir(exist_ok=True)
    rows = [
        {"name": each.mutant.name, "file": each.mutant.file, **each.trial._asdict()}
        for each in results
    ]
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
