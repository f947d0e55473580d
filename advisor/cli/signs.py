"""What is written for a sign that the terminal cannot show: one table, applied on output alone.

Commands, help and errors write typographic quotes, dashes and arrows. Whether they can be shown
only the stream knows: by its encoding (a code page of Windows, PYTHONIOENCODING) and, where
Python took UTF-8 because the locale is C, by the locale.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

#: ASCII for the signs that vmbackup writes. A test finds every sign of the product in it.
SIGNS: Mapping[str, str] = {
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "‘": "'",
    "’": "'",
    "‚": "'",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "―": "-",
    "─": "-",
    "│": "|",
    "·": "-",
    "•": "*",
    "●": "*",
    "○": "o",
    "✓": "+",
    "→": "->",
    "×": "x",
    "≈": "~",
    "≤": "<=",
    "≥": ">=",
    "\u00a0": " ",
    "\u202f": " ",
}
NO_SIGN = "?"

_SHOW_SIGNS, _SHOW_SIGNS_KEEP_LETTERS = "vmbackup-signs", "vmbackup-signs-keep-letters"
#: ASCII under another name: click takes a stream that is called ASCII for misconfigured, and writes
#: UTF-8 past it (click._compat._stream_is_misconfigured, 8.1 to 8.5).
_ASCII = "vmbackup_ascii"


def show_signs(stream: Any) -> None:
    """Let a text stream write what it can show: SIGNS for a sign that it lacks, else `?`.

    Nothing that is written then raises UnicodeEncodeError. A stream that cannot be set up anew,
    such as one of a test, stays as it is.
    """
    reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    if _locale_lacks_signs():
        # What is not a sign of ours, such as a letter in a tag, stays the UTF-8 that it would be.
        reconfigure(encoding=_ASCII, errors=_SHOW_SIGNS_KEEP_LETTERS)
    elif _is_ascii(stream.encoding):
        reconfigure(encoding=_ASCII, errors=_SHOW_SIGNS)
    else:
        reconfigure(errors=_SHOW_SIGNS)


def shows_every_letter(stream: Any) -> bool:
    """Whether any text can be written to the stream as it is."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return encoding.lower().startswith("utf")


def _locale_lacks_signs() -> bool:
    """LC_ALL=C, where Python writes UTF-8 all the same (PEP 540) and nobody asked it to.

    Without any locale, as in most containers, Python takes C.UTF-8 (PEP 538), which shows all.
    """
    if not sys.flags.utf8_mode or {"PYTHONUTF8", "PYTHONIOENCODING"} & os.environ.keys():
        return False
    import locale

    return _is_ascii(locale.getencoding())


def _is_ascii(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("ascii", _ASCII)


def _signs(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: our sign for each that the encoding lacks."""
    lacking = _lacking(error)
    return "".join(SIGNS.get(sign, NO_SIGN) for sign in lacking), error.end  # type: ignore[attr-defined]


def _signs_keep_letters(error: UnicodeError) -> tuple[bytes, int]:
    """As `_signs`, with every other letter as UTF-8."""
    written = (SIGNS.get(sign, sign).encode("utf-8", "replace") for sign in _lacking(error))
    return b"".join(written), error.end  # type: ignore[attr-defined]


def _lacking(error: UnicodeError) -> str:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return error.object[error.start : error.end]


def _codec(name: str) -> codecs.CodecInfo | None:
    if name != _ASCII:
        return None
    ascii_codec = codecs.lookup("ascii")
    return codecs.CodecInfo(
        name=_ASCII,
        encode=ascii_codec.encode,
        decode=ascii_codec.decode,
        incrementalencoder=ascii_codec.incrementalencoder,
        incrementaldecoder=ascii_codec.incrementaldecoder,
        streamreader=ascii_codec.streamreader,
        streamwriter=ascii_codec.streamwriter,
    )


codecs.register(_codec)
codecs.register_error(_SHOW_SIGNS, _signs)
codecs.register_error(_SHOW_SIGNS_KEEP_LETTERS, _signs_keep_letters)
