"""What the rows were and who wrote them: triggers that only the chaos installs, and their rows.

Each process of the bot names itself in its connections (`application_name`), so that a row that is
written says who wrote it, whatever the statement compares. The schema is apart from the product's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import psycopg

from tests.chaos.evidence import Begun, Move, Noted, Sending
from tests.chaos.watcher import rows

Found = Mapping[str, Any]

_INSTALL = (
    "CREATE SCHEMA chaos",
    "CREATE TABLE chaos.takers (token text PRIMARY KEY, who text NOT NULL)",
    """
    CREATE TABLE chaos.history (
        seq bigserial PRIMARY KEY, at timestamptz NOT NULL, of text NOT NULL, who text NOT NULL,
        holder text NOT NULL, before jsonb, after jsonb NOT NULL)
    """,
    # A lease is taken by the one who writes its token first. The holder of a request is the one
    # who took the lease that its row had before this statement.
    """
    CREATE FUNCTION chaos.note_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE mine text := current_setting('application_name');
    BEGIN
        IF NEW.lease_token IS NOT NULL AND NEW.lease_token IS DISTINCT FROM OLD.lease_token THEN
            INSERT INTO chaos.takers VALUES (NEW.lease_token, mine) ON CONFLICT DO NOTHING;
        END IF;
        INSERT INTO chaos.history (at, of, who, holder, before, after) VALUES (
            clock_timestamp(), 'request', mine,
            coalesce((SELECT who FROM chaos.takers WHERE token = OLD.lease_token), ''),
            to_jsonb(OLD) - 'plan' - 'wish', to_jsonb(NEW) - 'plan' - 'wish');
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION chaos.note_step() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO chaos.history (at, of, who, holder, before, after) VALUES (
            clock_timestamp(), 'step', current_setting('application_name'),
            coalesce((SELECT t.who FROM public.requests AS r
                      JOIN chaos.takers AS t ON t.token = r.lease_token
                      WHERE r.id = NEW.request_id), ''),
            CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) - 'body' END, to_jsonb(NEW) - 'body');
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION chaos.note_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO chaos.history (at, of, who, holder, before, after) VALUES (
            clock_timestamp(), 'message', current_setting('application_name'), '',
            to_jsonb(OLD) - 'message', to_jsonb(NEW) - 'message');
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER chaos_request AFTER UPDATE ON requests
        FOR EACH ROW EXECUTE FUNCTION chaos.note_request()
    """,
    """
    CREATE TRIGGER chaos_step AFTER INSERT OR UPDATE ON steps
        FOR EACH ROW EXECUTE FUNCTION chaos.note_step()
    """,
    """
    CREATE TRIGGER chaos_message AFTER UPDATE ON messages
        FOR EACH ROW EXECUTE FUNCTION chaos.note_message()
    """,
)
_READ = "SELECT at, of, who, holder, before, after FROM chaos.history ORDER BY seq"
#: What a message has that changes whenever its sending ended, one way or another.
_ENDS_A_SENDING = ("ts", "attempts", "sent_at", "given_up_at", "shown_version", "kind")


async def install(connection: psycopg.AsyncConnection[Found]) -> None:
    """Before the first request and after the product's migrations."""
    for statement in _INSTALL:
        await connection.execute(statement.encode())


async def history(connection: psycopg.AsyncConnection[Found]) -> list[Found]:
    """Everything that was written, in order."""
    return list(await rows(connection, _READ))


def moves_of(found: Iterable[Found]) -> Iterator[Move]:
    """What was written that only the holder of a lease may write; clicks need none."""
    for each in found:
        what = _what(each) if each["of"] == "request" else _of_step(each)
        if what:
            row = each["after"]
            request_id = row["id"] if each["of"] == "request" else row["request_id"]
            yield Move(each["at"], request_id, each["who"], each["holder"], what)


def _of_step(each: Found) -> str:
    return f"step {each['after']['number']} noted" if each["of"] == "step" else ""


#: A click moves a request out of these, and into these, without a lease.
_CLICKED_FROM, _CLICKED_TO = frozenset({"waiting", "half done"}), frozenset({"cancelled"})


def _what(each: Found) -> str:
    before, after = each["before"], each["after"]
    if before["state"] != after["state"]:
        move = f"moved from {before['state']} to {after['state']}"
        return "" if _is_clicked(before, after) else move
    if before["state"] == "waiting" and before["revision"] != after["revision"]:
        return ""
    if before["lease_token"] is None:
        return "made to wait" if before["not_before"] != after["not_before"] else ""
    return _what_of_lease(each, before, after)


def _is_clicked(before: Found, after: Found) -> bool:
    """A request that is gone on with and taken back before it begins is half done again."""
    if before["state"] in _CLICKED_FROM or after["state"] in _CLICKED_TO:
        return True
    why = after["why"] or ""
    is_taken_back = why == "Whoever asked took it back." or why.endswith(" stopped it.")
    return (before["state"], after["state"]) == ("approved", "half done") and is_taken_back


def _what_of_lease(each: Found, before: Found, after: Found) -> str:
    if after["lease_token"] is None:
        return "released"
    if before["lease_token"] != after["lease_token"]:
        return "taken from its holder" if _lives(each, before) else ""
    if before["lease_until"] != after["lease_until"]:
        return "renewed"
    return "made to wait" if before["not_before"] != after["not_before"] else ""


def _lives(each: Found, before: Found) -> bool:
    return datetime.fromisoformat(before["lease_until"]) > each["at"]


def steps_of(found: Iterable[Found]) -> Iterator[Begun | Noted]:
    """Steps that began anew, and each note that one is about to be sent."""
    for each in found:
        if each["of"] != "step":
            continue
        before, after = each["before"], each["after"]
        target, verb = after["target_id"].lower(), after["verb"]
        if before is None:
            yield Begun(each["at"], target, verb)
        elif after["state"] == "sent" and after["attempts"] > before["attempts"]:
            yield Noted(each["at"], target, verb)


def sendings_of(found: Iterable[Found]) -> Iterator[Sending]:
    """Each note that a message is about to be sent, and each time it is to be posted anew."""
    for each in found:
        if each["of"] != "message":
            continue
        before, after = each["before"], each["after"]
        begins = before["not_before"] != after["not_before"] and all(
            before[name] == after[name] for name in _ENDS_A_SENDING
        )
        is_anew = bool(before["ts"]) and not after["ts"]
        is_anew = is_anew or before["channel_id"] != after["channel_id"]
        if begins or is_anew:
            where = frozenset({after["channel_id"], after["user_id"]}) - {""}
            request_id = after["request_id"] or ""
            yield Sending(
                each["at"], after["id"], each["who"], where, request_id, is_anew=not begins
            )
