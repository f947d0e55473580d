"""What commands print and where: width, colour, sentences on standard error, --strict."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from advisor.cli.signs import shows_every_letter
from advisor.errors import EXIT_ADVISED, EXIT_STRICT, InputUnreadable, UsageError

if TYPE_CHECKING:
    from advisor.vm_file import VmFile

Fact = TypeVar("Fact")

#: How wide a table is where nobody says: a page of a log or of a mail.
WIDTH_WITHOUT_TERMINAL = 100
NARROWEST, WIDEST = 60, 160


def printable(text: str) -> str:
    """Text without what could move a terminal's cursor or change its colours.

    Names and tags are strangers' text; line breaks stay, every other control character is `?`.
    """
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


def say(sentence: str) -> None:
    """One sentence on standard error, after the program's name."""
    print(f"vmbackup: {printable(sentence)}", file=sys.stderr)


def width() -> int:
    """Columns to write in: COLUMNS, the terminal's own, or WIDTH_WITHOUT_TERMINAL."""
    if not (os.environ.get("COLUMNS") or sys.stdout.isatty()):
        return WIDTH_WITHOUT_TERMINAL
    import shutil  # with all of its compressions, so only where it has something to ask

    columns = shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
    return max(NARROWEST, min(WIDEST, columns))


def color() -> bool:
    """Whether to colour: only a terminal, never with NO_COLOR (no-color.org) or a dumb one."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def json_text(document: Any) -> str:
    """A document as programs read it: names keep their letters, or have them escaped."""
    import json

    return json.dumps(document, indent=2, ensure_ascii=not shows_every_letter(sys.stdout))


def say_unread(error: InputUnreadable) -> None:
    """What was found out before and cannot be read: the answer is given without it."""
    say(f"{error} This answer goes on without it.")


def output_format(as_json: bool, as_markdown: bool) -> str:
    """`text`, `json` or `markdown`. Raises UsageError when both are asked for."""
    if as_json and as_markdown:
        raise UsageError("Choose one of --json and --markdown.")
    return "json" if as_json else "markdown" if as_markdown else "text"


def keep_for_later(file: VmFile[Fact], new: Mapping[str, Fact], what: str) -> None:
    """Facts of VMs for the next advice; where they cannot be kept, what was asked is shown all
    the same. `what`: `What was learned`."""
    from advisor.state_folder import STATE_DIR_VARIABLE, state_directory

    try:
        file.keep(state_directory(), new)
    except OSError as error:
        say(
            f"{what} was not kept for the next advice: {error.strerror}. Name a folder "
            f"that can be written in {STATE_DIR_VARIABLE}."
        )
    except InputUnreadable as error:
        say(f"{what} was not kept for the next advice: {error}")


def complain_if_missing(strict: bool, missing: Iterable[str]) -> int:
    """The exit code: 0, or 6 where --strict was asked and something is missing, which it names."""
    named = tuple(dict.fromkeys(missing))
    if not strict or not named:
        return EXIT_ADVISED
    shown = "".join(f"\n  {each}" for each in named)
    say(f"With --strict nothing may be missing, and this is:{shown}")
    return EXIT_STRICT
