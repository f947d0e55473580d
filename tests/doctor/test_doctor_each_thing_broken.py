"""The doctor at the stand-ins, over the wire: all is right, then each thing is broken once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bot.composition.process import ProcessPart
from bot.doctor.checks import every_check
from bot.doctor.finding import Diagnosis
from bot.doctor.report import as_document, as_text
from bot.doctor.surroundings_checks import of_age
from deploy.local.azure.identity import OPERATOR, SignIn
from deploy.local.bot_process import free_port
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import APPROVERS, BOT, GRACE
from tests.databases import Served
from tests.doctor.examined_system import Ailing, ailing, of

NO, UNKNOWN, YES = Diagnosis.NO, Diagnosis.UNKNOWN, Diagnosis.YES
OPS = "C01OPS"


@pytest.fixture
async def played(tmp_path: Path, served: Served) -> AsyncIterator[Ailing]:
    async with ailing(tmp_path, served) as system:
        yield system


class Case(NamedTuple):
    """What is broken, the check that sees it, what it answers, and a part of what it says."""

    name: str
    broken: Callable[[Ailing], object]
    check: str
    answer: Diagnosis
    said: str
    fails: bool = True


def sets(**variables: str | None) -> Callable[[Ailing], object]:
    return lambda at: at.variables.update(variables)


def over_http(secret: str | None) -> Callable[[Ailing], object]:
    def do(at: Ailing) -> None:
        at.over_http = True
        at.variables["SLACK_SIGNING_SECRET"] = secret

    return do


def no_scope(at: Ailing) -> None:
    app = at.slack.workspace.app
    at.slack.workspace.app = replace(app, scopes=app.scopes - {"groups:read"})


def only_grace_approves(at: Ailing) -> None:
    at.slack.workspace.groups[APPROVERS.id] = replace(APPROVERS, members=(GRACE.id,))


def on_database(*statements: str) -> Callable[[Ailing], object]:
    def do(at: Ailing) -> None:
        with psycopg.connect(make_conninfo(**at.database.connection_keywords)) as connection:
            for each in statements:
                connection.execute(each.encode())

    return do


def no_grants(at: Ailing) -> None:
    at.azure.world.part(SignIn).grants[OPERATOR.client_id] = ()


def refuses(*actions: str) -> Callable[[Ailing], object]:
    return lambda at: at.without_action(*actions)


def clock_of_azure(at: Ailing) -> None:
    at.azure.world.clock_off = timedelta(minutes=7)


def damaged_prices(at: Ailing) -> None:
    saved = at.folder / "data" / "prices" / "prices.json"
    saved.parent.mkdir(parents=True)
    saved.write_text("{", encoding="utf-8")


RULE = """
[requests.ask]
everybody = true
[[requests.rules]]
name = "lonely"
channel = "{channel}"
approver_users = ["{approver}"]
"""


def digest_where_others_read(at: Ailing) -> None:
    channels = at.slack.workspace.channels
    channels[OPS] = replace(channels[OPS], is_ext_shared=True)
    rules = RULE.format(channel=OPS, approver="U02GRACE") + "external_channel = true\n"
    at.settings(f'{rules}[fleet]\ndigest_channel = "{OPS}"\n')


CASES = (
    Case("no bot token", sets(SLACK_BOT_TOKEN=None), "settings", NO, "SLACK_BOT_TOKEN"),
    Case("another's bot token", sets(SLACK_BOT_TOKEN="xoxb-1"), "slack token", NO, "invalid_auth"),
    Case("Slack away", sets(SLACK_API_URL=f"http://127.0.0.1:{free_port()}/api/"),
         "slack token", UNKNOWN, "Slack does not say it: Connection refused."),
    Case("a scope missing", no_scope, "slack scopes", NO, "lacks groups:read"),
    Case("no app token", sets(SLACK_APP_TOKEN=None), "slack app token", NO, "is not set"),
    Case("another's app token", sets(SLACK_APP_TOKEN="xapp-1"), "slack app token", NO,
         "invalid_auth"),
    Case("no signing secret", over_http(None), "slack signing secret", NO, "is not set"),
    Case("half a signing secret", over_http("abc123"), "slack signing secret", NO,
         "no signing secret"),
    Case("not in the channel",
         lambda at: at.slack.workspace.channels[OPS].members.discard(BOT.id),
         "slack channels", NO, "The bot is not in #ops"),
    Case("a channel that is not there",
         lambda at: at.settings(RULE.format(channel="C0NOWHERE", approver="U02GRACE")),
         "slack channels", NO, "There is no channel C0NOWHERE (of the rule “lonely”)"),
    Case("a digest in a shared channel", digest_where_others_read,
         "weekly digest", NO, "C01OPS is shared with another company"),
    Case("a digest where the bot is not",
         lambda at: at.settings(RULE.format(channel=OPS, approver="U02GRACE")
                                + '[fleet]\ndigest_channel = "C0NOWHERE"\n'),
         "weekly digest", NO, "There is no channel C0NOWHERE (of fleet.digest_channel)"),
    Case("too few approvers", only_grace_approves, "approvers", NO,
         "wants 2 approvals, which only 1 may give."),
    Case("an approver who left",
         lambda at: at.settings(RULE.format(channel=OPS, approver="U05DENNIS")),
         "approvers", NO, "which only 0 may give"),
    Case("no paid plan for groups",
         lambda at: setattr(at.slack.workspace, "has_paid_plan", False),
         "approvers", UNKNOWN, "the group vm-approvers cannot be read"),
    Case("a settings file with a fault", lambda at: at.settings("[requests]\nrule = 1"),
         "rules", NO, "requests.rule"),
    Case("the database away",
         sets(DATABASE_URL=f"postgresql://bot:hunter22@127.0.0.1:{free_port()}/bot"),
         "database", NO, "does not answer"),
    Case("a schema of a newer version",
         on_database("COMMENT ON TABLE vmbackup_version IS NULL;"
                     "UPDATE vmbackup_version SET version_num = '9999'"),
         "migrations", NO, "The schema (9999) is of a newer vmbackup."),
    Case("a sign-in to Azure that is set to nothing", sets(AZURE_CLIENT_ID=""), "settings", NO,
         "AZURE_CLIENT_ID: set to nothing"),
    Case("nobody signed in", sets(IDENTITY_HEADER="another"), "azure sign-in", NO, "Azure"),
    Case("Azure broken",
         lambda at: at.azure.faults.add(
             Fault(Kind.STATUS, "Subscriptions_List", times=None, status=503)),
         "azure sign-in", NO, "503"),
    Case("no role at all", no_grants, "azure sign-in", NO, "shows it no subscription"),
    Case("disks not to be read", refuses("Microsoft.Compute/disks/read"), "azure reading", NO,
         "may not: Microsoft.Compute/disks/read"),
    Case("what it may cannot be asked", refuses("Microsoft.Authorization/permissions/read"),
         "azure reading", UNKNOWN, "Microsoft.Authorization/permissions/read"),
    Case("no metrics", refuses("Microsoft.Insights/*"), "azure metrics", NO,
         "Microsoft.Insights/metrics/read", fails=False),
    Case("no jobs", refuses("Microsoft.RecoveryServices/vaults/backupJobs/*"), "azure jobs", NO,
         "Microsoft.RecoveryServices/vaults/backupJobs/read", fails=False),
    Case("no costs", refuses("Microsoft.CostManagement/*"), "azure costs", NO,
         "Microsoft.CostManagement/query/read", fails=False),
    Case("no snapshots", refuses("Microsoft.Compute/snapshots/write"), "azure snapshots", NO,
         "Microsoft.Compute/snapshots/write"),
    Case("no deletion", refuses("Microsoft.Compute/snapshots/delete"), "azure snapshots", NO,
         "Microsoft.Compute/snapshots/delete"),
    Case("no restores", refuses("Microsoft.Compute/virtualMachines/write"), "azure restores", NO,
         "Microsoft.Compute/virtualMachines/write", fails=False),
    Case("a clock that is off", clock_of_azure, "clocks", NO, "behind Azure"),
    Case("damaged prices", damaged_prices, "prices", NO, "prices.json", fails=False),
    Case("in the region of its VMs", sets(VMBACKUP_REGION="West Europe"), "region", NO,
         "It runs in westeurope, where VMs are that it protects", fails=False),
    Case("a region that is misspelt", sets(VMBACKUP_REGION="weurope"), "region", UNKNOWN,
         "no region that is known here: weurope", fails=False),
    Case("nobody knows where it runs", sets(VMBACKUP_REGION=None), "region", UNKNOWN,
         "VMBACKUP_REGION", fails=False),
)  # fmt: skip


async def test_where_nothing_is_broken_all_is_right(
    played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = await played.examined(monkeypatch)
    assert [(row.check.name, row.finding.said) for row in found.rows if row.finding.to_do] == []
    assert {row.finding.answer for row in found.rows} == {YES}
    assert not found.wrong


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_each_thing_that_is_broken_is_named_with_what_to_do(
    case: Case, played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.broken(played)
    found, secrets = await played.examined(monkeypatch)
    rows = [row for row in of(found, case.check) if row.finding.answer is not YES]
    assert rows, [(row.check.name, row.finding) for row in found.rows]
    assert {row.finding.answer for row in rows} == {case.answer}
    assert any(case.said in row.finding.said for row in rows), rows
    assert all(row.finding.to_do for row in rows if row.finding.answer is NO)
    assert bool(found.wrong) is case.fails, found.wrong
    shown = as_text(found, secrets, 100) + json.dumps(as_document(found, secrets))
    for secret in (*secrets, "hunter22", *_secrets_of(played)):
        assert secret not in shown


def _secrets_of(played: Ailing) -> list[str]:
    slack = played.slack
    return [slack.bot_token, slack.app_token, slack.signing_secret]


async def test_approvers_of_whom_none_can_request_are_told_and_enough(
    played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.settings(RULE.format(channel=OPS, approver="U02GRACE"))
    found, _ = await played.examined(monkeypatch)
    [row] = of(found, "approvers")
    assert row.finding.answer is YES
    assert "which exactly 1 may give; none of them can request" in row.finding.said


async def test_groups_that_lack_the_same_are_told_together(
    played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.without_action("Microsoft.Compute/snapshots/write")
    found, _ = await played.examined(monkeypatch)
    rows = of(found, "azure snapshots")
    assert len(rows) == 2  # one for each subscription, however many groups it has
    assert " more." in rows[1].finding.said


async def test_nothing_is_changed_by_asking(
    played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = played.azure.world.snapshot()
    await played.examined(monkeypatch)
    assert played.azure.world.snapshot() == before
    assert {request.method for request in played.azure.requests} <= {"GET", "POST"}
    posts = {request.name for request in played.azure.requests if request.method == "POST"}
    assert posts == {"ResourceGraph_Resources"}
    reads = {"auth.test", "apps.connections.open", "conversations.info", "users.info"}
    assert {call.name for call in played.slack.calls} <= reads | {"usergroups.users.list"}


async def test_an_empty_database_is_made_by_the_first_start(
    played: Ailing, blank: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.database = blank
    found, _ = await played.examined(monkeypatch)
    [row] = of(found, "migrations")
    assert (row.finding.answer, row.finding.said) == (
        YES,
        "It is empty; the first start makes the schema.",
    )


async def test_an_earlier_schema_is_changed_by_the_next_start(
    played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_database("UPDATE vmbackup_version SET version_num = '0001'")(played)
    found, _ = await played.examined(monkeypatch)
    [row] = of(found, "migrations")
    assert (row.finding.answer, "(0001); the next start" in row.finding.said) == (YES, True)


@pytest.mark.parametrize("only", [*ProcessPart])
async def test_each_part_is_asked_for_what_it_needs_alone(
    only: ProcessPart, played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listener reads and the worker acts, so two identities are enough of each other's."""
    played.only = only
    found, _ = await played.examined(monkeypatch)
    names = {row.check.name for row in found.rows}
    assert ("slack app token" in names) is (only is ProcessPart.LISTENER)
    assert ("azure snapshots" in names) is (only is ProcessPart.WORKER)


async def test_parts_without_a_shared_database_are_told(
    played: Ailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.only = ProcessPart.WORKER
    played.variables["DATABASE_URL"] = None
    found, _ = await played.examined(monkeypatch)
    [row] = of(found, "database")
    assert (row.finding.answer, "DATABASE_URL" in row.finding.to_do) == (NO, True)


def test_every_check_of_the_table_is_broken_by_a_case() -> None:
    assert {case.check for case in CASES} == {check.name for check in every_check()}


@pytest.mark.parametrize(
    ("as_of", "answer"), [("2026-11-01", YES), ("2026-07-01", NO), ("soon", UNKNOWN)]
)
def test_the_age_of_the_prices_is_judged_by_their_newest_day(as_of: str, answer: Diagnosis) -> None:
    [found] = of_age(as_of, date(2026, 11, 30), is_offline=True)
    assert found.answer is answer
