"""VMs advised on per second of one core, beside an earlier commit: both in turn, in one sitting.

How quick a machine is at the moment changes by half when others use it; what the two take of the
processor for the same VMs, one right after the other, compares.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.advising_rounds import READY

ROOT = Path(__file__).parents[2]
BEFORE = "6c8d919"  #: before advice decided as it does now
VMS, ROUNDS = 100, 30

#: What the project wants of itself: at least this share of the VMs per second of BEFORE.
AIM_RATIO = 0.9


def beside_before(vms: int = VMS, rounds: int = ROUNDS) -> dict[str, Any] | None:
    """The figures; None where the history of the repository is not there."""
    tree = _archived(BEFORE)
    if tree is None:
        return None
    with TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(tree)) as archive:
            archive.extractall(folder, filter="data")
        return compared(Path(folder), ROOT, vms, rounds)


def _archived(commit: str) -> bytes | None:
    """The tree of a commit as a tar file."""
    try:
        archive = ("git", "archive", "--format=tar", commit)
        made = subprocess.run(archive, cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:  # no git
        return None
    return made.stdout if made.returncode == 0 else None


def compared(before: Path, now: Path, vms: int, rounds: int) -> dict[str, Any]:
    """Two trees in turn, on the same distinct VMs: the median of the ratios of the rounds."""
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(tree, vms, rounds)) for tree in (before, now)]
        seconds = [_round(workers) for _ in range(rounds)]
    return {
        "commit": BEFORE,
        "ratio": round(median(old / new for old, new in seconds), 3),
        "vms_per_second_of_one_core": round(vms / median(new for _, new in seconds), 1),
        "before": round(vms / median(old for old, _ in seconds), 1),
        "vms": vms * rounds,
    }


def _round(workers: Sequence[subprocess.Popen[str]]) -> tuple[float, ...]:
    return tuple(float(_asked(worker)) for worker in workers)


def _asked(worker: subprocess.Popen[str]) -> str:
    assert worker.stdin is not None
    worker.stdin.write("on\n")
    worker.stdin.flush()
    return _answer(worker)


def _answer(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    answer = worker.stdout.readline().strip()
    if not answer:
        raise RuntimeError("Advising beside an earlier commit ended before its time.")
    return answer


@contextmanager
def _worker(tree: Path, vms: int, rounds: int) -> Iterator[subprocess.Popen[str]]:
    script = str(Path(__file__).with_name("advising_rounds.py"))
    with subprocess.Popen(
        (sys.executable, "-P", script, str(vms), str(rounds)),
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert _answer(worker) == READY
        yield worker


def told(found: dict[str, Any] | None) -> str:
    """The figures for people."""
    if found is None:
        return f"Beside commit {BEFORE}: not measured, its history is not here."
    return (
        f"{found['ratio']:.2f} of the VMs a second of one core of commit {found['commit']}"
        f" (aim: at least {AIM_RATIO}): {found['vms_per_second_of_one_core']:.0f} and"
        f" {found['before']:.0f} in turn, {found['vms']:,} VMs."
    )
