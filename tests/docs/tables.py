"""The tables of the README, made from the code they describe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

import click
from pydantic import BaseModel

from advisor.cli.advise import advise
from advisor.cli.estimate import estimate
from advisor.needs import SHIPPED_DEFAULT, SHIPPED_TIERS, Tier
from advisor.tiers_file import NeedsTable
from advisor.words import need_words
from bot.cli import vmbackup
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"

Row = Sequence[str]


def written(text: str) -> str:
    """The README with every table between its markers made anew."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: written by make docs -->", f"<!-- {name}: end -->"
        between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(between.findall(text)) != 1:
            raise ValueError(f"The README has no place, or several, for the table {name}.")
        fresh = f"{begin}\n\n{table()}\n{end}"
        text = between.sub(lambda _, fresh=fresh: fresh, text)
    return text


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# --- commands --------------------------------------------------------------------------------


def _commands() -> str:
    return _table(("Command", "What it does"), _rows_of(vmbackup(), "vmbackup"))


def _rows_of(group: click.Group, path: str) -> Iterator[Row]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _rows_of(command, f"{path} {name}")
        elif command is not None:
            yield f"`{path} {name}`", command.get_short_help_str(limit=200)


def _flags_of(command: click.Command) -> Callable[[], str]:
    def table() -> str:
        context = click.Context(command, info_name=command.name)
        flags = (param for param in command.params if isinstance(param, click.Option))
        rows = (flag.get_help_record(context) for flag in flags)
        shown = ((f"`{row[0]}`", row[1]) for row in rows if row)
        return _table(("Flag", "What it says"), shown)

    return table


# --- settings --------------------------------------------------------------------------------


def _environment() -> str:
    fields = Settings.model_fields.values()
    rows = [(f"`{field.validation_alias}`", field.description or "") for field in fields]
    silent = [name for name, description in rows if not description]
    if silent:
        raise ValueError(f"bot/settings.py does not say what {', '.join(silent)} is for.")
    return _table(("Variable", "What it is"), (*rows, *_OTHER_VARIABLES))


#: What others define and we honour.
_OTHER_VARIABLES = (
    ("`AZURE_*`", "azure-identity's own: how to sign in to Azure. Without: `az login`'s account."),
    ("`NO_COLOR`", "No colours in the terminal, unless it is empty."),
    ("`COLUMNS`", "How wide to write, where it is not the terminal's own width."),
)


def _tiers() -> str:
    return _table(("Tier", "Chosen by the tags", "What is needed"), map(_tier, SHIPPED_TIERS))


def _tier(tier: Tier) -> Row:
    tags = "; ".join(f"`{tag}` = {', '.join(values)}" for tag, values in tier.tags.items())
    default = " (also the default)" if tier.name == SHIPPED_DEFAULT else ""
    unpaired = "; where the region has no pair, of the zone instead" if tier.unpaired_zone else ""
    return f"**{tier.name}**{default}", tags, need_words(tier.need) + unpaired


def _settings_file() -> str:
    return _table(("Key", "What it says"), _keys_of(NeedsTable, ""))


def _keys_of(model: type[BaseModel], path: str) -> Iterator[Row]:
    """Every key of the settings file, nested ones with their path."""
    for key, field in model.model_fields.items():
        if not field.description:
            raise ValueError(f"advisor/tiers_file.py does not say what {path}{key} is for.")
        yield f"`{path}{key}`", field.description
        for nested in _models_in(field.annotation):
            named = ".NAME" if get_origin(field.annotation) is dict else ""
            yield from _keys_of(nested, f"{path}{key}{named}.")


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": _commands,
    "flags of advise": _flags_of(advise),
    "flags of estimate": _flags_of(estimate),
    "environment": _environment,
    "tiers": _tiers,
    "settings file": _settings_file,
}
