"""One run of tests, or of chaos, in a copy of the product: what it says of the mutant in it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

#: A test that hangs has found the mutant. The tests of a row take seconds; of this machine, too,
#: where others compute on it.
TESTS_SECONDS = 180.0
#: `make chaos` in the copy: so many schedules of this seed.
CHAOS_SCHEDULES, CHAOS_SEED, CHAOS_SECONDS = 60, 20261129, 900.0
#: After an interrupt pytest ends its fixtures, and with them the servers that they started.
_GRACE_SECONDS = 20.0
#: The lines of pytest's short summary: `FAILED tests/a.py::test_b - assert ...`.
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - (.*))?$", re.MULTILINE)
_PASSED, _TESTS_FAILED = 0, 1


class Verdict(StrEnum):
    """What a run says."""

    FOUND = "found"
    DID_NOT_END = "did not end"
    SURVIVED = "survived"
    BROKEN = (
        "broken"  #: the run itself failed: a wrong row, no tests, a module that no test imports
    )
    NOT_TRIED = "not tried"  #: the time was over

    @property
    def is_found(self) -> bool:
        return self in (Verdict.FOUND, Verdict.DID_NOT_END)


#: By the exit status of `make chaos`. A batch that does not end (2) says nothing of the mutant: on
#: a busy machine it does not end without one either.
_OF_CHAOS: Mapping[int | None, Verdict] = {0: Verdict.SURVIVED, 1: Verdict.FOUND}


class Trial(NamedTuple):
    """A verdict, with the test that failed first (or `chaos`) and what it said."""

    verdict: Verdict
    by: str = ""
    said: str = ""
    seconds: float = 0.0
    failed: tuple[str, ...] = ()  #: every test that failed


async def try_tests(
    folder: Path, tests: Sequence[str], seconds: float = TESTS_SECONDS, *, all_of_them: bool = False
) -> Trial:
    """Run these tests in the folder, until the first of them fails or all of them."""
    until = () if all_of_them else ("-x",)
    command = ("pytest", *until, "-q", "-rfE", "--tb=line", "-p", "no:cacheprovider", *tests)
    began = time.monotonic()
    status, output = await _ran(folder, command, seconds)
    took = time.monotonic() - began
    if status is None:
        return Trial(Verdict.DID_NOT_END, " ".join(tests), _end_of(output), took)
    if status == _PASSED:
        return Trial(Verdict.SURVIVED, seconds=took)
    failed = _FAILED.findall(output)
    if status != _TESTS_FAILED or not failed:
        return Trial(Verdict.BROKEN, said=_end_of(output), seconds=took)
    (by, said), names = failed[0], tuple(name for name, _ in failed)
    return Trial(Verdict.FOUND, by, said, took, names)


async def try_chaos(folder: Path, seconds: float = CHAOS_SECONDS) -> Trial:
    """Play the schedules of one seed against the folder's product."""
    command = ("tests.chaos", f"--schedules={CHAOS_SCHEDULES}", f"--seed={CHAOS_SEED}")
    began = time.monotonic()
    status, output = await _ran(folder, command, seconds)
    took = time.monotonic() - began
    verdict = _OF_CHAOS.get(status, Verdict.BROKEN)
    by = "" if verdict is Verdict.SURVIVED else "chaos"
    return Trial(verdict, by, _end_of(output), took)


async def _ran(folder: Path, words: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """The exit status of a module and what it printed; None: it was stopped after its time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        cwd=folder,
        env=os.environ | _environment(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    reading = asyncio.create_task(process.communicate())
    try:
        await asyncio.wait({reading}, timeout=seconds)
        in_time = reading.done()
    finally:
        await _end(process, reading)
    output = (await reading)[0].decode(errors="replace")
    return (process.returncode if in_time else None), output


async def _end(process: asyncio.subprocess.Process, reading: asyncio.Task[object]) -> None:
    """End what still runs: asked first, so that it leaves no server behind, then killed."""
    if not reading.done():
        process.send_signal(signal.SIGINT)
        await asyncio.wait({reading}, timeout=_GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its session is its own
    await asyncio.wait({reading})


def _environment(folder: Path) -> dict[str, str]:
    """The copy's product comes first; Hypothesis takes the examples of CI, the same each time."""
    return {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "true",
        "COLUMNS": "400",
        "HOME": str(folder),
    }


def _end_of(output: str, lines: int = 6) -> str:
    return "\n".join(output.strip().splitlines()[-lines:])
