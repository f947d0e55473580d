"""What Slack says no to, in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """A call answered with `ok: false`. `more` are further fields of the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code, self.more = code, more

    def body(self) -> dict[str, Any]:
        """The answer, as Slack writes it."""
        return {"ok": False, "error": self.code, **self.more}


class ManifestRefused(ValueError):
    """A manifest from which Slack would not install an app."""


def invalid(code: str, problems: Sequence[str]) -> SlackError:
    """`invalid_blocks` or `invalid_arguments`, with what is wrong where."""
    return SlackError(
        code,
        errors=list(problems),
        response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]},
    )
