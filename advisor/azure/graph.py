"""Queries of Resource Graph: all pages of each, paced by the quota headers.

The SDK's client is not used: it walks through every value of every row before it hands the rows
out, which for a fleet costs more than all the rest of its reading.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from advisor.azure.connection import AzureConnection
from advisor.azure.sdk_errors import retry_after_seconds, translating
from advisor.errors import AzureRefused, AzureUnreachable
from advisor.inventory.resource_graph import PAGE_ROWS, GraphQuery

#: governance/resource-graph/concepts/guidance-for-throttled-requests, 2024-01-04: 15 queries
#: in a window of 5 seconds; the two headers say what is left and how long the window lasts.
_REMAINING = "x-ms-user-quota-remaining"
_RESETS_AFTER = "x-ms-user-quota-resets-after"
#: More than 10,000 subscriptions (resourcegraph 2022-10-01): the rest was not looked at.
_NOT_ALL_SUBSCRIPTIONS = "x-ms-tenant-subscription-limit-hit"
#: governance/resource-graph REST reference, 2021-03-01: where queries are sent to.
_PATH, _VERSION = "/providers/Microsoft.ResourceGraph/resources", "2021-03-01"
_OK = 200
_LONGEST_PAUSE_SECONDS = 15.0
_LONGEST_WAIT_SECONDS = 30.0
TRIES = 3
_WINDOW_SECONDS = 5.0
_HOURS_MINUTES_SECONDS = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureScope:
    """Where to look: both empty is everything one may read in the tenant."""

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()


class GraphPage(NamedTuple):
    """One page of an answer; `token` leads to the next one, `total` counts all rows."""

    rows: list[Mapping[str, Any]]
    token: str | None
    total: int
    headers: Mapping[str, str]


class ResourceGraph:
    """Resource Graph over one connection, in one scope."""

    def __init__(self, connection: AzureConnection, scope: AzureScope, tries: int = TRIES) -> None:
        """With `tries` 1 nothing waits: the caller keeps the wait elsewhere."""
        self._connection = connection
        self._scope = scope
        self._tries = tries
        self._client = connection.undecoded_client()
        self._window_ends = 0.0  #: by time.monotonic: no query is sent before, a window is spent

    async def ask(self, query: GraphQuery) -> list[Mapping[str, Any]]:
        """All rows of a query, over all its pages.

        Raises AzureRefused (also when throttled at every try, or when Resource Graph cuts the
        answer short and offers no next page, or looked at a part of the subscriptions only)
        and AzureUnreachable.
        """
        rows: list[Mapping[str, Any]] = []
        total = 0
        async for page in self.pages(query):
            rows += page.rows
            total = page.total
        if len(rows) < total:
            raise AzureRefused(
                query.what, f"Resource Graph gave {len(rows)} of {total} rows and no next page."
            )
        return rows

    async def pages(self, query: GraphQuery, token: str | None = None) -> AsyncIterator[GraphPage]:
        """Page by page, from that of `token` on. Raises as `ask`, also after some pages came."""
        page = await self._page(query, token=token)
        yield page
        while page.token:
            await asyncio.sleep(max(0.0, self._window_ends - time.monotonic()))
            page = await self._page(query, token=page.token)
            yield page

    async def first_page(self, query: GraphQuery) -> list[Mapping[str, Any]]:
        """The first page alone, for questions that need no complete answer."""
        return (await self._page(query, token=None)).rows

    async def _page(self, query: GraphQuery, token: str | None) -> GraphPage:
        import stamina

        tries = stamina.retry_context(on=_wait_when_throttled, attempts=self._tries, timeout=None)
        with translating(query.what, query.permission):
            async for attempt in tries:
                with attempt:
                    return await self._asked(query, token)
        raise AssertionError("a retry context either returns or raises")

    async def _asked(self, query: GraphQuery, token: str | None) -> GraphPage:
        from azure.core.exceptions import HttpResponseError
        from azure.core.rest import HttpRequest

        request = HttpRequest(
            "POST",
            f"{self._connection.base_url}{_PATH}",
            params={"api-version": _VERSION},
            json=self._body(query, token),
        )
        async with self._connection.deadline() as timeouts:
            response = await self._client.send_request(request, **timeouts)
        if response.status_code != _OK:  # a redirect is no answer either
            raise HttpResponseError(response=response)
        page = _parsed(response.content, response.headers, query)
        if page.headers.get(_REMAINING, "").strip() == "0":
            pause = min(_window_seconds(page.headers), _LONGEST_PAUSE_SECONDS)
            self._window_ends = max(self._window_ends, time.monotonic() + pause)
        return page

    def _body(self, query: GraphQuery, token: str | None) -> dict[str, Any]:
        options: dict[str, Any] = {"$top": PAGE_ROWS, "resultFormat": "objectArray"}
        if token is not None:
            options["$skipToken"] = token
        body: dict[str, Any] = {"query": query.text, "options": options}
        if self._scope.subscriptions:
            body["subscriptions"] = list(self._scope.subscriptions)
        if self._scope.management_groups:
            body["managementGroups"] = list(self._scope.management_groups)
        return body


def _parsed(content: bytes, headers: Mapping[str, str], query: GraphQuery) -> GraphPage:
    """A page whose rows are objects; anything else is an answer that broke off."""
    if headers.get(_NOT_ALL_SUBSCRIPTIONS, "").lower() == "true":
        raise AzureRefused(
            query.what,
            "you may read more than 10,000 subscriptions, and Resource Graph looks at no more at "
            "a time. Name yours with --subscription or --management-group.",
        )
    import orjson  # three times as quick as json: loaded where it pays

    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise AzureUnreachable(query.what, "its answer broke off.") from error
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AzureUnreachable(query.what, "Resource Graph's answer holds no rows.")
    said, token = body.get("totalRecords"), body.get("$skipToken") or None
    total = said if isinstance(said, int) else len(rows)
    # resultTruncated is a text. With a token it only says that there are more pages.
    if str(body.get("resultTruncated")).lower() == "true" and not token:
        total = max(total, len(rows) + 1)
    return GraphPage(rows, token, total, headers)


def _wait_when_throttled(error: Exception) -> bool | float:
    """For a 429 the seconds until the next try, as Azure names them; False for all else."""
    if getattr(error, "status_code", None) != 429:
        return False
    headers = getattr(getattr(error, "response", None), "headers", {})
    named = retry_after_seconds(error)
    return min(_window_seconds(headers) if named is None else named, _LONGEST_WAIT_SECONDS)


def _window_seconds(headers: Mapping[str, str]) -> float:
    """What is left of the quota's window; the whole window where it is not said."""
    parts = _HOURS_MINUTES_SECONDS.match(headers.get(_RESETS_AFTER, ""))
    if parts is None:
        return _WINDOW_SECONDS
    hours, minutes, seconds = (int(part) for part in parts.groups())
    return float(hours * 3600 + minutes * 60 + seconds)
