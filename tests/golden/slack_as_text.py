"""A Slack message as a person sees it, in plain text, for the golden files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.messages.blocks import Message

_MARKS = (
    (re.compile(r"<@(\w+)>"), r"@\1"),
    (re.compile(r"<!subteam\^(\w+)>"), r"@\1"),
    (re.compile(r"<#(\w+)>"), r"#\1"),
    (re.compile(r"<!date\^[^|]*\|([^>]*)>"), r"\1"),
    (re.compile(r"<(https?://[^|>]*)\|([^>]*)>"), r"\2 (\1)"),
)


#: Where this names a file, everything that is drawn is also written there, a JSON object a line:
#: tests/browser/picturing.py takes pictures of it.
PICTURED = "TESTS_PICTURED"


def _pictured(kind: str, what: object) -> None:
    if file := os.environ.get(PICTURED):
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[2].partition(" (")[0]
        with Path(file).open("a", encoding="utf-8") as pictured:
            pictured.write(json.dumps({"kind": kind, "test": test, "what": what}) + "\n")


def drawn(message: Message) -> str:
    """The blocks first, then the text that screen readers and notifications have."""
    _pictured("message", message.as_post())
    shown = "\n".join(line for block in message.blocks for line in _block(block))
    return f"{shown}\n\n(read aloud: {message.text})\n"


def view_drawn(view: dict[str, Any]) -> str:
    """A modal, with its title and its buttons."""
    _pictured("view", view)
    shown = "\n".join(line for block in view["blocks"] for line in _block(block))
    buttons = [view[name]["text"] for name in ("submit", "close") if name in view]
    return f"== {view['title']['text']} ==\n{shown}\n{' '.join(f'[{each}]' for each in buttons)}\n"


def _block(block: dict[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield f"# {block['text']['text']}"
        case "section":
            yield block["text"]["text"]
        case "context":
            yield from (f"  . {_marks(each['text'])}" for each in block["elements"])
        case "table":
            yield from ("  | " + " | ".join(map(_cell, row)) for row in block["rows"])
        case "rich_text":
            for element in block["elements"]:
                yield from _rich(element)
        case "actions":
            yield "  ".join(_button(each) for each in block["elements"])
        case "input":
            yield from _input(block)
        case kind:
            raise AssertionError(f"a block that is not drawn: {kind}")


def _marks(text: str) -> str:
    """Mentions, times and links of mrkdwn as people see them."""
    for mark, shown in _MARKS:
        text = mark.sub(shown, text)
    return text


def _rich(element: dict[str, Any]) -> Iterator[str]:
    if element["type"] == "rich_text_list":
        yield from (f"  - {line}" for each in element["elements"] for line in _rich(each))
    else:
        yield "".join(_run(run) for run in element["elements"])


def _run(run: dict[str, Any]) -> str:
    match run["type"]:
        case "user":
            return f"@{run['user_id']}"
        case "link":
            return f"{run['text']} ({run['url']})"
        case "channel":
            return f"#{run['channel_id']}"
        case "usergroup":
            return f"@{run['usergroup_id']}"
        case "date":
            return str(run["fallback"])
        case _:
            bold = "*" if run.get("style", {}).get("bold") else ""
            return f"{bold}{run['text']}{bold}"


def _cell(cell: dict[str, Any]) -> str:
    if cell["type"] == "raw_text":
        return str(cell["text"])
    return "".join(line for element in cell["elements"] for line in _rich(element))


def _button(button: dict[str, Any]) -> str:
    style = f" ({button['style']})" if "style" in button else ""
    return f"[{button['text']['text']}{style}; {button['accessibility_label']}]"


def _input(block: dict[str, Any]) -> Iterator[str]:
    element = block["element"]
    yield f"{block['label']['text']}: <{element.get('initial_value', '')}>"
    chosen = [each["value"] for each in element.get("initial_options", [])]
    chosen += [element["initial_option"]["value"]] if "initial_option" in element else []
    for option in element.get("options", []):
        mark = "x" if option["value"] in chosen else " "
        yield f"  [{mark}] {option['text']['text']}{_small(option)}"
    if "hint" in block:
        yield f"  ({block['hint']['text']})"


def _small(option: dict[str, Any]) -> str:
    return f" ({option['description']['text']})" if "description" in option else ""
