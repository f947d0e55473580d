"""`vmbackup bot` and its database, as a process: opened at the start, closed at every end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running_postgres import nothing_runs_on

from bot.database.embedded import EmbeddedPostgres

VMBACKUP = str(Path(sys.executable).with_name("vmbackup"))
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1-not-a-token", "SLACK_APP_TOKEN": "xapp-1-not-a-token"}


@pytest.fixture
def silent() -> Iterator[str]:
    """An address on this machine that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def bot(directory: Path, silent: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The installed command; its Slack takes the call and keeps it waiting."""
    places = {
        "PATH": os.defpath,
        "HOME": str(directory.parent),
        "VMBACKUP_DATA_DIR": str(directory.parent),
        "SLACK_API_URL": f"{silent}/api/",
        "VMBACKUP_AZURE_URL": silent,
    }
    with subprocess.Popen(
        [VMBACKUP, "bot"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=directory.parent,
        env=places | TOKENS | environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = await asyncio.to_thread(process.communicate, timeout=60)
    assert "Traceback" not in said
    assert "not-a-token" not in said
    return process.returncode, said.splitlines()[-1] if said else ""


async def line(process: subprocess.Popen[str], text: str) -> None:
    """Wait until it has said that."""
    assert process.stderr is not None
    while text not in (said := await asyncio.to_thread(process.stderr.readline)):
        assert said, f"It ended without saying “{text}”."


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_a_bot_stopped_while_it_starts_leaves_no_server(
    told: signal.Signals, directory: Path, silent: str
) -> None:
    with bot(directory, silent) as process:
        await line(process, "PostgreSQL is up")
        process.send_signal(told)
        assert (await ended(process))[0] == 130
    assert await nothing_runs_on(directory)


async def test_four_a_database_that_another_bot_has_is_said(directory: Path, silent: str) -> None:
    async with EmbeddedPostgres(directory):
        with bot(directory, silent) as process:
            code, said = await ended(process)
    assert code == 4
    assert said.startswith(f"vmbackup: Another vmbackup (process {os.getpid()}) uses the database")


async def test_four_a_database_elsewhere_without_proof_is_refused(
    directory: Path, silent: str
) -> None:
    url = "postgresql://ada:hidden@db.example.com/vmbackup"
    with bot(directory, silent, DATABASE_URL=url) as process:
        code, said = await ended(process)
    assert code == 4
    assert said.startswith("vmbackup: the environment, at DATABASE_URL: without sslmode it does")
    assert "hidden" not in said


async def test_a_database_that_does_not_answer_is_said_and_waited_for(
    directory: Path, silent: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://ada:hidden@127.0.0.1:{nobody.getsockname()[1]}/vmbackup"
        with bot(directory, silent, DATABASE_URL=url) as process:
            await line(process, "The database “vmbackup” at 127.0.0.1, port ")
            await line(process, "The bot is not ready; it tries again in 2 s.")
            process.send_signal(signal.SIGTERM)
            assert (await ended(process))[0] == 130
