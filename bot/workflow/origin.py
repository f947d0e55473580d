"""Whose points a request is about: an extension makes none, it keeps those of another longer."""

from __future__ import annotations

from bot.database.store import Store
from bot.requests.action import Effect
from bot.requests.model import Request


async def origin_of(store: Store, request_id: str) -> Request | None:
    """The request that made the points; for the id of an extension, the one that it extends."""
    request = await store.get(request_id) if request_id else None
    if request is None or request.row.facts.effect is not Effect.EXTENDS:
        return request
    source_id = request.plan.of_request if request.plan else request.wish.of_request
    return await store.get(source_id) if source_id else None
