"""The files that a person names: their bytes as text, in whatever encoding a shell wrote them.

az writes UTF-8 under Linux and macOS and the code page of Windows in a redirection there; Windows
PowerShell's `>` writes UTF-16. What is no text is refused by its name.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory.wrong_formats import binary_format

STANDARD_INPUT = "standard input"

#: The most that is read of one file. A VM is about 4 kB of JSON and its disks 3 kB, so that this
#: is more VMs than a tenant has; what is larger is something else, or has to be cut in parts.
LARGEST_FILE_MIB = 512
_MOST_BYTES = LARGEST_FILE_MIB * 1024**2

#: What a byte order mark says; that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 512  #: bytes, to see whether every other one is zero
#: Windows in western languages: what programs write (ANSI), and what the console does (OEM).
ANSI, OEM = "cp1252", "cp850"
_CONTROLS_OF_LATIN_1 = range(0x80, 0xA0)  #: quotes and dashes in cp1252, letters in cp850
_LETTERS_OF_ANSI = range(0xC0, 0x100)


class NamedText(NamedTuple):
    """The text of one export and what to call it: a file's name, or “standard input”.

    `guessed`: the code page that it was read in, where nothing says that this is the right one.
    """

    name: str
    text: str
    guessed: str = ""


def read_files(paths: Sequence[str], stdin: BinaryIO) -> tuple[NamedText, ...]:
    """The texts of files; `-` is standard input. Raises InputUnreadable naming the file."""
    return tuple(
        _decoded(STANDARD_INPUT, _limited(STANDARD_INPUT, stdin))
        if path == "-"
        else _decoded(path, _bytes_of(path))
        for path in dict.fromkeys(paths)
    )


def guesses(texts: Sequence[NamedText]) -> Iterator[str]:
    """A sentence for each file whose encoding was guessed, with what makes it certain."""
    for one in texts:
        if one.guessed:
            yield (
                f"{one.name} is not in UTF-8 and was read as {one.guessed}: letters outside of "
                "English may be wrong. Run chcp 65001 and set PYTHONUTF8=1 before az, and export "
                "again."
            )


def _bytes_of(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return _limited(path, file)
    except IsADirectoryError as error:
        problem = "It is a directory. Name the files in it, each with --inventory."
        raise InputUnreadable(path, "", problem) from error
    except FileNotFoundError as error:
        problem = "It does not exist. Look whether its name and the directory are right."
        raise InputUnreadable(path, "", problem) from error
    except PermissionError as error:
        problem = "You may not read it. Ask its owner, or copy it to where you may."
        raise InputUnreadable(path, "", problem) from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise InputUnreadable(path, "", f"It cannot be read: {reason}.") from error


def fits_in_memory(path: str) -> bool:
    """Whether a file is no larger than what is read of one at once; also what is no file."""
    try:
        return os.stat(path).st_size <= _MOST_BYTES
    except (OSError, ValueError):
        return True


def _limited(name: str, file: BinaryIO) -> bytes:
    content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        problem = (
            f"It is larger than {LARGEST_FILE_MIB} MiB, the most that is read of one file at once. "
            "Export one subscription at a time, or leave --inventory out to read Azure."
        )
        raise InputUnreadable(name, "", problem)
    return content


def _decoded(name: str, content: bytes) -> NamedText:
    encoding = _marked(content) or _unmarked_utf_16(content)
    if encoding is None and (problem := binary_format(content)):
        raise InputUnreadable(name, "", problem)
    try:
        return NamedText(name, content.decode(encoding or "utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        if encoding or b"\0" in content:
            problem = f"This is not text (byte {error.start}). Export it again with az … -o json."
            raise InputUnreadable(name, "", problem) from error
    page = _code_page(content)
    return NamedText(name, content.decode(page, errors="replace"), guessed=page)


def _marked(content: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)


def _unmarked_utf_16(content: bytes) -> str | None:
    """UTF-16 without a mark, as `cmd /u` writes it: every other byte of ASCII text is zero."""
    start = content[: min(_LOOKED_AT, len(content) // 2 * 2)]
    low, high = start[::2], start[1::2]
    if not start or 0 in (len(low), len(high)):
        return None
    if not any(high) and all(low):
        return "utf-16-le"
    return "utf-16-be" if not any(low) and all(high) else None


def _code_page(content: bytes) -> str:
    """Which of Windows' two code pages text that is not UTF-8 is in, likely.

    What is a letter in cp850 (0x81: ü) is a quote or nothing in cp1252, where letters lie higher.
    """
    beyond = {byte for byte in set(content) if byte > 0x7F}
    low = beyond.intersection(_CONTROLS_OF_LATIN_1)
    return OEM if low and not beyond.intersection(_LETTERS_OF_ANSI) else ANSI
