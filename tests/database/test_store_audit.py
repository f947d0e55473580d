"""The audit: one unbroken chain, whoever writes at once; and what is changed in it is found."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo
from running_postgres import ask
from store_samples import a_plan, an_ask, asked, to, to_waiting

from bot.database import Database
from bot.database.audit import GENESIS, Audit, AuditRow, append, chain, hash_of
from bot.database.rows import as_json
from bot.database.store import Store
from bot.requests.changes import AuditEntry
from bot.requests.states import State
from tests.databases import Served

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def audit(database: Database) -> Audit:
    return Audit(database)


async def test_a_new_audit_is_whole_and_empty(audit: Audit) -> None:
    verified = await audit.verify()
    assert (verified.rows, verified.head, verified.broken_at) == (0, GENESIS, None)
    assert await audit.head() == GENESIS


async def test_rows_written_by_many_at_once_are_one_chain(store: Store, audit: Audit) -> None:
    groups = [[an_ask(10 * group + each) for each in range(10)] for group in range(20)]
    await asyncio.gather(*map(store.ask, groups))
    verified = await audit.verify()
    assert (verified.rows, verified.broken_at) == (200, None)
    assert verified.head == await audit.head()


async def test_the_times_go_on_as_the_numbers_do(store: Store, audit: Audit) -> None:
    request = await asked(store)
    for _ in range(5):
        request = await store.move(request, to_waiting(a_plan(), button=f"b-{request.version}"))
    rows = await audit.of_request(request.id)
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert [row.seq for row in rows] == list(range(1, 7))


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit SET who = 'UEVE' WHERE seq = 3",
        "UPDATE audit SET detail = '{}' WHERE seq = 3",
        "UPDATE audit SET at = at + interval '1 second' WHERE seq = 3",
        "UPDATE audit SET request_id = 'r-000000000009' WHERE seq = 3",
        "UPDATE audit SET hash = repeat('a', 64) WHERE seq = 3",
        "UPDATE audit SET previous = repeat('a', 64) WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
    ],
)
async def test_what_was_changed_by_the_owner_itself_is_found(
    served: Served, store: Store, audit: Audit, forgery: str
) -> None:
    """An owner can switch the triggers off; the chain tells."""
    await store.ask([an_ask(number) for number in range(6)])
    await ask(served, "ALTER TABLE audit DISABLE TRIGGER USER")
    await ask(served, forgery)
    assert (await audit.verify()).broken_at == 3


async def test_rows_cut_off_the_end_are_found_by_the_head(
    served: Served, store: Store, audit: Audit
) -> None:
    await store.ask([an_ask(number) for number in range(6)])
    await ask(served, "ALTER TABLE audit DISABLE TRIGGER USER")
    await ask(served, "DELETE FROM audit WHERE seq > 4")
    assert (await audit.verify()).broken_at == 5


async def test_a_chain_written_anew_is_found_by_a_head_noted_elsewhere(
    served: Served, store: Store, audit: Audit
) -> None:
    await store.ask([an_ask(1), an_ask(2)])
    noted = await audit.head()
    await store.ask([an_ask(3)])
    assert (await audit.verify(noted)).noted_at == 2
    await ask(served, "ALTER TABLE audit DISABLE TRIGGER USER")
    await ask(served, "ALTER TABLE audit_head DISABLE TRIGGER USER")
    rows = chain([("r-1", AuditEntry(kind="forged"))], 0, GENESIS, datetime.now(UTC))
    await ask(served, "DELETE FROM audit")
    await put(served, rows[0])
    await ask(served, f"UPDATE audit_head SET seq = 1, hash = '{rows[0].hash}'")
    verified = await audit.verify(noted)
    assert (verified.broken_at, verified.noted_at) == (None, None)


async def put(served: Served, row: AuditRow) -> None:
    """A row as somebody would who knows how it is done."""
    values = (row.seq, row.at, row.request_id, row.kind, row.who, "{}", row.previous, row.hash)
    address = make_conninfo(**served.connection_keywords)
    async with await psycopg.AsyncConnection.connect(address) as connection:
        await connection.execute(
            "INSERT INTO audit VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s)", values
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = ''",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "TRUNCATE audit_head",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = seq",
        "UPDATE audit_head SET seq = 0",
    ],
)
async def test_nobody_changes_the_audit_the_owner_included(
    served: Served, store: Store, statement: str
) -> None:
    await store.ask([an_ask()])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever"):
        await ask(served, statement)


async def test_whatever_is_noted_reads_back_to_the_same_hash(
    database: Database, audit: Audit
) -> None:
    """What jsonb writes in another way, or JSON has no word for."""
    detail: dict[str, Any] = {
        "large": 10**30,
        "float": 1e22,
        "nan": float("nan"),
        "when": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        "life": timedelta(days=3),
        "text": "\x00\ud800 “quoted” \\u0000",
        "": [None, True, {"b": 1, "a": ()}],
    }
    async with database.connection() as connection:
        await append(connection, [("r-1", AuditEntry(kind="odd", who="U\x001", detail=detail))])
    assert (await audit.verify()).broken_at is None


@given(_JSON)
def test_what_the_audit_keeps_is_json_that_reads_back_as_it_is(value: Any) -> None:
    kept = as_json(value)
    text = json.dumps(kept, allow_nan=False)
    assert json.loads(text) == kept
    assert "\\u0000" not in json.dumps(kept).replace("\\\\", "")


@given(st.text(max_size=9), st.text(max_size=9), st.text(max_size=9), st.text(max_size=9))
def test_the_hash_tells_the_fields_apart(one: str, two: str, three: str, four: str) -> None:
    def hashed(kind: str, who: str) -> str:
        (row,) = chain([("r-1", AuditEntry(kind=kind, who=who))], 0, GENESIS, datetime.now(UTC))
        return hash_of(AuditRow(**{**_values(row), "at": datetime(2026, 1, 1, tzinfo=UTC)}))

    same = (as_json(one), as_json(two)) == (as_json(three), as_json(four))
    assert (hashed(one, two) == hashed(three, four)) is same


def _values(row: AuditRow) -> dict[str, Any]:
    names = ("seq", "at", "request_id", "kind", "who", "detail", "previous", "hash")
    return {name: getattr(row, name) for name in names}


async def test_the_chain_is_read_as_of_one_moment(store: Store, audit: Audit) -> None:
    """Rows are added all the while, and every reading is whole."""

    async def adding() -> None:
        for number in range(60):
            await store.ask([an_ask(number)])

    async def reading() -> None:
        for _ in range(15):
            assert (await audit.verify()).broken_at is None

    await asyncio.gather(adding(), reading(), reading())


async def test_every_end_is_in_the_audit_of_its_request(store: Store, audit: Audit) -> None:
    request = await store.move(await asked(store), to_waiting())
    await store.move(request, to(State.LAPSED))
    kinds = [row.kind for row in await audit.of_request(request.id)]
    assert kinds == ["asked", "planned", "lapsed"]
    assert await audit.of_request("r-\x00") == []
