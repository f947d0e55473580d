"""What somebody wrote into requests or approvals past the bot is found by the audit."""

from __future__ import annotations

import pytest
from running_postgres import ask
from store_samples import a_click, a_plan, an_approval, an_ask, asked, to, to_waiting
from test_store_audit_command import run

from advisor.errors import EXIT_INPUT_UNREADABLE
from bot.database import Database
from bot.database.audit import Audit
from bot.database.audit_comparison import Compared
from bot.database.store import Store
from bot.requests.changes import AuditEntry, Change, ClickJudgement
from bot.requests.request import Request
from bot.requests.states import State
from tests.databases import Served


async def compared(database: Database) -> Compared:
    verified = await Audit(database).verify()
    assert verified.broken_at is None
    return verified.compared


async def approved(store: Store) -> Request:
    """A request that two people approved, as clicks write it."""
    request = await store.move(await asked(store), to_waiting(a_plan()))
    for number, (who, state) in enumerate((("UBEN", None), ("UEVE", State.APPROVED))):
        await store.press([a_click(number, user_id=who)])
        await store.judge(f"click-{number}", lambda *_, w=who, s=state: _yes(request, w, s))
    found = await store.get(request.id)
    assert found is not None
    return found


def _yes(request: Request, who: str, state: State | None) -> ClickJudgement:
    approval = an_approval(request, who)
    detail = {"revision": approval.revision, "plan": approval.plan_hash}
    entry = AuditEntry(kind="approved", who=who, detail=detail)
    return ClickJudgement(notes=(), change=Change(to=state, entry=entry), approval=approval)


async def test_requests_and_approvals_that_the_bot_wrote_agree_with_the_audit(
    database: Database, store: Store
) -> None:
    request = await approved(store)
    await store.move(request, to(State.RUNNING))
    await store.ask([an_ask(7)])
    assert await compared(database) == Compared((), 0)


FORGERIES = [
    (
        "UPDATE requests SET state = 'running'",
        "it is running in revision 1, and its last change left it approved in revision 1",
    ),
    ("UPDATE requests SET revision = 2", "it is approved in revision 2, and its last change left"),
    (
        "INSERT INTO requests (id, action, state, wish, requester_team, requester_user,"
        " requester_name, requester_channel) VALUES ('r-00000000000f', 'delete', 'planning',"
        " '{}', 'T1', 'UEVE', 'eve', 'C1')",
        "it was never asked for",
    ),
    (
        "INSERT INTO approvals SELECT id, 1, 'UMAL', 'mal', requester_user, 'a', 'so', now()"
        " FROM requests",
        "the approval by UMAL of revision 1 was never given",
    ),
    (
        "UPDATE approvals SET user_id = 'UMAL' WHERE user_id = 'UBEN'",
        "the approval by UMAL of revision 1 was never given",
    ),
    (
        "UPDATE approvals SET plan_hash = 'a' WHERE user_id = 'UBEN'",
        "the approval by UBEN of revision 1 was never given",
    ),
    (
        "DELETE FROM approvals WHERE user_id = 'UBEN'",
        "the approval by UBEN of revision 1 was given, and its row is gone",
    ),
]


@pytest.mark.parametrize(("forgery", "what"), FORGERIES, ids=[each for each, _ in FORGERIES])
async def test_a_forged_row_is_found(
    served: Served, database: Database, store: Store, forgery: str, what: str
) -> None:
    await approved(store)
    await ask(served, forgery)
    assert any(each.what.startswith(what) for each in (await compared(database)).differences)


async def test_another_requester_is_found(served: Served, database: Database, store: Store) -> None:
    request = await asked(store)
    await ask(served, "UPDATE requests SET requester_user = 'UEVE'")
    (found,) = (await compared(database)).differences
    assert (found.request_id, found.what) == (
        request.id,
        "its requester is UEVE, and UADA asked for it",
    )


async def test_a_request_whose_row_is_gone_is_found(
    served: Served, database: Database, store: Store
) -> None:
    await asked(store)
    await ask(served, "DELETE FROM requests")
    (found,) = (await compared(database)).differences
    assert found.what == "it was asked for, and its row is gone"


async def test_the_command_names_the_forged_row_and_fails(served: Served, store: Store) -> None:
    request = await approved(store)
    await ask(served, "UPDATE requests SET state = 'waiting'")
    ran = await run("verify", DATABASE_URL=served.url)
    assert (ran.returncode, ran.stdout) == (EXIT_INPUT_UNREADABLE, "")
    said = " ".join(ran.stderr.split())
    assert f"{request.id}: it is waiting in revision 1, and its last change left it appr" in said
    assert "Somebody wrote to the database past the bot" in said
