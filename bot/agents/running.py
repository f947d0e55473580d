"""Runs a command of the terminal for an agent: a process of its own, bounded in time and size.

The command is the one that a person types, with the same sign-in and the same sentences. It keeps
no estimate in the ledger: what an agent tries out was given to nobody.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, NamedTuple, TypeVar

from advisor.ledger_file import LEDGER_VARIABLE

Read = TypeVar("Read")

#: A fleet of ten thousand VMs is read in minutes; an advice takes seconds.
LONGEST_SECONDS = 600.0
#: A hundred thousand VMs are about 140 MB.
LARGEST_OUTPUT_BYTES = 512 * 1024 * 1024
LARGEST_COMPLAINT = 2_000
_PROGRAM = "vmbackup: "


class CommandRan(NamedTuple):
    """What a command did. `said`: its sentences on standard error, without the program's name."""

    code: int
    said: str
    output: IO[str]  #: at its start; closed with the block


async def run_command(
    words: Sequence[str],
    use: Callable[[CommandRan], Read],
    longest_seconds: float = LONGEST_SECONDS,
) -> Read:
    """Run `vmbackup` with these words and use what it wrote.

    The process, and what it started, is killed where it takes too long (TimeoutError) or where
    nobody waits any more. Raises OSError where the output is too large for the disk.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot.cli", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.PIPE,
            env=command_environment(),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(longest_seconds):
                _, complaint = await process.communicate()
        finally:
            if process.returncode is None:
                _kill(process)
                await process.wait()
        if output.seek(0, os.SEEK_END) > LARGEST_OUTPUT_BYTES:
            raise OSError("the answer is too large")
        output.seek(0)
        said = _sentences(complaint.decode(errors="replace"))
        return use(CommandRan(process.returncode or 0, said, output))


def command_environment() -> dict[str, str]:
    """That of this process; nothing is kept, and words are not coloured and keep their letters."""
    chosen = {LEDGER_VARIABLE: "0", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    return {**os.environ, **chosen}


def _kill(process: asyncio.subprocess.Process) -> None:
    """`az` is a child of the command, so the whole session ends."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _sentences(complaint: str) -> str:
    """What the program said, bounded; its end, where the sentence of an error stands."""
    lines = (line.removeprefix(_PROGRAM).strip() for line in complaint.splitlines())
    return "\n".join(filter(None, lines))[-LARGEST_COMPLAINT:]
