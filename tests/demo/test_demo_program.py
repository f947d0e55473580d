"""`make demo` as a program: up, answering, stopped by Ctrl-C, alone, and up again after a kill."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.demo.demo_program import STOPPED_SECONDS, counts_of, demo, until_gone

ONE_IS_RUNNING = "A demo is running already. Stop it with Ctrl-C, or use its page.\n"


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
