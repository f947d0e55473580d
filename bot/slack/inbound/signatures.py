"""A request over HTTP must be signed, fresh, new and readable before Bolt sees it.

Bolt parses a body before it verifies it, answers 500 to a bad timestamp, and loses a slash
command whose text contains the word "payload" (all tried on slack-bolt 1.30.0). So the guard
verifies the raw bytes and hands Bolt a body in which nothing trips it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from bot.slack.inbound.duplicates import Clock, RecentDeliveries
from bot.slack.inbound.shapes import has_slacks_shape

#: Slack's own advice on verifying requests (docs.slack.dev, 2026-06): five minutes either way.
WINDOW_SECONDS = 300
#: A timestamp may lie five minutes ahead, so a body stays acceptable for twice the window.
REPLAYS_KEPT_SECONDS = 2 * WINDOW_SECONDS
REPLAYS_KEPT = 50_000
BODY_LIMIT_BYTES = 1024 * 1024
_SSL_CHECK_BYTES = 4096  #: it is short; a long form without a signature is not parsed

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request for Bolt. `key` identifies this delivery."""

    body: str
    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that Bolt never sees. `why` is for the log and holds nothing of the body."""

    status: int
    why: str


class SignatureGuard:
    """Judges raw requests. `now` is the time of day in seconds, `clock` never goes back.

    `also`: the other secret while one is replaced by the other; either is taken.
    """

    #: A secret that was replaced is taken for as long as Slack sends again what it signed with it:
    #: the third try comes after five minutes (docs.slack.dev, Events API, 2026-06).
    REPLACED_TAKEN_SECONDS = 2 * WINDOW_SECONDS

    def __init__(
        self, signing_secret: str, *, also: str = "", now: Callable[[], float], clock: Clock
    ) -> None:
        self._secrets = _encoded(signing_secret, also)
        self._replaced: dict[bytes, float] = {}  #: until when each is taken
        self._now, self._clock = now, clock
        self._replays = RecentDeliveries(
            keep_seconds=REPLAYS_KEPT_SECONDS, most=REPLAYS_KEPT, clock=clock
        )

    def judge(self, headers: Mapping[str, str], raw: bytes) -> Admitted | Answered:
        """`headers` are looked up in lower case. Nothing here raises on any bytes."""
        if _is_ssl_check(raw):
            return Answered(200, "Slack's certificate check")
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not self._is_fresh(timestamp):
            return Answered(401, "the timestamp is missing, unreadable or older than five minutes")
        if not self._is_signed(timestamp, signature, raw):
            return Answered(401, "the signature is missing or wrong")
        body = _readable(raw, headers.get("content-type", ""))
        if body is None:
            return Answered(400, "the body is signed but is no form or JSON of Slack's shape")
        if not self._replays.first_time((timestamp, signature)):
            return Answered(200, "the same request came before")
        return Admitted(body, (timestamp, signature))

    def replace(self, signing_secret: str, also: str = "") -> None:
        """From now on take these, and for some minutes those that were taken until now."""
        until = self._clock() + self.REPLACED_TAKEN_SECONDS
        before, self._secrets = self._secrets, _encoded(signing_secret, also)
        self._replaced |= dict.fromkeys(before, until)

    def forget(self, admitted: Admitted) -> None:
        """Let the same delivery come again, because it could not be served."""
        self._replays.forget(admitted.key)

    def _is_fresh(self, timestamp: str) -> bool:
        if not _TIMESTAMP.fullmatch(timestamp):
            return False
        return abs(self._now() - int(timestamp)) <= WINDOW_SECONDS

    def _is_signed(self, timestamp: str, signature: str, raw: bytes) -> bool:
        if not _SIGNATURE.fullmatch(signature):
            return False
        wanted = [sign(each, timestamp, raw) for each in self._taken()]
        matches = [hmac.compare_digest(each, signature) for each in wanted]
        return any(matches)

    def _taken(self) -> tuple[bytes, ...]:
        now = self._clock()
        self._replaced = {each: until for each, until in self._replaced.items() if until > now}
        return (*self._secrets, *self._replaced)


def _encoded(*secrets: str) -> tuple[bytes, ...]:
    return tuple(each.encode() for each in secrets if each)


def sign(secret: bytes, timestamp: str, raw: bytes) -> str:
    """Slack's signature, version 0, of a raw body."""
    base = b"v0:" + timestamp.encode() + b":" + raw
    return "v0=" + hmac.new(secret, base, hashlib.sha256).hexdigest()


def without_the_payload_trap(form: str) -> str:
    """The same form for every parser, but without the word that Bolt takes for an interaction.

    Bolt asks `"payload" in body`; a form that has no field of that name has it spelled with a
    percent-encoded first letter, which decodes to the same.
    """
    return form.replace("payload", "%70ayload")


def _is_ssl_check(raw: bytes) -> bool:
    """A form with `ssl_check=1`, which Slack sends unsigned. It is answered, never acted on."""
    if b"ssl_check=1" not in raw or len(raw) > _SSL_CHECK_BYTES:
        return False
    return ("ssl_check", "1") in parse_qsl(raw.decode("utf-8", "replace"))


def _readable(raw: bytes, content_type: str) -> str | None:
    """The body as Bolt can read it, or None."""
    try:
        body = raw.decode()
    except UnicodeDecodeError:
        return None
    if content_type.split(";")[0].strip() == "application/json" or body.startswith("{"):
        return body if _is_payload(body) else None
    fields = dict(parse_qsl(body, keep_blank_values=True))
    if "payload" in fields:
        return body if _is_payload(fields["payload"]) else None
    return without_the_payload_trap(body) if has_slacks_shape(fields) else None


def _is_payload(text: str) -> bool:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(payload, dict) and has_slacks_shape(payload)
