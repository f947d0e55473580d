"""Writes steps and their points only under the lease, so that a worker that slept overwrites
nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import dict_row

from bot.database import audit
from bot.database.changes import holds, lock_request
from bot.database.pool import Connection
from bot.database.rows import (
    STEP_COLUMNS,
    point_of,
    point_values,
    step_of,
    step_values,
    storable,
)
from bot.database.wakes import StorePart
from bot.requests.changes import AuditEntry
from bot.requests.model import Point, Step

_STEPS = "SELECT * FROM steps WHERE request_id = %s ORDER BY number"
_STEP = "SELECT * FROM steps WHERE request_id = %s AND number = %s"
_COUNT_VERSION = "UPDATE requests SET version = version + 1 WHERE id = %s"
_MARK_DELETED = """
    WITH deleted AS (
        UPDATE points SET deleted_at = vmbackup_now()
        WHERE arm_key = ANY(%(keys)s) AND deleted_at IS NULL
        RETURNING request_id)
    UPDATE requests SET version = version + 1, reminded_at = NULL, expires_at = coalesce(
        (SELECT min(points.expires_at) FROM points
         WHERE points.request_id = requests.id AND deleted_at IS NULL
           AND arm_key <> ALL(%(keys)s)),
        expires_at)
    WHERE id <> %(id)s AND id IN (SELECT request_id FROM deleted)
"""
#: A point that exists keeps these columns; a resource made again under its name is new.
_IS_NEW = "points.deleted_at IS NOT NULL OR points.unique_id <> EXCLUDED.unique_id"
_LOOKED = ("delete_after", "in_azure", "looked_at", "not_read")
_KEPT = ("expires_at", "made_at", "plan_hash", "approver_ids", "size_gib", *_LOOKED)
_REFRESHED = ("unique_id", "time_created", "deleted_at")
_POINTS: LiteralString = """
    SELECT * FROM points
    WHERE (%(request)s::text IS NULL OR request_id = %(request)s)
      AND (%(vm)s::text IS NULL OR lower(vm_id) = %(vm)s)
      AND (NOT %(alive)s OR deleted_at IS NULL)
      AND (%(name)s::text IS NULL OR arm_key = %(name)s
           OR regexp_replace(arm_key, '^.*/', '') = %(name)s)
    ORDER BY made_at DESC, arm_key
"""


class Steps(StorePart):
    """The part of the store that holds steps and points. Raises DatabaseUnreachable."""

    async def steps(self, request_id: str) -> tuple[Step, ...]:
        """The steps of a request, in the order of their numbers."""
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_STEPS, (request_id,))
            return tuple(step_of(row) for row in await cursor.fetchall())

    async def note_step(
        self,
        request_id: str,
        token: str,
        step: Step,
        point: Point | None = None,
        deleted_ids: Sequence[str] = (),
    ) -> bool:
        """Write a step's state, the point it made, and the ARM ids that are deleted now.

        False: the lease is not held any more, and nothing was written. The same call again
        changes nothing.
        """
        async with self._database.connection() as connection:
            row = await lock_request(connection, request_id)
            if row is None or not holds(row, token):
                return False
            before = await _step(connection, request_id, step.number)
            await _update(connection, request_id, step)
            if point is not None:
                await _keep(connection, point)
            await self._mark_deleted(connection, request_id, deleted_ids)
            if _shown(before) != _shown(step):
                await connection.execute(_COUNT_VERSION, (request_id,))
            if before.state is not step.state:
                await audit.append(connection, [(request_id, _entry(step))])
        return True

    async def mark_deleted(self, request_id: str, token: str, arm_ids: Sequence[str]) -> bool:
        """Note that Azure shows these no more; False: the lease is not held any more."""
        async with self._database.connection() as connection:
            row = await lock_request(connection, request_id)
            if row is None or not holds(row, token):
                return False
            await self._mark_deleted(connection, request_id, arm_ids)
        return True

    async def points(
        self, *, request_id: str | None = None, vm_key: str | None = None, alive: bool = True
    ) -> tuple[Point, ...]:
        """The points of one request, of one VM, or all, the newest first; `alive`: not deleted."""
        return await self._points(request=request_id, vm=vm_key, alive=alive)

    async def points_named(self, text: str) -> tuple[Point, ...]:
        """The points with this name or ARM id that are not deleted; VMs may share a name."""
        return await self._points(name=str(storable(text)).strip().lower(), alive=True)

    async def _points(self, **values: Any) -> tuple[Point, ...]:
        filters = {"request": None, "vm": None, "name": None} | values
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_POINTS, filters)
            return tuple(point_of(row) for row in await cursor.fetchall())

    async def _mark_deleted(
        self, connection: Connection, request_id: str, arm_ids: Sequence[str]
    ) -> None:
        if arm_ids:
            keys = [arm_id.lower() for arm_id in arm_ids]
            await connection.execute(_MARK_DELETED, {"keys": keys, "id": request_id})


async def _step(connection: Connection, request_id: str, number: int) -> Step:
    async with connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(_STEP, (request_id, number))).fetchone()
    if row is None:
        raise ValueError(f"{request_id} has no step {number}.")
    return step_of(row)


async def _update(connection: Connection, request_id: str, step: Step) -> None:
    assign = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in STEP_COLUMNS
    )
    statement = sql.SQL(
        "UPDATE steps SET {} WHERE request_id = %(request_id)s AND number = %(number)s"
    ).format(assign)
    await connection.execute(statement, step_values(step) | {"request_id": request_id})


async def _keep(connection: Connection, point: Point) -> None:
    """Write one row for each resource; raises ValueError where another request has the resource."""
    values = point_values(point)
    names = tuple(values)
    if_new = sql.SQL("{0} = CASE WHEN " + _IS_NEW + " THEN EXCLUDED.{0} ELSE points.{0} END")
    anyway = sql.SQL("{0} = EXCLUDED.{0}")
    statement = sql.SQL(
        "INSERT INTO points ({}) VALUES ({}) ON CONFLICT (arm_key) DO UPDATE SET {}"
        " WHERE points.request_id = EXCLUDED.request_id RETURNING arm_key"
    ).format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(map(sql.Placeholder, names)),
        sql.SQL(", ").join(
            [
                *(if_new.format(sql.Identifier(name)) for name in _KEPT),
                *(anyway.format(sql.Identifier(name)) for name in _REFRESHED),
            ]
        ),
    )
    if await (await connection.execute(statement, values)).fetchone() is None:
        raise ValueError(f"{point.arm_id} belongs to another request than {point.request_id}.")


def _shown(step: Step) -> tuple[Any, ...]:
    """The fields of a step that the card shows."""
    return step.state, step.percent, step.why


def _entry(step: Step) -> AuditEntry:
    """The audit entry of a step: the request to Azure and its result."""
    detail = {
        "number": step.number,
        "verb": step.verb,
        "target": step.target_id,
        "unique_id": step.unique_id,
        "time_created": step.time_created,
        "why": step.why,
    }
    return AuditEntry(kind=f"step {step.state}", detail=detail)
