"""`make bench`: how quick the command starts, how many VMs one core advises on a second, how
many of an earlier commit's that is, and how soon the bot acknowledges and answers.

Start-up is told as a multiple of `python -c pass` in the same, interleaved run, so that machines
compare; the bot as multiples of what it cannot do without (tests/bench/bot_bench.py). Written to
.bench/results.json as well.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from advisor.advising import advise_briefly, advise_known
from advisor.asked import AdviceAsked
from advisor.model import Advice, KnownVm
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from tests.bench.beside_commit import beside_before
from tests.bench.beside_commit import told as beside_told
from tests.bench.bot_bench import bot_figures
from tests.bench.bot_bench import told as bot_told
from tests.bench.demo_bench import demo_figures
from tests.bench.demo_bench import told as demo_told
from tests.bench.fleet import NOW, SEED, fleet
from tests.bench.patch_day_bench import patch_day_figures
from tests.bench.patch_day_bench import told as patch_day_told
from tests.bench.year_bench import told as year_told
from tests.bench.year_bench import year_figures

Advise = Callable[[KnownVm], Advice]

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / ".bench" / "results.json"

VMBACKUP = str(Path(sys.executable).with_name("vmbackup"))
INVENTORY = "deploy/local/sample-inventory.json"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "vmbackup --help": [VMBACKUP, "--help"],
    "vmbackup advise": [VMBACKUP, "advise", "web-01", "--offline", "--inventory", INVENTORY],
}
BASELINE = "python -c pass"
ROUNDS = 15
WARM_UP_ROUNDS = 2
WARM_UP_VMS = 200

#: What the project wants of itself: at most these multiples, at least this many VMs.
AIMS = {"vmbackup --help": 5, "vmbackup advise": 15}
AIM_VMS_PER_SECOND = 1000


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--vms", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(arguments)
    results = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "start": start(asked.rounds),
        "advice": advice(asked.vms),
        "beside": beside_before(),
        "bot": asyncio.run(bot_figures()),
        "patch_day": asyncio.run(patch_day_figures()),
        "demo": asyncio.run(demo_figures()),
        "year": asyncio.run(year_figures()),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(told(results))


# --- starting --------------------------------------------------------------------------------


def start(rounds: int) -> dict[str, dict[str, float]]:
    """The median of each command in milliseconds, and as a multiple of the baseline's."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(WARM_UP_ROUNDS + rounds):
        for name, command in COMMANDS.items():
            taken = _run(command)
            if number >= WARM_UP_ROUNDS:
                seconds[name].append(taken)
    baseline = median(seconds[BASELINE])
    return {
        name: {
            "milliseconds": round(median(each) * 1000, 1),
            "multiple": round(median(each) / baseline, 2),
        }
        for name, each in seconds.items()
    }


def _run(command: Sequence[str]) -> float:
    """Seconds that a command takes. Python may keep its bytecode, as it does where installed."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begun = perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return perf_counter() - begun


# --- advising --------------------------------------------------------------------------------


def advice(count: int) -> dict[str, Any]:
    """Advice on that many distinct VMs, one after the other in this process; a tenth in full."""
    vms = fleet(count)
    _advise_all(fleet(WARM_UP_VMS, seed=SEED + 1), _briefly())
    brief = _timed(vms, _briefly())
    return {**brief, "in_full": _timed(vms[: max(1, count // 10)], _in_full())}


def _briefly() -> Advise:
    """Every configuration judged, priced, held against the need and ordered, and the decision."""
    tiers, pricer = Tiers(), Pricer(shipped_book(), "USD", NOW.date())
    return lambda known: advise_briefly(known, AdviceAsked(vm=known.vm.name), tiers, pricer, NOW)


def _in_full() -> Advise:
    """The same with every sentence, the bill month by month and what drives the spread."""
    tiers, book = Tiers(), shipped_book()
    return lambda known: advise_known(known, AdviceAsked(vm=known.vm.name), tiers, book, NOW)


def _timed(vms: Sequence[KnownVm], advise: Advise) -> dict[str, Any]:
    gc.collect()
    gc.freeze()  # the fleet and the book stay: the collector need not walk them
    wall, processor = perf_counter(), process_time()
    configurations, recommended = _advise_all(vms, advise)
    wall, processor = perf_counter() - wall, process_time() - processor
    gc.unfreeze()
    return {
        "vms": len(vms),
        "configurations_per_vm": round(configurations / len(vms), 1),
        "with_a_recommendation": recommended,
        "vms_per_second": round(len(vms) / wall, 1),
        "vms_per_second_of_one_core": round(len(vms) / processor, 1),
    }


def _advise_all(vms: Sequence[KnownVm], advise: Advise) -> tuple[int, int]:
    """How many configurations were judged and priced, and how many VMs got a recommendation."""
    configurations = recommended = 0
    for known in vms:
        given = advise(known)
        configurations += len(given.assessments)
        recommended += given.recommended is not None
    return configurations, recommended


# --- telling ---------------------------------------------------------------------------------


def told(results: dict[str, Any]) -> str:
    """The results for people."""
    lines = [f"Python {results['python']} on {results['machine']}", ""]
    for name, each in results["start"].items():
        aim = f"   (aim: at most {AIMS[name]})" if name in AIMS else ""
        lines.append(f"{name:<18}{each['milliseconds']:>8.1f} ms{each['multiple']:>8.2f} x{aim}")
    found = results["advice"]
    lines += [
        "",
        f"{found['vms_per_second_of_one_core']:.0f} VMs a second of one core "
        f"(aim: over {AIM_VMS_PER_SECOND}), {found['vms_per_second']:.0f} by the clock:",
        f"{found['vms']:,} distinct VMs, {found['configurations_per_vm']} configurations each, "
        f"{found['with_a_recommendation']:,} with a recommendation.",
        f"{found['in_full']['vms_per_second_of_one_core']:.0f} a second with each month's bill.",
        beside_told(results["beside"]),
        "",
        *bot_told(results["bot"]),
        *patch_day_told(results["patch_day"]),
        "",
        "In the demo's own processes, as people feel it:",
        *demo_told(results["demo"]),
        "",
        *year_told(results["year"]),
        "",
        f"Written to {RESULTS.relative_to(ROOT)}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
