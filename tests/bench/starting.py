"""How long commands take to start, as multiples of `python -c pass` in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).parents[2]
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

#: What the project wants of itself: at most these multiples.
AIMS = {"vmbackup --help": 5, "vmbackup advise": 15}


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


def told(found: dict[str, dict[str, float]]) -> list[str]:
    """The figures for people."""
    lines = []
    for name, each in found.items():
        aim = f"   (aim: at most {AIMS[name]})" if name in AIMS else ""
        lines.append(f"{name:<18}{each['milliseconds']:>8.1f} ms{each['multiple']:>8.2f} x{aim}")
    return lines
