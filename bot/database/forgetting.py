"""Forgets people: what was written of them outside of the audit, once a request is over for long.

The audit keeps who asked and decided, by Slack's id, and the reason as it was typed: its rows are
hashed in a chain, and it is there to answer for what was changed. It has no names of people.
Everything else that names a person, or that a person typed, goes. docs/people.md is the page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, LiteralString, NamedTuple

from bot.database.pool import Database

#: Of each kind in one transaction, so that nothing waits long for it.
AT_ONCE = 500
#: What stands in the place of a message's text: the row stays, so that it is not said again.
_NO_TEXT = '{"text": ""}'

# Over: ended long ago, nothing that it made is left, no later request is about it, and nobody owes
# it a review.
_OVER: LiteralString = """
    requests.finished_at < vmbackup_now() - %(kept)s
    AND (requests.look_by IS NULL OR requests.looked_by <> '')
    AND NOT EXISTS (SELECT FROM points
                    WHERE points.request_id = requests.id AND points.deleted_at IS NULL)
    AND NOT EXISTS (SELECT FROM requests AS later
                    WHERE later.of_request = requests.id
                      AND (later.finished_at IS NULL
                           OR later.finished_at >= vmbackup_now() - %(kept)s))
"""
_REQUESTS: LiteralString = (
    """
    UPDATE requests SET requester_name = '', requester_channel = '', why = '',
        wish = jsonb_set(wish, '{reason}', '""'),
        plan = CASE WHEN plan ? 'vm_tags' THEN jsonb_set(plan, '{vm_tags}', '{}') ELSE plan END
    WHERE id IN (
        SELECT id FROM requests
        WHERE (requester_name <> '' OR requester_channel <> '' OR why <> ''
               OR coalesce(wish ->> 'reason', '') <> ''
               OR coalesce(plan -> 'vm_tags', '{}') <> '{}')
          AND """  # noqa: S608 - of constants
    + _OVER
    + " LIMIT %(most)s FOR UPDATE SKIP LOCKED)"
)
_APPROVALS: LiteralString = (
    """
    UPDATE approvals SET user_name = '' WHERE (request_id, revision, user_id) IN (
        SELECT approvals.request_id, approvals.revision, approvals.user_id
        FROM approvals JOIN requests ON requests.id = approvals.request_id
        WHERE approvals.user_name <> '' AND """  # noqa: S608 - of constants
    + _OVER
    + " LIMIT %(most)s FOR UPDATE OF approvals SKIP LOCKED)"
)
_MESSAGES: LiteralString = (
    """
    UPDATE messages SET message = %(no_text)s, why = '' WHERE id IN (
        SELECT messages.id FROM messages LEFT JOIN requests ON requests.id = messages.request_id
        WHERE messages.kind <> 'card' AND messages.message <> %(no_text)s
          AND coalesce(messages.sent_at, messages.given_up_at) < vmbackup_now() - %(kept)s
          AND (messages.request_id IS NULL OR """  # noqa: S608 - of constants
    + _OVER
    + ") LIMIT %(most)s FOR UPDATE OF messages SKIP LOCKED)"
)
_CLICKS: LiteralString = """
    DELETE FROM clicks WHERE id IN (
        SELECT id FROM clicks
        WHERE answered_at IS NOT NULL AND pressed_at < vmbackup_now() - %(kept)s
        LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""
_ESTIMATES: LiteralString = """
    UPDATE advice_given SET asked_by_user = '', channel = '' WHERE id IN (
        SELECT id FROM advice_given
        WHERE (asked_by_user <> '' OR channel <> '') AND given_at < vmbackup_now() - %(kept)s
        LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""
_ADVICES: LiteralString = """
    DELETE FROM advices WHERE id IN (
        SELECT id FROM advices WHERE given_at < vmbackup_now() - %(advice_kept)s
        LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""


class Forgotten(NamedTuple):
    """How many rows of each kind were emptied or deleted."""

    requests: int
    approvals: int
    messages: int
    clicks: int
    estimates: int
    advices: int


async def forget_people(
    database: Database, *, kept: timedelta, advice_kept: timedelta, most: int = AT_ONCE
) -> Forgotten:
    """Forget at most `most` of each kind. Raises DatabaseUnreachable."""
    values: dict[str, Any] = {
        "kept": kept,
        "advice_kept": advice_kept,
        "most": most,
        "no_text": _NO_TEXT,
    }
    statements = (_REQUESTS, _APPROVALS, _MESSAGES, _CLICKS, _ESTIMATES, _ADVICES)
    return Forgotten(*[await _changed(database, each, values) for each in statements])


async def _changed(database: Database, statement: LiteralString, values: dict[str, Any]) -> int:
    """One transaction each: a reader waits for none of the others."""
    async with database.connection() as connection:
        return (await connection.execute(statement, values)).rowcount
