"""Steps done by the verbs that they name."""

from __future__ import annotations

from bot.azure.connection import AzureActs
from bot.azure.refusals import RefusedForGood
from bot.azure.standing import LookResult
from bot.azure.verb import Verb
from bot.azure.verbs import VERBS
from bot.requests.model import Step


class ActsByVerb:
    """Azure, as far as steps go. Raises ForNow and Never."""

    def __init__(self, azure: AzureActs) -> None:
        self._azure = azure

    async def look(self, step: Step) -> LookResult:
        """How far it has come."""
        return await _verb(step).look(self._azure, step)

    async def do(self, step: Step) -> None:
        """One request."""
        await _verb(step).do(self._azure, step)


def _verb(step: Step) -> Verb:
    verb = VERBS.get(step.verb)
    if verb is None:
        raise RefusedForGood(f"This version of vmbackup does not know how to do “{step.verb}”.")
    return verb
