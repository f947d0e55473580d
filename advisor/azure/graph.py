"""Queries of Resource Graph: all pages of each, paced by the quota headers."""

from __future__ import annotations

import asyncio
import re
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
        from azure.mgmt.resourcegraph.aio import ResourceGraphClient

        self._connection = connection
        self._scope = scope
        self._tries = tries
        self._client = ResourceGraphClient(**connection.client_arguments())

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
            await _pause_if_spent(page.headers)
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
        from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

        request = QueryRequest(
            query=query.text,
            options=QueryRequestOptions(
                top=PAGE_ROWS, skip_token=token, result_format="objectArray"
            ),
            subscriptions=list(self._scope.subscriptions) or None,
            management_groups=list(self._scope.management_groups) or None,
        )
        async with self._connection.deadline() as timeouts:
            body, headers = await self._client.resources(
                query=request, cls=_with_headers, **timeouts
            )
        return _parsed(body, headers, query)


def _with_headers(response: Any, body: Any, _: Any) -> tuple[Any, Mapping[str, str]]:
    return body, response.http_response.headers


def _parsed(body: Any, headers: Mapping[str, str], query: GraphQuery) -> GraphPage:
    """A page whose rows are objects; anything else is an answer that broke off."""
    if headers.get(_NOT_ALL_SUBSCRIPTIONS, "").lower() == "true":
        raise AzureRefused(
            query.what,
            "you may read more than 10,000 subscriptions, and Resource Graph looks at no more at "
            "a time. Name yours with --subscription or --management-group.",
        )
    rows = body.data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AzureUnreachable(query.what, "Resource Graph's answer holds no rows.")
    total = body.total_records if isinstance(body.total_records, int) else len(rows)
    # resultTruncated is a text. With a token it only says that there are more pages.
    if str(body.result_truncated).lower() == "true" and not body.skip_token:
        total = max(total, len(rows) + 1)
    return GraphPage(rows, body.skip_token, total, headers)


async def _pause_if_spent(headers: Mapping[str, str]) -> None:
    """Waits for the next window when this one holds no further query."""
    if headers.get(_REMAINING, "").strip() == "0":
        await asyncio.sleep(min(_window_seconds(headers), _LONGEST_PAUSE_SECONDS))


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
