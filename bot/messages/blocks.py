"""Slack's building blocks and the one place where texts are cut to Slack's limits.

Strangers' text goes only into plain_text, rich_text and raw_text, which know no markup; the
top-level text is escaped. So a VM called `<!here>` calls nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from advisor.words import clean as seen
from bot.requests.moments import moment_words

Block = dict[str, Any]
Element = dict[str, Any]

#: Slack's Block Kit reference, 2026-06: header 150, plain_text of a section 3,000. Slack does
#: not say whether it counts `&` as one character or as `&amp;`, so we count the larger.
HEADER_LIMIT = 150
SECTION_LIMIT = 3000
#: Slack cuts a message's text at 40,000 and advises 4,000 (chat.postMessage, 2026-06).
TEXT_LIMIT = 4000
#: Below Slack's limits: people read a context line and a cell at a glance or not at all.
CONTEXT_LIMIT = 300
CELL_LIMIT = 110

#: How Slack's ids of people, user groups and channels look (Slack's type reference, 2026-06).
_PERSON_ID, _GROUP_ID = re.compile(r"[UW][A-Z0-9]{2,30}"), re.compile(r"S[A-Z0-9]{2,30}")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,30}")
_ID_LIMIT = 60
#: An address that Slack itself gave (chat.getPermalink); nothing else becomes a link.
_LINK = re.compile(r"https?://[^\s<>|\"]{1,1000}")

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPES = str.maketrans(_ENTITIES)
_LAST_OF_ONE_UNIT = "\uffff"  #: characters above this take two units of UTF-16
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `text` alone carries the whole meaning, `blocks` show it."""

    text: str
    blocks: tuple[Block, ...]
    public: bool = False  #: for the whole channel; else only for the person who asked

    def as_dict(self) -> dict[str, Any]:
        """The message as an acknowledgement and a response_url take it."""
        return {
            "response_type": "in_channel" if self.public else "ephemeral",
            "text": self.text,
            "blocks": list(self.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }

    def as_post(self) -> dict[str, Any]:
        """The message as chat.postMessage, chat.update and chat.postEphemeral take it."""
        return {"text": self.text, "blocks": list(self.blocks)}


def clean(text: str) -> str:
    """One line without characters that cannot be seen; never empty, which Slack refuses."""
    return " ".join(seen(text).split()) or "(empty)"


def width(text: str) -> int:
    """The length of a text as Slack may count it: UTF-16 units of the escaped text."""
    entities = sum(text.count(char) * (len(each) - 1) for char, each in _ENTITIES.items())
    beyond = 0 if text.isascii() else sum(char > _LAST_OF_ONE_UNIT for char in text)
    return len(text) + entities + beyond


def cut(text: str, limit: int) -> str:
    """The cleaned text, no wider than `limit`; an ellipsis replaces what is cut off."""
    text = clean(text)
    if width(text) <= limit:
        return text
    kept, room = [], limit - len(_CUT)
    for char in text:
        room -= _width_of(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + _CUT


def escape(text: str) -> str:
    """The text escaped for Slack's mrkdwn, where & < > are control characters."""
    return text.translate(_ESCAPES)


def top_level(sentences: Iterable[str]) -> str:
    """The text of a message: as many whole sentences, in order, as Slack's limit allows."""
    kept: list[str] = []
    room = TEXT_LIMIT
    for sentence in (cut(sentence, TEXT_LIMIT - 1) for sentence in sentences):
        room -= width(sentence) + 1
        if room < 0:
            break
        kept.append(sentence)
    return escape(" ".join(kept))


def header(text: str) -> Block:
    """A title, which screen readers read as structure."""
    return {"type": "header", "text": _plain(text, HEADER_LIMIT)}


def section(text: str) -> Block:
    """A paragraph without markup."""
    return {"type": "section", "text": _plain(text, SECTION_LIMIT)}


def context(*texts: str) -> Block:
    """Small print: up to ten lines."""
    return {"type": "context", "elements": [_plain(text, CONTEXT_LIMIT) for text in texts[:10]]}


def paragraph(*runs: Element) -> Element:
    """A paragraph of a rich_text."""
    return {"type": "rich_text_section", "elements": list(runs)}


def run(text: str, limit: int, *, bold: bool = False, code: bool = False) -> Element:
    """A run of text inside a paragraph."""
    element: Element = {"type": "text", "text": cut(text, limit)}
    style = {name: True for name, wanted in (("bold", bold), ("code", code)) if wanted}
    return element | {"style": style} if style else element


def space(text: str = " ") -> Element:
    """The text between two runs, unchanged."""
    return {"type": "text", "text": text}


def person(user_id: str) -> Element:
    """A person by their id, shown by name; another text than an id stays text."""
    if _PERSON_ID.fullmatch(user_id):
        return {"type": "user", "user_id": user_id}
    return run(user_id or "vmbackup", _ID_LIMIT)


def user_group(group_id: str) -> Element:
    """A user group by its id, shown by handle; another text than an id stays text."""
    if _GROUP_ID.fullmatch(group_id):
        return {"type": "usergroup", "usergroup_id": group_id}
    return run(group_id, _ID_LIMIT)


def channel(channel_id: str) -> Element:
    """A channel by its id, shown by name; another text than an id stays text."""
    if _CHANNEL_ID.fullmatch(channel_id):
        return {"type": "channel", "channel_id": channel_id}
    return run(channel_id, _ID_LIMIT)


def link(text: str, url: str) -> Element:
    """A text that leads to a message of Slack; without its address only the text."""
    if not _LINK.fullmatch(url):
        return run(text, _ID_LIMIT)
    return {"type": "link", "url": url, "text": cut(text, _ID_LIMIT)}


def moment(at: datetime) -> Element:
    """A time in the reader's own zone, and as a fallback in UTC."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} at {time}",
        "fallback": moment_words(at),
    }


def bullets(paragraphs: Sequence[Element]) -> Element:
    """A list of paragraphs."""
    return {"type": "rich_text_list", "style": "bullet", "elements": list(paragraphs)}


def rich_text(*elements: Element) -> Block:
    """Paragraphs and lists."""
    return {"type": "rich_text", "elements": list(elements)}


def table(rows: Sequence[Sequence[str | Element]]) -> Block:
    """A table whose first row is its heading; wrapped, so that nothing hides on a phone.

    A cell is a text or a run, such as a `person`.
    """
    return {
        "type": "table",
        "column_settings": [{"is_wrapped": True} for _ in rows[0]],
        "rows": [[_cell(text) for text in row] for row in rows],
    }


def _cell(content: str | Element) -> Element:
    if isinstance(content, str):
        return {"type": "raw_text", "text": cut(content, CELL_LIMIT)}
    return {"type": "rich_text", "elements": [paragraph(content)]}


def _plain(text: str, limit: int) -> Element:
    return {"type": "plain_text", "text": cut(text, limit), "emoji": False}


def _width_of(char: str) -> int:
    return len(_ENTITIES.get(char, char)) + (char > _LAST_OF_ONE_UNIT)
