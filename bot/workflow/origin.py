"""The request that made the points: an extension makes none, it extends those of another."""

from __future__ import annotations

from bot.database.store import Store
from bot.requests.action import Effect
from bot.requests.request import Request


async def origin_of(store: Store, request_id: str) -> Request | None:
    """The request of this id; for an extension, the request that it extends. None: unknown id."""
    request = await store.get(request_id) if request_id else None
    if request is None or request.row.facts.effect is not Effect.EXTENDS:
        return request
    source_id = request.plan.of_request if request.plan else request.wish.of_request
    return await store.get(source_id) if source_id else None
