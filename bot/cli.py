"""`vmbackup`: the program and the table of its commands."""

from __future__ import annotations

import sys

import click

from advisor.cli.group import CommandEntry, LazyGroup, run

COMMANDS = (
    CommandEntry(
        "advise",
        "advisor.cli.advise:advise",
        "What can protect a VM, what each way costs, and which to take.",
    ),
    CommandEntry(
        "estimate",
        "advisor.cli.estimate:estimate",
        "What one way would cost for a VM that does not exist yet.",
    ),
    CommandEntry(
        "inventory",
        "advisor.cli.inventory:inventory",
        "How to export what an advice reads, instead of giving access.",
    ),
    CommandEntry(
        "prices",
        "advisor.cli.prices:prices",
        "What the price book knows, and how to bring it up to date.",
    ),
    CommandEntry("bot", "bot.serve:bot", "Start the Slack bot."),
    CommandEntry(
        "audit", "bot.audit_cli:audit", "What was asked, decided and done, and if it is whole."
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
