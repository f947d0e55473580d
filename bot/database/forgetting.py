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
        plan = jsonb_set(jsonb_set(plan, '{vm_tags}', '{}', false),
                         '{vm_tags_gone}', '[]', false)
    WHERE id IN (
        SELECT id FROM requests
        WHERE (requester_name <> '' OR requester_channel <> '' OR why <> ''
               OR coalesce(wish ->> 'reason', '') <> ''
               OR coalesce(plan -> 'vm_tags', '{}') <> '{}'
               OR coalesce(plan -> 'vm_tags_gone', '[]') <> '[]')
          AND """  # noqa: S608 - of constants
    + _OVER
    + " LIMIT %(most)s FOR UPDATE SKIP LOCKED)"
)
# What was sent to Azure had the reason as a tag, and it is sent no more.
_STEPS: LiteralString = (
    """
    UPDATE steps SET body = body #- '{send,tags,vmbackup-reason}'
    WHERE (request_id, number) IN (
        SELECT steps.request_id, steps.number
        FROM steps JOIN requests ON requests.id = steps.request_id
        WHERE steps.body #> '{send,tags,vmbackup-reason}' IS NOT NULL AND """  # noqa: S608 - of constants
    + _OVER
    + " LIMIT %(most)s FOR UPDATE OF steps SKIP LOCKED)"
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

# The row stays: whoever reads the tags of this VM at the same time locks it.
_TAGS: LiteralString = """
    UPDATE vm_tags_seen SET tags = '[]' WHERE vm_key IN (
        SELECT vm_key FROM vm_tags_seen
        WHERE tags <> '[]' AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(tags) AS one
            WHERE (one ->> 'seen_at')::timestamptz >= vmbackup_now() - %(tags_kept)s)
        LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""


class Forgotten(NamedTuple):
    """How many rows of each kind were emptied or deleted."""

    requests: int
    steps: int
    approvals: int
    messages: int
    clicks: int
    estimates: int
    advices: int
    tags: int


async def forget_people(
    database: Database,
    *,
    kept: timedelta,
    advice_kept: timedelta,
    tags_count_for: timedelta,
    most: int = AT_ONCE,
) -> Forgotten:
    """Forget at most `most` of each kind. Raises DatabaseUnreachable.

    `tags_count_for`: so long the rules count a tag that a VM was seen with, whatever `kept` is.
    """
    values: dict[str, Any] = {
        "kept": kept,
        "advice_kept": advice_kept,
        "tags_kept": max(kept, tags_count_for),
        "most": most,
        "no_text": _NO_TEXT,
    }
    statements = (
        *(_REQUESTS, _STEPS, _APPROVALS, _MESSAGES, _CLICKS),
        *(_ESTIMATES, _ADVICES, _TAGS),
    )
    return Forgotten(*[await _changed(database, each, values) for each in statements])


async def _changed(database: Database, statement: LiteralString, values: dict[str, Any]) -> int:
    """One transaction each: a reader waits for none of the others."""
    async with database.connection() as connection:
        return (await connection.execute(statement, values)).rowcount
