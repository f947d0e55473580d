"""The small print of a card: who may, until when, which request; with mentions and times.

A context block takes mentions, times and links as mrkdwn only. So this is the one place where
mrkdwn is written: ids and times are checked by `bot.messages.blocks`, and text of others loses
what Slack reads as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.messages.blocks import CONTEXT_LIMIT, Block, Element, cut, escape

#: What makes text bold, slanted, struck or code in mrkdwn.
_FORMATTING = str.maketrans(dict.fromkeys("*_~`"))
_BETWEEN = " · "
_ELEMENTS = 10  #: of a context block (Block Kit reference, 2026-06)


def small_print(*lines: Sequence[Element]) -> Block:
    """Lines of small print; each is what `joined` makes."""
    texts = [cut_line for line in lines if (cut_line := _mrkdwn(line))]
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": text} for text in texts[:_ELEMENTS]],
    }


def joined(parts: Iterable[Sequence[Element]]) -> list[Element]:
    """The parts that are not empty as one line, with a dot between them."""
    line: list[Element] = []
    for part in parts:
        if part:
            line += [{"type": "text", "text": _BETWEEN}] if line else []
            line += part
    return line


def _mrkdwn(line: Iterable[Element]) -> str:
    return "".join(map(_written, line))


def _written(run: Element) -> str:
    match run["type"]:
        case "user":
            return f"<@{run['user_id']}>"
        case "usergroup":
            return f"<!subteam^{run['usergroup_id']}>"
        case "date":
            return f"<!date^{run['timestamp']}^{run['format']}|{run['fallback']}>"
        case "link":
            return f"<{escape(run['url'])}|{_text(run['text'])}>"
        case _:
            return _text(run["text"])


def _text(text: str) -> str:
    edges = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    shown = text.translate(_FORMATTING)
    if not shown.strip():
        return text if not text.strip() else "-"
    return escape(f"{edges[0]}{cut(shown, CONTEXT_LIMIT)}{edges[1]}")
