"""The commands of `vmbackup` that read and think: one row each, imported when it is run."""

from __future__ import annotations

from advisor.cli.group import CommandEntry

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
)
