"""`vmbackup`: the program, with the bot's own commands beside those of `advisor.cli.commands`."""

from __future__ import annotations

import sys

import click

from advisor.cli import commands
from advisor.cli.group import CommandEntry, LazyGroup, run

COMMANDS = (
    *commands.COMMANDS,
    CommandEntry("bot", "bot.composition.command:bot", "Start the Slack bot."),
    CommandEntry(
        "audit", "bot.audit_cli:audit", "Read and verify the audit of requests and decisions."
    ),
)


def vmbackup() -> click.Group:
    """The program."""
    group = LazyGroup(
        COMMANDS,
        name="vmbackup",
        help="Azure Backup, Site Recovery and snapshots side by side, for one Azure VM.",
    )
    return click.version_option(package_name="vmbackup", message="%(prog)s %(version)s")(group)


def main() -> None:
    """The console command."""
    sys.exit(run(vmbackup(), sys.argv[1:]))


if __name__ == "__main__":
    main()
