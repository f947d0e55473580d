"""From a text to the JSON documents in it: one, several, or one on each line.

Beside them may stand what a terminal adds: az's warnings, a prompt with the command that was
typed. Whatever else is no JSON is refused by its name, or by the place where JSON ends to be any.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NamedTuple, NoReturn

from advisor.errors import InputUnreadable
from advisor.inventory.files import NamedText
from advisor.inventory.wrong_formats import AS_JSON, shown, text_format

#: Also the end mark of `copy a+b` in cmd.exe and the byte order mark of the second file.
_SPACE = " \t\r\n\ufeff\x1a"
_SPACES = re.compile(f"[{_SPACE}]*")
_NO_NOISE = '{}[]",:'  #: a line that begins so is a piece of JSON, and never left aside
_PROMPT = re.compile(r"\[[^\]\n]*\][$#%>] ")  #: [azureuser@jump ~]$ az vm list


class JsonDocument(NamedTuple):
    """One JSON document and how its place in the file is written: `$`, or `line 3, $`."""

    root: str
    value: Any


def documents(named: NamedText) -> tuple[JsonDocument, ...]:
    """The documents of a text, in their order. Raises InputUnreadable for what is no JSON."""
    text = named.text.strip(_SPACE)
    if not text:
        problem = (
            "It is empty: the command that was to fill it printed nothing, as az does when it "
            f"fails or with -o none. {AS_JSON}"
        )
        raise InputUnreadable(named.name, "", problem)
    try:
        return (JsonDocument("$", json.loads(text, parse_constant=_not_json)),)
    except json.JSONDecodeError:
        return _several(named)
    except RecursionError as error:
        raise too_deep(named.name) from error
    except ValueError as error:
        raise InputUnreadable(named.name, "", _number(error)) from error


def too_deep(source: str, place: str = "") -> InputUnreadable:
    """The error for objects within objects beyond what can be read: to be raised."""
    problem = (
        "It is nested deeper than any export, which has about 15 levels, and deeper than the "
        f"thousand that can be read. {AS_JSON}"
    )
    return InputUnreadable(source, place, problem)


class _NoNumber(ValueError):
    """NaN or Infinity."""


def _not_json(constant: str) -> NoReturn:
    raise _NoNumber(f"{constant} is not a number in JSON, where such a value is null. {AS_JSON}")


def _number(error: ValueError) -> str:
    """What is wrong with a number: no JSON, or longer than Python reads one."""
    if isinstance(error, _NoNumber):
        return str(error)
    most = sys.get_int_max_str_digits()
    return (
        f"It holds a number of more than {most:,} digits, the most that is read, and nothing in "
        f"Azure is as large. {AS_JSON}"
    )


def _several(named: NamedText) -> tuple[JsonDocument, ...]:
    """Documents one after the other, with lines around them that are no JSON."""
    text, found, aside = named.text, list[JsonDocument](), list[str]()
    decoder = json.JSONDecoder(parse_constant=_not_json)
    line, counted, position = 1, 0, _after_spaces(text, 0)
    while position < len(text):
        line, counted = line + text.count("\n", counted, position), position
        prompt = _PROMPT.match(text, position) is not None
        if text[position] in "[{" and not prompt:
            value, position = _decoded(named, decoder, position)
            found.append(JsonDocument(f"line {line:,}, $", value))
        elif not prompt and (text[position] in _NO_NOISE or not _begins_line(text, position)):
            raise _malformed(named, position, "")
        else:
            end = text.find("\n", position)
            aside.append(text[position : end if end >= 0 else len(text)])
            position += len(aside[-1])
        position = _after_spaces(text, position)
    if not found:
        problem = text_format(text) or f"This is not JSON: “{shown(aside[0])}” {AS_JSON}"
        raise InputUnreadable(named.name, "", problem)
    if problem := text_format("\n".join(aside), beside=True):
        raise InputUnreadable(named.name, "", problem)
    return tuple(found) if len(found) > 1 else (JsonDocument("$", found[0].value),)


def _decoded(named: NamedText, decoder: json.JSONDecoder, position: int) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(named.text, position)
    except json.JSONDecodeError as error:
        raise _malformed(named, error.pos, error.msg) from error
    except RecursionError as error:
        raise too_deep(named.name) from error
    except ValueError as error:
        raise InputUnreadable(named.name, "", _number(error)) from error


def _after_spaces(text: str, position: int) -> int:
    found = _SPACES.match(text, position)
    return found.end() if found else position


def _begins_line(text: str, position: int) -> bool:
    """Whether only spaces stand before it on its line."""
    return not text[text.rfind("\n", 0, position) + 1 : position].strip(_SPACE)


# --- what is wrong where JSON ends to be any ---------------------------------------------------


class Damage(NamedTuple):
    """A kind of damage, told by the text before and after the place where JSON ends."""

    before: str  #: a regular expression that ends there
    after: str  #: one that begins there
    sentences: str


_DAMAGES = (
    Damage(
        "",
        r"\w*\s*\Z",
        f"The file ends in the middle: it was cut short, as by a full disk. {AS_JSON}",
    ),
    Damage(
        r",\s*",
        r"[]}]",
        "A comma stands before a closing bracket, which JSON does not know. Take the comma out, or "
        "export it again with az … -o json.",
    ),
    Damage(
        "",
        r"//|/\*|#",
        "A comment stands here, which JSON does not know. Take it out, or export it again with "
        "az … -o json.",
    ),
    Damage(
        "",
        r"'|(?:True|False|None)\b",
        "It is written as Python prints it. Write it with json.dumps, or export it again with "
        "az … -o json.",
    ),
    Damage(
        r"[\[{,]\s*",
        r"[A-Za-z_]\w*\s*:",
        "A key stands here without quotes, which JSON does not know. Export it again with "
        "az … -o json.",
    ),
    Damage(
        "",
        r"[\x00-\x1f]",
        "A line break or another control character stands inside a text, as when it was copied "
        "from a window. Write it into a file instead: az vm list -o json > vms.json.",
    ),
    Damage(
        r"[\]}\"0-9el]\s*", r"[\[{\"]", f"A comma is missing here: it was edited by hand. {AS_JSON}"
    ),
)
_TRAILING_COMMA = "Illegal trailing comma"  #: Python from 3.13 on points at the comma itself
_LOOKED_BACK = 200  #: characters before the place


def _malformed(named: NamedText, position: int, said: str) -> InputUnreadable:
    """The error that names line and column and the damage, or the format that it is instead."""
    text = named.text
    if problem := text_format(text):
        return InputUnreadable(named.name, "", problem)
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    place = f"line {line:,}, column {column:,}"
    return InputUnreadable(named.name, place, _damage(text, position, said))


def _damage(text: str, position: int, said: str) -> str:
    if not said:
        rest = shown(text[position : position + _LOOKED_BACK].split("\n", 1)[0])
        return f"This belongs to no JSON that is whole: “{rest}” {AS_JSON}"
    if said.startswith("Unterminated string"):
        return _DAMAGES[0].sentences
    position += said.startswith(_TRAILING_COMMA)
    before = text[max(0, position - _LOOKED_BACK) : position]
    for one in _DAMAGES:
        if re.search(rf"(?:{one.before})\Z", before) and re.compile(one.after).match(
            text, position
        ):
            return one.sentences
    return f"This is not JSON: {said}. It may be cut short or edited. {AS_JSON}"
