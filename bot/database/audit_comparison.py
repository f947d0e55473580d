"""Compares requests and approvals with the audit, so that a forged row is found.

The chain holds what the bot decided. A row that somebody wrote into `requests` or `approvals` by
hand would be acted on, and the chain would still be whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from bot.database.pool import Connection
from bot.requests.changes import AuditEntry
from bot.requests.states import State

#: The key of an audit row's details under which the request's state and revision stand; the
#: statements below have it, too.
STANDING = "request"
MOST_DIFFERENCES = 20

_REQUESTS: LiteralString = """
    SELECT requests.id,
           CASE WHEN asked.who IS NULL THEN 'it was never asked for'
                WHEN asked.who <> requests.requester_user
                THEN 'its requester is ' || requests.requester_user || ', and ' || asked.who
                     || ' asked for it'
                ELSE 'it is ' || requests.state || ' in revision ' || requests.revision
                     || ', and its last change left it ' || (last.standing ->> 'state')
                     || ' in revision ' || (last.standing ->> 'revision')
           END
    FROM requests
    LEFT JOIN LATERAL (
        SELECT who FROM audit WHERE request_id = requests.id AND kind = 'asked'
        ORDER BY seq LIMIT 1) AS asked ON true
    LEFT JOIN LATERAL (
        SELECT detail -> 'request' AS standing FROM audit
        WHERE request_id = requests.id AND detail ? 'request'
        ORDER BY seq DESC LIMIT 1) AS last ON true
    WHERE asked.who IS DISTINCT FROM requests.requester_user
       OR (last.standing ->> 'state') <> requests.state
       OR (last.standing ->> 'revision') <> requests.revision::text
    ORDER BY requests.asked_at, requests.id LIMIT %s
"""
_GONE: LiteralString = """
    SELECT DISTINCT request_id, 'it was asked for, and its row is gone' FROM audit
    WHERE kind = 'asked' AND NOT EXISTS (SELECT FROM requests WHERE id = audit.request_id)
    ORDER BY request_id LIMIT %s
"""
_APPROVALS: LiteralString = """
    SELECT request_id, 'the approval by ' || user_id || ' of revision ' || revision
                       || ' was never given'
    FROM approvals
    WHERE NOT EXISTS (
        SELECT FROM audit
        WHERE audit.request_id = approvals.request_id AND kind = 'approved'
          AND who = approvals.user_id AND detail ->> 'plan' = approvals.plan_hash
          AND detail ->> 'revision' = approvals.revision::text)
    ORDER BY at, request_id LIMIT %s
"""
_APPROVALS_GONE: LiteralString = """
    SELECT request_id, 'the approval by ' || who || ' of revision ' || (detail ->> 'revision')
                       || ' was given, and its row is gone'
    FROM audit
    WHERE kind = 'approved' AND detail ->> 'plan' <> '' AND NOT EXISTS (
        SELECT FROM approvals
        WHERE approvals.request_id = audit.request_id AND user_id = audit.who
          AND plan_hash = audit.detail ->> 'plan'
          AND revision::text = audit.detail ->> 'revision')
    ORDER BY seq LIMIT %s
"""
_UNKNOWN: LiteralString = """
    SELECT count(*) FROM requests WHERE NOT EXISTS (
        SELECT FROM audit WHERE request_id = requests.id AND detail ? 'request')
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a request's rows differ from the audit, as a clause."""

    request_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Compared:
    """At most `MOST_DIFFERENCES` of each kind; `unknown` requests have rows of an older version,
    which did not note the state."""

    differences: tuple[Difference, ...]
    unknown: int


NOT_COMPARED = Compared((), 0)


def with_standing(entry: AuditEntry, state: State, revision: int) -> AuditEntry:
    """The entry with the state and the revision in which its change leaves the request."""
    standing = {"state": state.value, "revision": revision}
    return AuditEntry(kind=entry.kind, who=entry.who, detail={**entry.detail, STANDING: standing})


async def compare(connection: Connection) -> Compared:
    """Compare all requests and approvals with the audit, in the caller's transaction."""
    differences: list[Difference] = []
    for query in (_REQUESTS, _GONE, _APPROVALS, _APPROVALS_GONE):
        rows = await (await connection.execute(query, (MOST_DIFFERENCES,))).fetchall()
        differences += [Difference(str(request_id), str(what)) for request_id, what in rows]
    found = await (await connection.execute(_UNKNOWN)).fetchone()
    return Compared(tuple(differences), int(found[0]) if found else 0)
