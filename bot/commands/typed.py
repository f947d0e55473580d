"""The text after the slash command, without the changes that Slack and phones make to it."""

from __future__ import annotations

import re
import shlex

from advisor.errors import UsageError

LONGEST_TEXT = 4000  #: Slack's own limit for what a person types (chat.postMessage, 2026-06)

#: `<@U1|web-01>`, `<#C1|web>`, `<http://web-01|web-01>`: Slack's links (docs.slack.dev,
#: formatting message text, 2026-06). The person saw the label, else the target.
_LINK = re.compile(r"<[@#!]?([^<>|]*)(?:\|([^<>]*))?>")
#: Phones and word processors turn `--rpo` into `—rpo` or `–rpo`.
_SMART_DASHES = re.compile(r"(?<!\S)-*[‒–—―−]+-*(?=[A-Za-z])")
#: Apostrophes around words are quotation marks; those in `didn't` and `disks'` are not.
_QUOTED_OR_APOSTROPHE = re.compile(r"(?<![^\s=])'[^']*'(?!\S)|'")
_APOSTROPHE_STAND_IN = "\ue000"  #: of the private use area: shlex takes it for a letter
_LOOKALIKES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'", "‐": "-", "‑": "-"}
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", None)
)


def words_of(text: str) -> list[str]:
    """The words of a command's text, quotes respected. Raises UsageError."""
    if len(text) > LONGEST_TEXT:
        raise UsageError("That is too long for a command. Name one VM and its flags.")
    text = _SMART_DASHES.sub("--", _as_typed(text).translate(_LOOKALIKES))
    text = _QUOTED_OR_APOSTROPHE.sub(lambda found: _hidden(found[0]), text)
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        return [word.strip("`").replace(_APOSTROPHE_STAND_IN, "'") for word in lexer]
    except ValueError:
        raise UsageError(
            "A quotation mark is opened and not closed. Close it, or leave it out."
        ) from None


def _as_typed(text: str) -> str:
    text = re.sub(r"\s", " ", _LINK.sub(_label, text))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _label(link: re.Match[str]) -> str:
    return link[2] or link[1]


def _hidden(found: str) -> str:
    return _APOSTROPHE_STAND_IN if found == "'" else found
