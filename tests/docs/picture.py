"""The README's picture: what a terminal shows of an advice, as an SVG."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 118
COMMAND = ("advise", "web-01", "--inventory", "deploy/local/sample-inventory.json")
#: Rich's SVG asks a foreign server for its font; the reader's own monospace font does.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def in_a_terminal(root: Path) -> str:
    """What `vmbackup advise` writes to a terminal of COLUMNS, colours and all."""
    reader, terminal = pty.openpty()
    program = Path(sys.executable).with_name("vmbackup")
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    environment["VMBACKUP_OFFLINE"] = "1"
    with subprocess.Popen(
        [program, *COMMAND], cwd=root, env=environment, stdout=terminal, stdin=subprocess.DEVNULL
    ) as running:
        os.close(terminal)
        written = _until_closed(reader)
    os.close(reader)
    if running.returncode:
        raise RuntimeError(f"vmbackup {' '.join(COMMAND)} ended with {running.returncode}.")
    return written.decode("utf-8").replace("\r\n", "\n")


def _until_closed(reader: int) -> bytes:
    """Everything until the other side is gone, which Linux tells by an error."""
    pieces = []
    while True:
        try:
            piece = os.read(reader, 65536)
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)


def picture(shown: str) -> str:
    """An SVG of a terminal's text."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown.rstrip("\n")))
    title = f"vmbackup {' '.join(COMMAND[:2])}"
    return _FONTS.sub("", console.export_svg(title=title, unique_id="advice"))
