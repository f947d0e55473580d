"""`/vmbackup advice [ID]`: an advice that was given before, and what changed since."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.errors import UsageError
from bot.commands.advising import AdviceListed, KeepsAdvice
from bot.commands.command import (
    COMMAND,
    Answer,
    CommandOutcome,
    Invocation,
    Services,
    Subcommand,
)
from bot.commands.help import full_manual
from bot.messages.advice_age import given_words
from bot.messages.blocks import Message
from bot.messages.card import CardShown, card
from bot.messages.notices import listing, notice
from bot.requests.moments import moment_words

#: An id of an advice, as a card shows it.
ADVICE_ID = re.compile(r"a-[0-9a-f]{12}")


def handle(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Read the id now; the stored advice, the VM and the prices later."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(ADVICE))
    audience, advices = services.for_advice(), services.for_stored_advice()
    advice_id = _id_of(words)

    async def later() -> Answer:
        await audience.require(invocation.requester)
        if not advice_id:
            return Answer(_listed(await advices.of_person(invocation.user_id)))
        offers = services.forms is not None
        return Answer(await _again(advices, advice_id, offers_snapshot=offers))

    return CommandOutcome(notice("Looking for it. Only you see the answer."), later)


async def _again(advices: KeepsAdvice, advice_id: str, *, offers_snapshot: bool) -> Message:
    kept = await advices.get(advice_id)
    changed = (*advices.price_notes(kept), *await advices.vm_notes(kept))
    notes = (given_words(kept.given_at), *(changed or ("Nothing of it changed since.",)))
    shown = CardShown(advice_id=kept.id, notes=notes, offers_snapshot=offers_snapshot)
    return card(kept.told, shown)


def _listed(found: Sequence[AdviceListed]) -> Message:
    if not found:
        return notice(
            f"You asked for no advice lately. Type {COMMAND} advise and the name of a VM."
        )
    lines = (f"{each.id}: {each.vm_name}, {moment_words(each.given_at)}" for each in found)
    return listing(f"What you were advised last. {COMMAND} advice and an id shows it again.", lines)


def _id_of(words: Sequence[str]) -> str:
    """The id, or empty. Raises UsageError."""
    if not words:
        return ""
    if len(words) > 1 or not ADVICE_ID.fullmatch(words[0].lower()):
        raise UsageError(
            f"“{' '.join(words)}” is not the id of an advice: these look like a-0123456789ab and "
            f"stand under each card. For a new advice type {COMMAND} advise and the name of a VM."
        )
    return words[0].lower()


ADVICE = Subcommand(
    name="advice",
    usage="advice [ID]",
    summary=(
        "An advice that was given before, and what of the VM and the prices changed since; "
        "without an id what you were advised last."
    ),
    handle=handle,
)
