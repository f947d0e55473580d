"""`vmbackup`: the program, with the bot's own commands beside those of `advisor.cli.commands`."""

from __future__ import annotations

import sys

import click

from advisor.cli import commands
from advisor.cli.group import CommandEntry, Entry, Example, GroupEntry, LazyGroup, run
from advisor.collecting import seek_cycles_seldom

COMMANDS: tuple[Entry, ...] = (
    *commands.COMMANDS,
    CommandEntry(
        "bot",
        "bot.composition.command:bot",
        "Start the Slack bot.",
        (
            Example("Over Socket Mode, which needs no open port", "vmbackup bot"),
            Example(
                "With the rules of a file, served over HTTP behind a proxy with TLS",
                "vmbackup bot --settings vmbackup.toml --http 127.0.0.1:3000",
            ),
            Example(
                "One more process that only works; DATABASE_URL is that of the others",
                "vmbackup bot --only worker",
            ),
        ),
    ),
    CommandEntry(
        "doctor",
        "bot.doctor_cli:doctor",
        "Ask whether all that the bot needs is right.",
        (
            Example("Everything, with what to do; nothing is changed", "vmbackup doctor"),
            Example(
                "For a probe: exit code 0 only where the bot can work",
                "vmbackup doctor --settings vmbackup.toml --json",
            ),
        ),
    ),
    CommandEntry(
        "roles",
        "bot.roles_cli:roles",
        "Print the roles that the bot needs in Azure.",
        (
            Example("What each is for and holds", "vmbackup roles"),
            Example(
                "As az takes it: az role definition create --role-definition role.json",
                "vmbackup roles snapshot-operator --scope /subscriptions/SUBSCRIPTION",
            ),
        ),
    ),
    CommandEntry(
        "requests",
        "bot.requests_cli:requests",
        "List what was asked for in Slack, and what is kept.",
        (
            Example("What is under way, kept, or ended lately", "vmbackup requests"),
            Example("Everything ever asked for about one VM", "vmbackup requests web-01 --all"),
            Example("For programs", "vmbackup requests --json"),
        ),
    ),
    CommandEntry(
        "mcp",
        "bot.agents_cli:mcp",
        "Answer an agent over MCP: reads, and changes nothing.",
        (
            Example("What an agent's settings name as the command", "vmbackup mcp"),
            Example(
                "Only one subscription, with your own tiers",
                "vmbackup mcp --subscription SUBSCRIPTION --settings vmbackup.toml",
            ),
        ),
    ),
    GroupEntry(
        "audit",
        "Read and verify the audit of requests and decisions.",
        (
            CommandEntry(
                "show",
                "bot.audit_cli:show",
                "Show all rows of one request.",
                (
                    Example(
                        "From the asking to the deletion of what was made",
                        "vmbackup audit show r-0123456789ab",
                    ),
                    Example(
                        "The same as it is stored, with every hash",
                        "vmbackup audit show r-0123456789ab --json",
                    ),
                ),
            ),
            CommandEntry(
                "verify",
                "bot.audit_cli:verify",
                "Check that nothing was changed after it was written.",
                (
                    Example("Every row, and the requests against them", "vmbackup audit verify"),
                    Example(
                        "That the hash which a decision's thread showed is still there",
                        "vmbackup audit verify --head 0123456789ab",
                    ),
                ),
            ),
            CommandEntry(
                "export",
                "bot.audit_cli:export",
                "Add what is new to a file, where the bot cannot write.",
                (
                    Example(
                        "What is new since the last time; for cron",
                        "vmbackup audit export audit.jsonl",
                    ),
                ),
            ),
        ),
        about=(
            "The audit is in the bot's database: that of DATABASE_URL or the one in "
            "VMBACKUP_DATA_DIR. The bot may run meanwhile."
        ),
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
    seek_cycles_seldom()  # a command ends before the first look
    sys.exit(run(vmbackup(), sys.argv[1:]))


if __name__ == "__main__":
    main()
