"""What an agent may say to a tool, as a JSON Schema, and as the words of a command line.

Each value is one word after its flag's `=`, and what has no flag stands behind `--`: no value can
be taken for a flag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from advisor.errors import UsageError
from advisor.words import listed
from bot.agents.tools import AgentTool

LONGEST_VALUE = 500
MOST_VALUES = 50


def schema_of(tool: AgentTool) -> dict[str, Any]:
    """The JSON Schema of the tool's arguments."""
    found = _parameters(tool)
    required = [name for name, param in found.items() if param.required or name in _needed(tool)]
    return {
        "type": "object",
        "properties": {name: _schema(param) for name, param in found.items()},
        "required": required,
        "additionalProperties": False,
    }


def line_of(
    tool: AgentTool, arguments: Mapping[str, Any], given: Mapping[str, Sequence[str]]
) -> list[str]:
    """The words after `vmbackup`, within what the server itself was started with.

    `given`: its flags; one without a value has an empty list of values. Raises UsageError for
    what the schema does not allow.
    """
    return [*tool.command, *_sources(tool, given), "--json", *_words(tool, arguments)]


def _words(tool: AgentTool, arguments: Mapping[str, Any]) -> list[str]:
    found = _parameters(tool)
    for name in arguments:
        if name not in found:
            raise UsageError(f"{tool.name} has no argument “{name}”. It has {listed(found)}.")
    for name, param in found.items():
        if (param.required or name in _needed(tool)) and arguments.get(name) in (None, "", []):
            raise UsageError(f"{tool.name} needs the argument “{name}”.")
    flags: list[str] = []
    names: list[str] = []
    for name, param in found.items():
        if arguments.get(name) is None:
            continue
        said = _said(name, param, arguments[name])
        (flags if isinstance(param, click.Option) else names).extend(said)
    return [*flags, *(["--", *names] if names else [])]


def _sources(tool: AgentTool, given: Mapping[str, Sequence[str]]) -> list[str]:
    words = []
    for name in tool.sources:
        if name in given:
            words += [f"--{name}={value}" for value in given[name]] or [f"--{name}"]
    return words


def _needed(tool: AgentTool) -> set[str]:
    return {_argument(name) for name in tool.needs}


def _argument(flag: str) -> str:
    return flag.replace("-", "_")


def _parameters(tool: AgentTool) -> dict[str, click.Parameter]:
    """The parameters that an agent may set, by the names of the tool's arguments."""
    typed = {param.opts[0].lstrip("-"): param for param in tool.load().params}
    return {_argument(name): typed[name] for name in tool.flags}


def _schema(param: click.Parameter) -> dict[str, Any]:
    one: dict[str, Any] = {"type": _kind(param)}
    if isinstance(param.type, click.Choice):
        one["enum"] = list(param.type.choices)
    if one["type"] == "string":
        one["maxLength"] = LONGEST_VALUE
    if param.multiple if isinstance(param, click.Option) else False:
        one = {"type": "array", "items": one, "maxItems": MOST_VALUES}
    help_text = param.help if isinstance(param, click.Option) else None
    return {**one, "description": help_text} if help_text else one


def _kind(param: click.Parameter) -> str:
    if isinstance(param, click.Option) and param.is_flag:
        return "boolean"
    return "integer" if isinstance(param.type, click.types.IntParamType) else "string"


def _said(name: str, param: click.Parameter, value: Any) -> Iterator[str]:
    """The words for one argument. Raises UsageError."""
    if not isinstance(param, click.Option):
        yield _text(name, value)
        return
    flag = param.opts[0]
    if param.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"The argument “{name}” is true or false.")
        if value:
            yield flag
        elif param.secondary_opts:
            yield param.secondary_opts[0]
        return
    values = value if param.multiple else [value]
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise UsageError(f"The argument “{name}” is a list of at most {MOST_VALUES}.")
    yield from (f"{flag}={_text(name, each)}" for each in values)


def _text(name: str, value: Any) -> str:
    """Raises UsageError."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UsageError(f"The argument “{name}” is a text or a whole number.")
    text = str(value)
    if not text.strip() or len(text) > LONGEST_VALUE or "\0" in text:
        raise UsageError(f"The argument “{name}” has 1 to {LONGEST_VALUE} characters.")
    return text
