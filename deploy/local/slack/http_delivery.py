"""Signed deliveries over HTTP, to a bot on this machine."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from deploy.local.slack.clock import Clock
from deploy.local.slack.courier import ACK_SECONDS, Delivery, Outcome

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class HttpDelivery:
    """The transport. `request_url`, where given, takes everything instead of the manifest's."""

    def __init__(self, clock: Clock, signing_secret: str, request_url: str = "") -> None:
        self.request_url = request_url
        self._clock, self._secret = clock, signing_secret.encode()
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Within three seconds, or it is a timeout; redirects are not followed."""
        url = self.request_url or delivery.url
        if urlsplit(url).hostname not in LOOPBACK_NAMES:
            return Outcome("connection_failed")
        work = asyncio.ensure_future(self._post(url, delivery))
        if await self._clock.within(ACK_SECONDS, work):
            return work.result()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return Outcome("http_timeout")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, delivery: Delivery) -> Outcome:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        raw, content_type = body_of(delivery)
        headers = signed_headers(self._secret, raw, str(int(time.time()))) | {
            "Content-Type": content_type,
            "User-Agent": _USER_AGENT,
            **_retry_headers(delivery),
        }
        try:
            async with self._session.post(
                url, data=raw, headers=headers, allow_redirects=False
            ) as response:
                return _read(response.status, response.headers, await response.text())
        except (aiohttp.ClientError, OSError, UnicodeDecodeError):
            return Outcome("connection_failed")


def body_of(delivery: Delivery) -> tuple[bytes, str]:
    """The bytes and their content type, as Slack sends each kind."""
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), "application/json"
    form = delivery.payload
    if delivery.kind == "interactive":
        form = {"payload": json.dumps(delivery.payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def signed_headers(secret: bytes, raw: bytes, timestamp: str) -> dict[str, str]:
    """Slack's signature, version 0. The time is the machine's own, which the bot compares with."""
    base = b"v0:" + timestamp.encode() + b":" + raw
    signature = "v0=" + hmac.new(secret, base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


def _retry_headers(delivery: Delivery) -> dict[str, str]:
    if not delivery.attempt:
        return {}
    return {
        "X-Slack-Retry-Num": str(delivery.attempt),
        "X-Slack-Retry-Reason": delivery.reason,
    }


def _read(status: int, headers: Mapping[str, str], text: str) -> Outcome:
    if 300 <= status < 400:
        return Outcome("too_many_redirects")
    if not 200 <= status < 300:
        return Outcome("http_error", may_retry=headers.get("X-Slack-No-Retry") != "1")
    return Outcome(answer=_answer(text))


def _answer(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
