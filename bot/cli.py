"""`vmbackup`: the program and the table of its commands."""

from __future__ import annotations

import sys

import click

from advisor.cli.group import Entry, LazyGroup, run

COMMANDS = (
    Entry("advise", "advisor.cli.advise:advise", "What can protect a VM, what each way costs."),
    Entry("estimate", "advisor.cli.estimate:estimate", "The same for a VM not yet there."),
    Entry("inventory", "advisor.cli.inventory:inventory", "What an advice reads of a VM."),
    Entry("prices", "advisor.cli.prices:prices", "The price book: show it, bring it up to date."),
    Entry("bot", "bot.serve:bot", "Start the Slack bot."),
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
