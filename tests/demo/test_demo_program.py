"""`make demo` as a program: up, answering, stopped by Ctrl-C, alone, and up again after a kill."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from deploy.local.control import TOKEN_HEADER
from deploy.local.demo import ROOT

STOPPED_SECONDS, GONE_SECONDS = 20.0, 30.0
ONE_IS_RUNNING = "A demo is running already. Stop it with Ctrl-C, or use its page.\n"


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


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="It looks at /proc.")


def test_the_demo_starts_answers_alone_and_stops_on_ctrl_c_leaving_nothing(
    data_directory: Path,
) -> None:
    with demo(data_directory) as shown:
        assert "/vmbackup advise web-01" in shown.said
        assert "/bin/vmbackup audit verify" in shown.said
        with urlopen(shown.url) as page:
            assert b"<title>Slack, played on this machine</title>" in page.read()
        with demo(data_directory) as second:
            assert second.said == ONE_IS_RUNNING
            second.ended()
            assert second.process.returncode == 1
        assert b"auth.test" in counts_of(shown.url)
        started = shown.of_the_bot()
        assert started
        shown.process.send_signal(signal.SIGINT)
        assert shown.ended() == "Stopped.\n"
        assert shown.process.returncode == 0
        until_gone(started)


def test_after_a_kill_the_bot_ends_by_itself_and_the_demo_starts_again_at_once(
    data_directory: Path,
) -> None:
    """Also where somebody has taken the page's port, and where the bot alone was killed."""
    with demo(data_directory) as killed:
        left = killed.of_the_bot()
        assert left
        killed.process.kill()
        killed.process.wait(STOPPED_SECONDS)
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = taken.getsockname()[1]
            with demo(data_directory, "--port", str(port)) as again:
                assert f":{port}/" not in again.url
                until_gone(left)
                assert b"auth.test" in counts_of(again.url)
                started = again.of_the_bot()
                os.kill(started[0], signal.SIGKILL)
                assert "It ended with code -9; see " in again.ended()
                assert again.process.returncode == 1
        with demo(data_directory) as last:
            until_gone(started[:1])
            started += last.of_the_bot()
            last.process.send_signal(signal.SIGINT)
            assert last.ended() == "Stopped.\n"
            until_gone(started)
