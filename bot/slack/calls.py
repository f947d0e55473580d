"""One call of Slack's Web API: sent once, never again by itself, its answer a value.

Slack's SDK sends a call again after a broken connection, which can post a message twice. Here
nothing is repeated; the caller decides, and reads from the answer what is known.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.logs import slack_logger
from bot.traces import span

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

TIMEOUT_SECONDS = 5.0
#: After a 429 without Retry-After; Slack's tiers count by the minute (rate limits, 2026-06).
_PAUSE_SECONDS = 30.0
#: Answers with status 200 after which some of the work may have been done (chat.postMessage's
#: list of errors, 2026-06: "It's possible some aspect of the operation succeeded").
_PERHAPS = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
)
_THROTTLED = frozenset({"ratelimited", "rate_limited"})


class CallOutcome(StrEnum):
    """What is known after a call."""

    DONE = "done"  #: Slack says yes
    REFUSED = "refused"  #: Slack says no, in `Answer.error`; nothing was changed
    THROTTLED = "throttled"  #: too many calls; nothing was changed
    NOT_SENT = "not sent"  #: Slack was not reached; nothing was changed
    UNKNOWN = "unknown"  #: no answer, or a broken one: it may have been done


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """The outcome of a call. `why` is for the log and never holds a secret."""

    outcome: CallOutcome
    body: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    retry_after_seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)  #: names in lower case

    @property
    def done(self) -> bool:
        """Whether Slack said yes."""
        return self.outcome is CallOutcome.DONE

    @property
    def error(self) -> str:
        """Slack's word for its no, such as `channel_not_found`; empty otherwise."""
        return self.why if self.outcome is CallOutcome.REFUSED else ""


class Calls:
    """Calls with the token, address and proxy of `client`, without its retries.

    The token is the one that the client has at the call. `token`: another one in its place.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        timeout_seconds: float = TIMEOUT_SECONDS,
        token: str | None = None,
    ) -> None:
        from slack_sdk.web.async_client import AsyncWebClient

        self._source, self._has_own_token = client, token is not None
        self._client = AsyncWebClient(
            token or client.token,
            base_url=client.base_url,
            timeout=timeout_seconds,
            ssl=client.ssl,
            logger=slack_logger(),
            retry_handlers=[],
        )
        self._client.proxy = client.proxy  # also none: the SDK would take the environment's

    async def read(self, method: str, **arguments: str) -> CallAnswer:
        """Call a reading method. Slack's reading methods take forms only, not JSON."""
        return await self._call(method, data=arguments)

    async def write(self, method: str, **arguments: Any) -> CallAnswer:
        """Call a writing method, exactly once."""
        return await self._call(method, json=arguments)

    async def _call(self, method: str, **how: Any) -> CallAnswer:
        from slack_sdk.errors import SlackApiError, SlackClientError

        if not self._has_own_token:
            self._client.token = self._source.token  # which is replaced while the bot runs
        try:
            # A POST in every case: aiohttp sends a GET again by itself.
            with span(f"slack {method}"):
                response = await self._client.api_call(method, **how)
        except SlackApiError as error:
            return _refusal(error.response)
        except aiohttp.ClientConnectorError as error:
            return CallAnswer(CallOutcome.NOT_SENT, why=why_not_connected(error))
        except (
            aiohttp.ClientError,
            SlackClientError,
            TimeoutError,
            OSError,
            json.JSONDecodeError,
        ) as error:
            return CallAnswer(CallOutcome.UNKNOWN, why=type(error).__name__)
        return CallAnswer(CallOutcome.DONE, _body(response), headers=_headers(response))


def why_not_connected(error: aiohttp.ClientConnectorError) -> str:
    """As a clause of a sentence about Slack: aiohttp's own words tell of its classes."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not trusted here"
        case aiohttp.ClientSSLError():
            return "no encrypted connection to it comes about"
        case aiohttp.ClientConnectorDNSError():
            return "its address is not found from here"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))) if number > 0:
            return os.strerror(number)
        case _:
            return "it cannot be reached from here"


def _refusal(response: Any) -> CallAnswer:
    """The answer where Slack did not say yes; an answer that is not JSON has no body."""
    body = _body(response)
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    code = str(body.get("error") or f"status {status}")
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _THROTTLED:
        return CallAnswer(CallOutcome.THROTTLED, body, code, asked_pause_seconds(response.headers))
    perhaps = status != HTTPStatus.OK or code in _PERHAPS or "error" not in body
    return CallAnswer(CallOutcome.UNKNOWN if perhaps else CallOutcome.REFUSED, body, code)


def _headers(response: Any) -> Mapping[str, str]:
    return {str(name).lower(): str(value) for name, value in response.headers.items()}


def _body(response: Any) -> Mapping[str, Any]:
    data = getattr(response, "data", None)
    return data if isinstance(data, dict) else {}


def asked_pause_seconds(headers: Any) -> float:
    """How long Slack wants to be left alone, by its Retry-After; else half a minute."""
    asked = str(headers.get("Retry-After", ""))
    return float(asked) if asked.isascii() and asked.isdecimal() else _PAUSE_SECONDS
