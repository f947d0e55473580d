"""The interface that the command `fleet` uses."""

from __future__ import annotations

from typing import Protocol

from bot.messages.blocks import Message
from bot.requests.model import Requester


class Fleets(Protocol):
    """A source of reports on the whole fleet."""

    def vms_known(self) -> int | None:
        """How many VMs there were a moment ago; None: not known."""
        ...

    def progress(self) -> str:
        """How far the reading that is under way is, as a sentence."""
        ...

    async def shown_to(self, requester: Requester) -> Message:
        """The report, with its file sent to the person.

        Raises NotAllowed for those who may not list, and VmbackupError where nothing was read.
        """
        ...
