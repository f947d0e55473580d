"""The sentences of the errors that the code makes, read from the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: In the place of what is only known when it happens.
FILLED_IN = "…"
#: A sentence begins with a capital, a quotation mark or what is filled in, and has words.
_SENTENCE = re.compile(r"[^a-z\s].*[^\W\d_]{2}", re.DOTALL)


def sentences(*classes: str) -> list[str]:
    """What errors of these classes say, once each and in the order of the alphabet.

    Only those that are made with a text of their own; `…` stands for what is filled in.
    """
    found = {said for call in _calls() if _name(call.func) in classes for said in _said(call)}
    return sorted(said for said in found if _SENTENCE.match(said))


def _calls() -> Iterator[ast.Call]:
    for folder in ("advisor", "bot"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def _said(call: ast.Call) -> Iterator[str]:
    """The last text among the arguments: the sentence, where there are others before it."""
    last = [texts for argument in call.args if (texts := _texts(argument))][-1:]
    yield from (text.strip() for texts in last for text in texts)


def _texts(node: ast.expr) -> list[str]:
    """All that it may be."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [text] if (text := _text(node)) else []


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (_text(part) if isinstance(part, ast.Constant) else "" for part in node.values)
        return re.sub("…+", FILLED_IN, "".join(part or FILLED_IN for part in parts))
    return ""
