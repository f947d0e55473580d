"""The repository's Markdown files: their prose, their fenced blocks, their links and anchors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_FENCED = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_DEFINED = re.compile(r"^\[[^\]^]+\]:\s*(\S+)", re.MULTILINE)
_HTML_LINK = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=[\"']([^\"']+)", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


class Link(NamedTuple):
    """A link to a file of the repository, or within one: where it leads, and to which heading."""

    path: Path
    anchor: str


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    """The text without what is shown as code, where a link is none."""
    return _CODE.sub("", _FENCED.sub("", text))


def links(path: Path) -> Iterator[Link]:
    """The links that stay within the repository."""
    text = prose(path.read_text(encoding="utf-8"))
    for target in (*_LINK.findall(text), *_DEFINED.findall(text), *_HTML_LINK.findall(text)):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        led = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        yield Link(led, unquote(parts.fragment))


def anchors(text: str) -> set[str]:
    """What a link may point at: the headings, as GitHub writes them in addresses."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(_FENCED.sub("", text)):
        name = _anchor(heading)
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def _anchor(heading: str) -> str:
    shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)  # of a link only its words
    return re.sub(r"[^\w -]", "", shown.lower()).replace(" ", "-")
