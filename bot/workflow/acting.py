"""Each step of a plan is done by the verb that the step names."""

from __future__ import annotations

from bot.azure.connection import AzureActs
from bot.azure.operations import Operation, Outcome
from bot.azure.refusals import RefusedForGood
from bot.azure.standing import LookResult
from bot.azure.verb import Verb
from bot.azure.verbs import VERBS
from bot.requests.model import Step


class ActsByVerb:
    """Azure, as far as steps go. Raises RefusedForNow and RefusedForGood."""

    def __init__(self, azure: AzureActs) -> None:
        self._azure = azure

    async def look(self, step: Step) -> LookResult:
        """How far the step has come."""
        return await _verb(step).look(self._azure, step)

    async def do(self, step: Step) -> Operation | None:
        """Send the one request of the step; the operation that Azure names for it."""
        return await _verb(step).do(self._azure, step)

    async def outcome(self, step: Step) -> Outcome:
        """Ask the operation of the step how far it has come."""
        return await self._azure.outcome(step.target_id, step.operation)


def _verb(step: Step) -> Verb:
    verb = VERBS.get(step.verb)
    if verb is None:
        raise RefusedForGood(f"This version of vmbackup does not know how to do “{step.verb}”.")
    return verb
