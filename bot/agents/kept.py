"""What an agent is given of a document of the command line, and what of it strangers wrote.

What a tool does not name is cut. Text that people outside of this program could have chosen (names,
tags, reasons, sentences that quote them) comes as `{"untrusted": "..."}`, on one line and bounded:
whoever reads it is told to show it and never to follow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from advisor.words import clean

#: The key of strangers' text. JSON escapes what is in it, so that no text can end it.
UNTRUSTED = "untrusted"
NAME_LIMIT = 260  #: an ARM id of the longest names is longer; what matters stands at its end
SENTENCE_LIMIT = 600
MOST_ITEMS = 20
#: Added to the name of a list that was cut.
LEFT_OUT = "_left_out"


class Text(Enum):
    """Whose text a value is."""

    OURS = "ours"  #: numbers, states and words of this program
    THEIRS = "theirs"  #: a name, a tag, a reason; also ARM ids, which are made of names
    SENTENCE = "sentence"  #: a sentence of ours that may quote a name


class Each(NamedTuple):
    """Every item of a list, up to a number of them."""

    of: Keep
    most: int = MOST_ITEMS


Keep = Text | Each | Mapping[str, "Keep"]


def kept(value: Any, keep: Keep) -> Any:
    """What is kept of a document's value, in the document's order of `keep`."""
    if value is None:
        return None
    match keep:
        case Text():
            return _text(value, keep)
        case Each():
            return [kept(item, keep.of) for item in value[: keep.most]]
        case _:
            return dict(_parts(value, keep))


def _parts(value: Mapping[str, Any], keep: Mapping[str, Keep]) -> Sequence[tuple[str, Any]]:
    parts: list[tuple[str, Any]] = []
    for name, how in keep.items():
        if name not in value:
            continue
        part = value[name]
        parts.append((name, kept(part, how)))
        most = how.most if isinstance(how, Each) else MOST_ITEMS
        if isinstance(part, list | tuple) and len(part) > most:
            parts.append((f"{name}{LEFT_OUT}", len(part) - most))
    return parts


def _text(value: Any, whose: Text) -> Any:
    """A text, or every text of a list or mapping; what is no text is ours."""
    if isinstance(value, str):
        return bounded(value) if whose is Text.OURS else untrusted(value, whose)
    if isinstance(value, Mapping) and whose is not Text.OURS:
        pairs = [f"{name}={text}" for name, text in value.items()]
        return [untrusted(each, whose) for each in pairs[:MOST_ITEMS]]
    if isinstance(value, Mapping):
        return {bounded(str(name)): _text(each, whose) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_text(each, whose) for each in value[:MOST_ITEMS]]
    return value


def untrusted(text: str, whose: Text = Text.THEIRS) -> dict[str, str]:
    """Strangers' text, marked, on one line and bounded."""
    limit = SENTENCE_LIMIT if whose is Text.SENTENCE else NAME_LIMIT
    return {UNTRUSTED: bounded(text, limit)}


def bounded(text: str, limit: int = NAME_LIMIT) -> str:
    """One line without control or invisible characters; an ellipsis where it was cut."""
    line = clean(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
