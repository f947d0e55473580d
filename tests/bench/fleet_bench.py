"""A fleet from a file to a page: seconds, memory of all processes, beside reading the file alone.

Memory is the largest sum of what all processes hold at once, looked at twenty times a second;
pages that they share count for each. Seconds of processors are those of all processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, process_time
from typing import Any, NamedTuple

import orjson
import psutil

from advisor.inventory.big_files import cut
from tests.bench.fleet_files import write_fleet
from tests.bench.starting import VMBACKUP

VMS = 100_000
FEWER = 10  #: how many times smaller the other fleet is
ALIKE = 12  #: VMs of one template in the third fleet; in the others no two are alike
_LOOK_SECONDS = 0.05

#: What the project wants of itself, on two cores and of 100,000 VMs.
AIM_SECONDS, AIM_GIB, AIM_RATIO = 30, 1.0, 10.5


class Ran(NamedTuple):
    """One run of the command."""

    seconds: float
    processor_seconds: float
    peak_mib: float


def figures(count: int = VMS) -> dict[str, Any]:
    """Both fleets, each from a file to a page."""
    with TemporaryDirectory() as folder:
        small = _of_fleet(Path(folder), max(1, count // FEWER))
        large = _of_fleet(Path(folder), count)
        alike = _of_fleet(Path(folder), count, ALIKE)
    return {
        "cores": os.cpu_count(),
        "small": small,
        "large": large,
        "alike": alike,
        "ratio": round(large["seconds"] / small["seconds"], 2),
        "processor_ratio": round(large["processor_seconds"] / small["processor_seconds"], 2),
    }


def _of_fleet(folder: Path, count: int, alike: int = 1) -> dict[str, Any]:
    path = folder / f"fleet-{count}.json"
    write_fleet(path, count, alike)
    reading = _reading_alone(path)
    ran = run(path, folder / "fleet.html")
    found = {
        "vms": count,
        "alike": alike,
        "file_mib": round(path.stat().st_size / 2**20),
        "seconds": round(ran.seconds, 1),
        "processor_seconds": round(ran.processor_seconds, 1),
        "peak_mib": round(ran.peak_mib),
        "vms_per_second_of_one_core": round(count / ran.processor_seconds),
        "reading_alone_seconds": round(reading, 2),
        "multiple_of_reading": round(ran.processor_seconds / reading, 1),
    }
    path.unlink()
    return found


def _reading_alone(path: Path) -> float:
    """Seconds of a processor in which orjson parses the same file, piece by piece."""
    cut_file = cut(str(path))
    assert cut_file is not None
    taken = 0.0
    with path.open("rb") as file:
        for piece in cut_file.pieces:
            file.seek(piece.start)
            content = b"[" + file.read(piece.end - piece.start) + b"]"
            begun = process_time()
            orjson.loads(content)
            taken += process_time() - begun
    return taken


def run(inventory: Path, page: Path) -> Ran:
    """`vmbackup fleet` of a file, with its page."""
    line = (VMBACKUP, "fleet", "--offline", "--inventory", str(inventory), "--html", str(page))
    begun = perf_counter()
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL)
    peak, over = [0.0], Event()
    looking = Thread(target=_look, args=(process.pid, peak, over))
    looking.start()
    _, status, used = os.wait4(process.pid, 0)
    seconds = perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    over.set()
    looking.join()
    if process.returncode != 0:
        sys.exit(f"vmbackup fleet ended with {process.returncode}.")
    return Ran(seconds, used.ru_utime + used.ru_stime, peak[0])


def _look(pid: int, peak: list[float], over: Event) -> None:
    while not over.wait(_LOOK_SECONDS):
        peak[0] = max(peak[0], _held_mib(pid))


def _held_mib(pid: int) -> float:
    held = 0
    try:
        parent = psutil.Process(pid)
        for each in (parent, *parent.children(recursive=True)):
            held += each.memory_info().rss
    except psutil.Error:  # it has just ended
        pass
    return held / 2**20


def _kind(alike: int) -> str:
    return f" of which {alike} each come from one template" if alike > 1 else ", all different"


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    large = found["large"]
    lines = [
        f"{each['vms']:>9,} VMs{_kind(each['alike'])}, {each['file_mib']:,} MiB:"
        f" {each['seconds']:.1f} s by the clock,"
        f" {each['processor_seconds']:.1f} s of processors, {each['peak_mib']:,} MiB at most,"
        f" {each['vms_per_second_of_one_core']:,} VMs a second of one core,"
        f" {each['multiple_of_reading']:.1f} x orjson's {each['reading_alone_seconds']:.2f} s"
        for each in (found["small"], large, found["alike"])
    ]
    return [
        *lines,
        f"(aim: {VMS:,} VMs in {AIM_SECONDS} s on two cores and {AIM_GIB:.0f} GiB; here"
        f" {found['cores']} cores)",
        f"{large['vms'] / found['small']['vms']:.0f} times the fleet in {found['ratio']:.2f} times"
        f" the time, {found['processor_ratio']:.2f} times the processors'"
        f" (aim: at most {AIM_RATIO})",
    ]
