"""`/vmbackup cancel ID` and `/vmbackup card ID`: about one request, by its id."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.errors import UsageError
from bot.commands.command import Answer, CommandOutcome, Invocation, Services, Subcommand
from bot.commands.help import full_manual
from bot.messages.asked_notes import found_card
from bot.requests.wish_words import NO_FLAGS, REQUEST_ID, name_and_reason, needed, read_words

_CANCEL_EXAMPLE = "cancel r-0123456789ab not needed any more"
_CARD_EXAMPLE = "card r-0123456789ab"


async def cancel(
    words: Sequence[str], invocation: Invocation, services: Services
) -> CommandOutcome:
    """Store the cancellation at once; a worker judges it, and answers."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(CANCEL))
    requests, _ = services.for_requests()
    request_id, reason = _id_and_rest(words, _CANCEL_EXAMPLE)
    await requests.withdraw(
        invocation.requester, request_id, reason, f"withdraw:{invocation.content_key}"
    )
    return CommandOutcome(None)


def card(words: Sequence[str], invocation: Invocation, services: Services) -> CommandOutcome:
    """Look for the card later; only the person who asks sees the answer."""
    if {"--help", "-h"} & set(words):
        return CommandOutcome(full_manual(CARD))
    requests, _ = services.for_requests()
    request_id, _ = _id_and_rest(words, _CARD_EXAMPLE)

    async def later() -> Answer:
        found = await requests.find_card(invocation.requester, request_id)
        place = found.place
        message = found_card(found.request, place.channel_id, place.link, is_anew=place.is_anew)
        return Answer(message)

    return CommandOutcome(None, later)


def _id_and_rest(words: Sequence[str], example: str) -> tuple[str, str]:
    request_id, rest = name_and_reason(read_words(NO_FLAGS, words)["words"])
    if not REQUEST_ID.fullmatch(needed(request_id.lower(), example)):
        raise UsageError(
            "A request is named by its id, which stands on its card and in the list of requests. "
            f"Write it like “/vmbackup {example}”."
        )
    return request_id.lower(), rest


CANCEL = Subcommand(
    name="cancel",
    usage="cancel REQUEST [REASON]",
    summary="Cancel a request: for whoever asked for it, and for those who may decide it.",
    handle=cancel,
)
CARD = Subcommand(
    name="card",
    usage="card REQUEST",
    summary="Find the card of a request; one that is gone from Slack is posted anew.",
    handle=card,
)
OF_REQUEST = (CANCEL, CARD)
