"""Azure Backup where it protects a VM already, and what Azure forbids to change there."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.model import Configuration, Protection


def found_words(_: Protection) -> str:
    return "Azure Backup"


def forbidden(have: Configuration, want: Configuration) -> Iterator[str]:
    """What no change in place reaches, and what follows from it."""
    if _storage(have) != _storage(want):
        yield (
            "A vault's redundancy cannot change after its first backup: the VM moves to another"
            " vault, and the old points cost until they expire or are deleted."
        )
    elif have["redundancy"] == "grs" and want["redundancy"] == "grs-crr":
        yield "Cross-region restore is switched on for the whole vault and bills all of it."
    if have["policy"] == "enhanced" and want["policy"] == "standard":
        yield (
            "A VM on the Enhanced policy cannot go back to Standard: stop its protection, keep or"
            " delete its points, and protect it anew in another vault."
        )


def _storage(configuration: Configuration) -> str:
    return str(configuration["redundancy"]).removesuffix("-crr")
