"""A request that ends for good: the rules, the VM or Azure do not allow it."""

from __future__ import annotations

from bot.requests.approval.rulings import Ruling
from bot.workflow.ports import NotNow


class Refused(Exception):
    """The request ends here, with a sentence for the requester."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def require(ruling: Ruling) -> None:
    """Return for a yes. Raises Refused for a no, NotNow where Slack could not be read."""
    if ruling.is_unknown:
        raise NotNow(ruling.sentence)
    if not ruling.allowed:
        raise Refused(ruling.sentence)
