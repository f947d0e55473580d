"""What is kept of people goes once a request is over for long; the audit stays, and verifies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from running_postgres import ask
from store_samples import (
    NOON,
    SNAPSHOT,
    VM,
    a_click,
    a_plan,
    an_approval,
    an_ask,
    asked,
    to,
    to_waiting,
)

from bot.actions.snapshot.steps import steps as snapshot_steps
from bot.database import Database
from bot.database.audit import Audit
from bot.database.audit_comparison import Compared
from bot.database.forgetting import Forgotten, forget_people
from bot.database.store import Store
from bot.database.stored_advice import AdviceStore
from bot.requests.changes import AuditEntry, Change, ClickJudgement, Note, NoteKind
from bot.requests.model import Requester, TagSeen
from bot.requests.request import Request
from bot.requests.states import State
from bot.requests.tags import tags_of
from tests.databases import Served
from tests.docs.tables import ROOT

KEPT, ADVICE_KEPT = timedelta(days=365), timedelta(days=90)
NAME, APPROVER, REASON, TAG = (
    "Ada Lovelace-X",
    "Ben Approver-X",
    "because Carol-X said so",
    "owner-X",
)
TAG_BEFORE = "owner-before-X"
WORDS = (NAME, APPROVER, REASON, TAG, TAG_BEFORE, "denied by Dora-X")
PERSON = Requester(team_id="T1", user_id="UADA", user_name=NAME, channel_id="C0SHOP")
TAGS_COUNT_FOR = timedelta(days=30)
#: The audit stays, as docs/people.md says.
STAYS = "audit"


async def over(store: Store, number: int = 1, **wish: Any) -> Request:
    """A request that somebody approved and that then failed, with what people wrote around it."""
    request = await asked(store, number, requester=PERSON, **({"reason": REASON} | wish))
    gone = TagSeen(name="owner", value=TAG_BEFORE, seen_at=NOON)
    plan = a_plan(vm_tags={"owner": TAG}, vm_tags_gone=(gone,))
    request = await store.move(request, to_waiting(plan))
    await store.see_tags(VM.lower(), {"owner": TAG}, TAGS_COUNT_FOR)
    await store.press([a_click(number, user_name=APPROVER, text="denied by Dora-X")])
    await store.judge(f"click-{number}", lambda *_: _yes(request))
    found = await store.get(request.id)
    assert found
    note = Note(key="told", kind=NoteKind.THREAD, message={"text": f"{NAME} asks: {REASON}"})
    failed = to(State.FAILED, fields={"why": "denied by Dora-X"}, notes=(note,))
    aimed = replace(plan, disks=(replace(plan.disks[0], target_id=SNAPSHOT),))
    taken = tuple(snapshot_steps(aimed, tags_of(found, plan, ()), ()))
    numbered = tuple(replace(step, number=place) for place, step in enumerate(taken, 1))
    running = await store.move(found, to(State.RUNNING, steps=numbered))
    return await store.move(running, failed)


def _yes(request: Request) -> ClickJudgement:
    approval = an_approval(request, "UBEN", user_name=APPROVER)
    detail = {"revision": approval.revision, "plan": approval.plan_hash}
    entry = AuditEntry(kind="approved", who="UBEN", detail=detail)
    change = Change(to=State.APPROVED, entry=entry)
    return ClickJudgement(notes=(), change=change, approval=approval)


async def age(served: Served, days: int) -> None:
    """Everything that has happened so far happened so many days ago; messages were sent then."""
    for table, columns in (
        ("requests", ("asked_at", "approved_at", "finished_at")),
        ("clicks", ("pressed_at", "answered_at")),
        ("advices", ("given_at",)),
        ("advice_given", ("given_at",)),
    ):
        moved = ", ".join(f"{each} = {each} - interval '{days} days'" for each in columns)
        await ask(served, f"UPDATE {table} SET {moved}")
    await ask(served, f"UPDATE messages SET sent_at = now() - interval '{days} days'")


async def written(served: Served, *tables: str) -> str:
    """Every row of these tables as text."""
    found = [
        await ask(served, f"SELECT jsonb_agg({table} ORDER BY {table}::text)::text FROM {table}")
        for table in tables
    ]
    return "\n".join(str(each) for each in found)


async def forget(database: Database, most: int = 500) -> Forgotten:
    return await forget_people(
        database, kept=KEPT, advice_kept=ADVICE_KEPT, tags_count_for=TAGS_COUNT_FOR, most=most
    )


async def tables(served: Served) -> set[str]:
    """Every table that the database has."""
    found: list[str] = await ask(
        served,
        "SELECT array_agg(table_name::text) FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    )
    return set(found)


async def age_tags(served: Served, days: int) -> None:
    """Every tag was last seen so many days ago."""
    seen = f"to_jsonb(now() - interval '{days} days')"
    await ask(
        served,
        "UPDATE vm_tags_seen SET tags = (SELECT jsonb_agg(jsonb_set(one, '{seen_at}', "
        f"{seen})) FROM jsonb_array_elements(tags) AS one)",
    )


async def test_nothing_that_names_people_is_left_beside_the_audit_which_is_whole(
    served: Served, store: Store, database: Database
) -> None:
    request = await over(store)
    await AdviceStore(database).keep("a-0123456789ab", PERSON, [REASON], "web-01", {"x": NAME})
    await age(served, 366)
    await age_tags(served, 366)
    everywhere = sorted(await tables(served) - {STAYS})
    before = await written(served, *everywhere)
    assert all(word in before for word in WORDS)
    audit = await written(served, "audit")
    assert await forget(database) == Forgotten(1, 1, 1, 1, 1, 0, 1, 1)
    after = await written(served, *everywhere)
    assert [word for word in WORDS if word in after] == []
    #: Who asked and decided stays, by Slack's id, and what was done.
    kept = await store.get(request.id)
    assert kept
    assert (kept.requester.user_id, kept.state, kept.plan is not None) == ("UADA", "failed", True)
    assert [each.user_id for each in await store.approvals(request.id, 1)] == ["UBEN"]
    assert await written(served, "audit") == audit
    verified = await Audit(database).verify()
    assert (verified.broken_at, verified.compared) == (None, Compared((), 0))
    assert NAME not in audit
    assert not any(await forget(database))


NOT_OVER = {
    "ended too lately": ("UPDATE requests SET finished_at = now() - interval '364 days'",),
    "what it made is there": (
        "INSERT INTO points (arm_key, arm_id, kind, request_id, vm_id, vm_name, disk_id,"
        " disk_name, size_gib, region, unique_id, time_created, made_at, plan_hash, requester_id,"
        f" approver_ids, currency) SELECT lower('{SNAPSHOT}'), '{SNAPSHOT}', 'snapshot', id,"
        " '', '', '', '', 1, '', '', '', now(), '', '', '{}', 'USD' FROM requests LIMIT 1",
    ),
    "nobody has reviewed it yet": ("UPDATE requests SET look_by = now(), looked_by = ''",),
}


@pytest.mark.parametrize("why", NOT_OVER)
async def test_of_a_request_that_is_not_over_everything_is_kept(
    why: str, served: Served, store: Store, database: Database
) -> None:
    await over(store)
    await age(served, 366)
    for statement in NOT_OVER[why]:
        await ask(served, statement)
    before = await written(served, "requests", "approvals", "messages")
    found = await forget(database)
    assert (found.requests, found.approvals, found.messages) == (0, 0, 0)
    assert await written(served, "requests", "approvals", "messages") == before


async def test_a_request_that_is_under_way_is_kept_however_old_it_is(
    served: Served, store: Store, database: Database
) -> None:
    request = await asked(store, requester=PERSON, reason=REASON)
    await age(served, 3000)
    assert (await forget(database)).requests == 0
    found = await store.get(request.id)
    assert found
    assert (found.requester.user_name, found.wish.reason) == (NAME, REASON)


async def test_a_request_is_kept_as_long_as_a_later_one_about_its_points(
    served: Served, store: Store, database: Database
) -> None:
    first = await over(store)
    await age(served, 366)
    later = await asked(store, 2, vm="", of_request=first.id)
    await ask(served, f"UPDATE requests SET of_request = '{first.id}' WHERE id = '{later.id}'")
    assert (await forget(database)).requests == 0


async def test_many_are_forgotten_a_batch_at_a_time(
    served: Served, store: Store, database: Database
) -> None:
    asks: Sequence[Any] = [an_ask(number, requester=PERSON) for number in range(1, 6)]
    await store.ask(asks)
    for each in asks:
        found = await store.get(each.id)
        assert found
        await store.move(found, to(State.REFUSED))
    await age(served, 366)
    counts = [(await forget(database, most=2)).requests for _ in range(4)]
    assert counts == [2, 2, 1, 0]


@pytest.mark.parametrize(
    ("days", "count_for", "forgotten"), [(364, 30, 0), (366, 30, 1), (366, 400, 0)]
)
async def test_the_tags_of_a_vm_stay_as_long_as_a_rule_counts_them(
    days: int, count_for: int, forgotten: int, served: Served, store: Store, database: Database
) -> None:
    await store.see_tags(VM.lower(), {"owner": TAG}, TAGS_COUNT_FOR)
    await age_tags(served, days)
    found = await forget_people(
        database,
        kept=KEPT,
        advice_kept=ADVICE_KEPT,
        tags_count_for=timedelta(days=count_for),
    )
    assert found.tags == forgotten
    await store.see_tags(VM.lower(), {"owner": TAG}, TAGS_COUNT_FOR)
    assert (await forget(database)).tags == 0


async def test_the_document_of_what_is_kept_of_people_names_every_table(served: Served) -> None:
    """Say of a new table in docs/people.md what of people stands in it, and for how long."""
    text = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")
    before, _, without = text.partition("\n## Tables without people\n")
    where = [line.split(" | ")[1] for line in before.splitlines() if line.startswith("| ")]
    of_people = set(re.findall(r"`([a-z_]+)`", " ".join(where)))
    of_nobody = set(re.findall(r"`([a-z_]+)`", without))
    there = {STAYS, *(await tables(served))}
    assert of_people & of_nobody == set()
    assert of_people | of_nobody == there
