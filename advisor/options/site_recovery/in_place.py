"""Site Recovery where it replicates a VM already, and what Azure forbids to change there."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.model import Configuration, Protection


def found_words(found: Protection) -> str:
    return "Site Recovery" + (f" to {found.target}" if found.target else "")


def forbidden(have: Configuration, want: Configuration) -> Iterator[str]:
    """What no change in place reaches, and what follows from it."""
    if have["churn_mode"] != want["churn_mode"]:
        yield "The churn mode is chosen when replication is enabled: disable and enable it again."
