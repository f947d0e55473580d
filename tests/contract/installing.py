"""Brings a tool into a virtual environment of its own, outside what the product needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Tool(NamedTuple):
    """A program, the packages that bring it, and the folder it is brought into."""

    program: str
    packages: tuple[str, ...]
    folder: str


class NotInstallable(Exception):
    """The tool is not here and could not be brought."""


def found(tool: Tool, wanted: str | None) -> str | None:
    """The program asked for, the one on the path, or one that was brought before; else None."""
    brought = ROOT / tool.folder / "bin" / tool.program
    return wanted or shutil.which(tool.program) or (str(brought) if brought.exists() else None)


def installed(tool: Tool, wanted: str | None) -> str:
    """The program that is found, or one installed now. Raises NotInstallable."""
    if program_here := found(tool, wanted):
        return program_here
    folder = ROOT / tool.folder
    program = folder / "bin" / tool.program
    _run(sys.executable, "-m", "venv", str(folder))
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet")
    _run(*pip, *tool.packages)
    if not program.exists():
        raise NotInstallable(f"{' and '.join(tool.packages)} brought no {tool.program}")
    return str(program)


def _run(*words: str) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotInstallable(str(error)) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise NotInstallable(lines[-1] if lines else f"{words[0]} ended with {done.returncode}")
