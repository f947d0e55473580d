"""`make demo` as a program of its own, on a directory of the test's."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from deploy.local.control import TOKEN_HEADER
from deploy.local.demo import ROOT

STOPPED_SECONDS, GONE_SECONDS = 20.0, 30.0


@dataclass
class Demo:
    """A demo that says it is up, and the words it said so with."""

    process: subprocess.Popen[str]
    said: str

    @property
    def url(self) -> str:
        found = re.search(r"Open +(http://127\.0\.0\.1:\d+/#\S+)", self.said)
        assert found, self.said
        return found[1]

    def of_the_bot(self) -> list[int]:
        """The processes of its bot."""
        return children(self.process.pid)

    def ended(self, seconds: float = STOPPED_SECONDS) -> str:
        """What it said until it ended."""
        rest, _ = self.process.communicate(timeout=seconds)
        return rest


@contextmanager
def demo(data: Path, *arguments: str) -> Iterator[Demo]:
    command = [sys.executable, "-m", "deploy.local", "--no-browser", "--data", str(data)]
    process = subprocess.Popen(
        [*command, "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield Demo(process, _until_up(process))
        finally:
            process.kill()


def _until_up(process: subprocess.Popen[str]) -> str:
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if "Ctrl-C stops everything." in line:
            break
    return said


def children(parent: int) -> list[int]:
    """The processes that one started and that still run, with theirs. Linux only."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while one looked
        if int(fields[1]) == parent and fields[0] != "Z":
            found += [int(path.parent.name), *children(int(path.parent.name))]
    return found


def until_gone(processes: list[int]) -> None:
    ends = time.monotonic() + GONE_SECONDS
    while left := [each for each in processes if _runs(each)]:
        assert time.monotonic() < ends, f"Still running: {left}"
        time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def counts_of(url: str) -> bytes:
    """A page of the stand-in, which wants the token of the address."""
    base, _, token = url.partition("#")
    with urlopen(Request(f"{base}_standin/counts", headers={TOKEN_HEADER: token})) as answer:
        return bytes(answer.read())
