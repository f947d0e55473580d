"""`vmbackup mcp`: a door for agents that only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

import click

from advisor.cli.advise import SETTINGS_OPTION, SOURCE_OPTIONS, refuse_with_files
from advisor.cli.group import LeafCommand
from advisor.cli.parameters import OFFLINE_OPTION, with_options
from advisor.errors import UsageError

#: The package behind the extra of the same name.
_EXTRA = "mcp"


@click.command(cls=LeafCommand)
@with_options(*SOURCE_OPTIONS, SETTINGS_OPTION, OFFLINE_OPTION)
def mcp(
    files: tuple[str, ...],
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    settings: str | None,
    offline: bool,
) -> None:
    """Answer an agent over the Model Context Protocol, on standard input and output.

    Every tool reads, with your own sign-in: advise, estimate, prices, bill, requests and fleet.
    Nothing is changed in Azure or asked for in Slack. The flags bound what the tools read.
    """
    import asyncio

    if find_spec(_EXTRA) is None:
        raise UsageError(
            "The package mcp is not installed. Install it with: pip install 'vmbackup[mcp]'"
        )
    if files:
        refuse_with_files(subscriptions, management_groups)
    if "-" in files:
        raise UsageError("The agent speaks on standard input. Name a file for --inventory.")
    from bot.agents.server import serve

    asyncio.run(serve(_given(files, subscriptions, management_groups, settings, offline)))


def _given(
    files: Sequence[str],
    subscriptions: Sequence[str],
    management_groups: Sequence[str],
    settings: str | None,
    offline: bool,
) -> Mapping[str, Sequence[str]]:
    """The flags that were given, by name; a flag without a value has no values."""
    every: dict[str, Sequence[str]] = {
        "inventory": files,
        "subscription": subscriptions,
        "management-group": management_groups,
        "settings": [settings] if settings else [],
    }
    return {
        **{name: said for name, said in every.items() if said},
        **({"offline": []} if offline else {}),
    }
