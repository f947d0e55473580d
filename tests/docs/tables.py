"""The tables of the documents, made from the code they describe, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin

import click
from pydantic import BaseModel

from advisor.azure.data_planes import LOGS_VARIABLE, METRICS_VARIABLE
from advisor.cli.advise import advise
from advisor.cli.estimate import estimate
from advisor.cli.group import every_command
from advisor.ledger_file import LEDGER_VARIABLE
from advisor.needs import SHIPPED_DEFAULT, SHIPPED_TIERS, Tier
from advisor.prices.discounts_file import PriceSettings
from advisor.prices.saved import CACHE_DIR_VARIABLE
from advisor.quantities import format_duration
from advisor.state_folder import STATE_DIR_VARIABLE
from advisor.tiers_file import NeedsTable
from advisor.words import need_words
from bot.cli import COMMANDS, vmbackup
from bot.requests.approval.rules_file import AnswerSettings, RequestSettings
from bot.settings import Settings
from bot.settings.secret_files import FOLDER_VARIABLE
from bot.traces import ENDPOINT_VARIABLE
from tests.docs import agent_tables, error_tables, request_tables
from tests.docs.markdown import Row, Tables, table

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMANDS_DOCUMENT = DOCS / "commands.md"
SETTINGS_DOCUMENT = DOCS / "settings.md"


# --- commands --------------------------------------------------------------------------------


def _commands() -> str:
    return table(("Command", "What it does"), _rows_of(vmbackup(), "vmbackup"))


def _rows_of(group: click.Group, path: str) -> Iterator[Row]:
    for name, command in _commands_of(group, path):
        yield f"`{name}`", command.get_short_help_str(limit=200)


def _commands_of(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name, those of groups within the group included."""
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands_of(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def _examples() -> str:
    """Every command line of the table, with its reason, as a shell reads them."""
    shown = (
        f"# {why}\n{line}\n" for _, entry in every_command(COMMANDS) for why, line in entry.examples
    )
    return f"```sh\n{''.join(shown)}```\n"


def _flags_of(command: click.Command) -> Callable[[], str]:
    def made() -> str:
        return table(("Flag", "What it says"), _flag_rows(command))

    return made


def _flag_rows(command: click.Command) -> Iterator[Row]:
    context = click.Context(command, info_name=command.name)
    flags = (param for param in command.params if isinstance(param, click.Option))
    rows = (flag.get_help_record(context) for flag in flags)
    yield from ((f"`{row[0]}`", row[1]) for row in rows if row)


def _other_flags() -> str:
    """The flags of every command that has no table of its own, one that is added included."""
    others = (
        (f"`{name}`", *row)
        for name, command in _commands_of(vmbackup(), "vmbackup")
        if command not in _WITH_A_TABLE
        for row in _flag_rows(command)
    )
    return table(("Command", "Flag", "What it says"), others)


_WITH_A_TABLE = (advise, estimate)


# --- settings --------------------------------------------------------------------------------


def _environment() -> str:
    fields = Settings.model_fields.values()
    rows = [(f"`{field.validation_alias}`", field.description or "") for field in fields]
    silent = [name for name, description in rows if not description]
    if silent:
        raise ValueError(f"bot/settings/ does not say what {', '.join(silent)} is for.")
    return table(("Variable", "What it is"), (*rows, *_OTHER_VARIABLES))


#: What is not the bot's alone, and what others define and we honour.
_OTHER_VARIABLES = (
    (
        f"`{FOLDER_VARIABLE}`",
        "A folder with secrets as files, each named like its variable (`SLACK_BOT_TOKEN`, …). They "
        "stand over variables and are read again every few seconds, and at once on SIGHUP.",
    ),
    (
        "`CREDENTIALS_DIRECTORY`",
        "Set by systemd: where the secrets of `LoadCredential=` lie, named in the same way.",
    ),
    (
        "`AZURE_*`",
        "azure-identity's own: how to sign in to Azure; one that is set to nothing is refused. "
        "Without: a managed identity, or `az login`'s account.",
    ),
    (
        f"`{CACHE_DIR_VARIABLE}`",
        "Where fetched prices are saved. Default: the user's cache directory.",
    ),
    (
        "`XDG_CACHE_HOME`",
        f"On Linux, where users' caches lie, where `{CACHE_DIR_VARIABLE}` does not say it.",
    ),
    (
        f"`{STATE_DIR_VARIABLE}`",
        "Where your own prices, the ledger, and what was learned and measured of VMs are kept. "
        "Default: the user's state directory.",
    ),
    (
        f"`{LEDGER_VARIABLE}`",
        "0: `vmbackup advise` keeps no estimate in the ledger that bills are held against.",
    ),
    (
        f"`{METRICS_VARIABLE}`",
        "Where Azure Monitor's metrics are read in batches, with `{region}` in it. Default: that "
        "of the cloud whose Azure is read.",
    ),
    (
        f"`{LOGS_VARIABLE}`",
        "Where a Log Analytics workspace is queried. Default: that of the cloud whose Azure is "
        "read.",
    ),
    (
        "`XDG_STATE_HOME`",
        f"On Linux, where users' state lies, where `{STATE_DIR_VARIABLE}` does not say it.",
    ),
    (
        f"`{ENDPOINT_VARIABLE}`",
        "Where traces are sent over OTLP/HTTP, such as http://127.0.0.1:4318; the other `OTEL_*` "
        "of OpenTelemetry count, too. It is an extra: `vmbackup[traces]`. Default: nowhere.",
    ),
    ("`OTEL_SERVICE_NAME`", "The service's name in traces. Default: vmbackup."),
    ("`HTTPS_PROXY`, `NO_PROXY`", "The proxy to Azure and Slack, and the hosts without one."),
    ("`SSL_CERT_FILE`", "The certificates to trust, where a proxy has an authority of its own."),
    ("`NO_COLOR`", "No colours in the terminal, unless it is empty."),
    ("`TERM`", "No colours where it is `dumb`."),
    ("`COLUMNS`", "How wide to write, where it is not the terminal's own width."),
    ("`PYTHONIOENCODING`", "What can be written; quotes and arrows that cannot are ASCII."),
    ("`LC_ALL`", "Quotes and arrows are ASCII where it is `C` or `POSIX`."),
    ("`PYTHONUTF8`", "Where it is 1, they stay as they are under the locale C too."),
    (
        "`_VMBACKUP_COMPLETE`",
        "Set by [completion in the shell](commands.md#completion-in-the-shell).",
    ),
)


def _tiers() -> str:
    return table(("Tier", "Chosen by the tags", "What is needed"), map(_tier, SHIPPED_TIERS))


def _tier(tier: Tier) -> Row:
    tags = "; ".join(f"`{tag}` = {', '.join(values)}" for tag, values in tier.tags.items())
    default = " (also the default)" if tier.name == SHIPPED_DEFAULT else ""
    unpaired = "; where the region has no pair, of the zone instead" if tier.unpaired_zone else ""
    return f"**{tier.name}**{default}", tags, need_words(tier.need) + unpaired


def _settings_file() -> str:
    keys = (*_keys_of(NeedsTable, ""), *_keys_of(PriceSettings, ""))
    return table(("Key", "What it says"), keys)


def _keys_of(model: type[BaseModel], path: str) -> Iterator[Row]:
    """Every key of the settings file, nested ones with their path."""
    for key, field in model.model_fields.items():
        if not field.description:
            raise ValueError(f"The settings file's table does not say what {path}{key} is for.")
        yield f"`{path}{key}`", field.description
        for nested in _models_in(field.annotation):
            named = _OF_MANY.get(get_origin(field.annotation), "")
            yield from _keys_of(nested, f"{path}{key}{named}.")


#: How one of several is written in a path: by its name, or by its place.
_OF_MANY = {dict: ".NAME", tuple: "[]"}


def _answer_settings() -> str:
    return table(("Key", "What it says"), _keys_of(AnswerSettings, ""))


def _request_settings() -> str:
    shown = ((*row, _default(row[0].strip("`"))) for row in _keys_of(RequestSettings, ""))
    return table(("Key", "What it says", "Default"), shown)


def _default(path: str) -> str:
    """What holds where the key is left out; empty where nothing does."""
    model: Any = RequestSettings
    *above, key = re.sub(r"\[\]|\.NAME", "", path).split(".")
    for part in above:
        [model] = _models_in(model.model_fields[part].annotation)
    field = model.model_fields[key]
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | Decimal) else ""


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


COMMANDS_TABLES: Tables = {
    "commands": _commands,
    "examples": _examples,
    "flags of advise": _flags_of(advise),
    "flags of estimate": _flags_of(estimate),
    "other flags": _other_flags,
}
SETTINGS_TABLES: Tables = {
    "tiers": _tiers,
    "settings file": _settings_file,
    "answer settings": _answer_settings,
    "environment": _environment,
}
SNAPSHOTS_TABLES: Tables = {**request_tables.TABLES, "request settings": _request_settings}
#: Every document with tables, and what is made anew in it.
DOCUMENTS: Mapping[Path, Tables] = {
    COMMANDS_DOCUMENT: COMMANDS_TABLES,
    SETTINGS_DOCUMENT: SETTINGS_TABLES,
    DOCS / "snapshots.md": SNAPSHOTS_TABLES,
    DOCS / "errors.md": error_tables.TABLES,
    DOCS / "agents.md": agent_tables.TABLES,
}
