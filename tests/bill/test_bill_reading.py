"""Bills read at the played Azure: whole or not at all, from every page, once a day."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp import web

from advisor.azure.connection import AzureConnection
from advisor.azure.costs import CostManagement
from advisor.bill.bill import totals
from advisor.bill.charges import Charge, MonthCharges
from advisor.bill.divide import How
from advisor.bill.kinds import BillPart
from advisor.bill.months import Month, month_of
from advisor.earlier import Earlier
from advisor.errors import AzureRefused, AzureUnreachable, VmNotFound
from deploy.local.azure.billing import Bills
from deploy.local.azure.billing import Charge as PlayedCharge
from deploy.local.azure.costs import CostPages
from deploy.local.azure.granular import BilledByItem
from deploy.local.azure.throttle import QueryUnits
from deploy.local.fleet.sample_vms import PRODUCTION
from tests.bill.billing_at_azure import SUBSCRIPTIONS, billing, newest_final
from tests.standin.azure.fleet_azure import running_fleet
from tests.wire.arm_server import StaticCredential

MONTH = Month(2026, 10)
NOW = datetime(2026, 11, 30, tzinfo=UTC)
COLUMNS = ("PreTaxCost", "UsageQuantity", "ResourceId", "Meter", "Currency")
THROTTLED = "x-ms-ratelimit-microsoft.costmanagement-{}-retry-after"


async def test_the_bill_of_all_is_what_cost_management_has_of_protection(tmp_path: Path) -> None:
    """Its own resources by themselves, the vaults by their items; nothing twice."""
    month = newest_final()
    async with running_fleet() as azure, billing(azure, tmp_path) as bills:
        found = await bills.of_all(month)
        charges = azure.world.part(Bills).charges(azure.world)
    on_vaults = [one for one in charges if "/vaults/" in one.resource_id]
    expected = sum(
        (one.amount * min(month.days, (month.last - one.since).days + 1) for one in on_vaults),
        Decimal(0),
    )
    of_vaults = [line for line in found.lines if "/vaults/" in line.resource_id]
    assert totals(of_vaults)["USD"] == pytest.approx(expected, abs=Decimal("0.05"))
    assert set(found.subscriptions) == set(SUBSCRIPTIONS)
    assert {line.part for line in found.lines} >= {
        BillPart.BACKUP,
        BillPart.SITE_RECOVERY,
        BillPart.SNAPSHOTS,
    }


async def test_the_bill_of_a_vm_has_its_vaults_its_replicas_and_its_points(tmp_path: Path) -> None:
    async with running_fleet() as azure, billing(azure, tmp_path) as bills:
        found = await bills.of_vm("sql-01", newest_final())
    shown = {(line.part, line.how) for line in found.lines}
    assert shown == {
        (BillPart.BACKUP, How.SHARED),
        (BillPart.BACKUP, How.OWN),
        (BillPart.SITE_RECOVERY, How.SHARED),
        (BillPart.SITE_RECOVERY, How.OWN),
    }
    assert found.is_final
    assert found.differences


async def test_a_bill_stays_the_same_whatever_was_learned_of_it(tmp_path: Path) -> None:
    """Else a vault would be shared out anew each time that somebody asks, and the estimate beside
    would be the bill itself; what an earlier month told counts."""
    month = newest_final()
    async with running_fleet() as azure:
        async with billing(azure, tmp_path) as bills:
            first = await bills.of_all(month)
            sql = await bills.of_vm("sql-01", month)
        assert first.learned
        now = {vm: Earlier(one) for vm, one in first.learned.items()}
        async with billing(azure, tmp_path, earlier=now) as bills:
            again = await bills.of_all(month)
            beside = await bills.of_vm("sql-01", month)
        past = {
            vm: Earlier(one._replace(month=str(month.before))) for vm, one in first.learned.items()
        }
        async with billing(azure, tmp_path, earlier=past) as bills:
            later = await bills.of_all(month)
    assert again.lines == first.lines
    assert sql.estimate is not None
    assert beside.estimate is not None
    assert beside.estimate.lines == sql.estimate.lines
    assert later.lines != first.lines
    assert totals(later.lines) == totals(first.lines)


async def test_a_month_that_is_not_final_has_no_verdict(tmp_path: Path) -> None:
    async with running_fleet() as azure, billing(azure, tmp_path) as bills:
        found = await bills.of_vm("sql-01", month_of(datetime.now(UTC).date()))
    assert not found.is_final
    assert found.differences == ()


async def test_billed_by_item_the_vault_costs_the_same_and_nothing_is_shared_out(
    tmp_path: Path,
) -> None:
    month = newest_final()
    async with running_fleet() as azure:
        async with billing(azure, tmp_path / "before") as bills:
            before = await bills.of_all(month)
        vaults = {line.resource_id for line in before.lines if line.how is How.SHARED}
        backup = {vault for vault in vaults if vault.endswith("rsv-weu-prod")}
        noted = azure.world.part(BilledByItem).since
        for since, hows in (
            (month.first, {How.ITEM}),
            (month.first + timedelta(days=9), {How.ITEM, How.SHARED}),
        ):
            noted.update(dict.fromkeys(backup, since))
            async with billing(azure, tmp_path / str(since)) as bills:
                after = await bills.of_all(month)
            of_vault = [one for one in after.lines if one.resource_id.startswith(tuple(backup))]
            assert {line.how for line in of_vault} == hows
            assert totals(after.lines) == totals(before.lines)


async def test_what_is_no_usage_stands_apart_and_in_no_sum(tmp_path: Path) -> None:
    month = newest_final()
    async with running_fleet() as azure:
        async with billing(azure, tmp_path / "before") as bills:
            before = await bills.of_all(month)
        vault = next(one for one in azure.world.part(Bills).charges(azure.world) if one.item_id)
        day = {"since": month.first, "until": month.first, "quantity": Decimal(1)}
        azure.world.part(Bills).others += [
            PlayedCharge(**{**vault._asdict(), **day, "kind": kind, "amount": Decimal(amount)})
            for kind, amount in (("Purchase", "500"), ("Refund", "-20"), ("Tax", "42.10"))
        ]
        async with billing(azure, tmp_path / "after") as bills:
            after = await bills.of_all(month)
    assert totals(after.lines) == totals(before.lines)
    assert {(one.kind, one.amount) for one in after.apart} == {
        ("Purchase", Decimal("500.0")),
        ("Refund", Decimal("-20.0")),
        ("Tax", Decimal("42.1")),
    }


async def test_every_page_is_read_once(tmp_path: Path) -> None:
    month = newest_final()
    async with running_fleet() as azure:
        async with billing(azure, tmp_path / "whole") as bills:
            whole = await bills.of_all(month)
        azure.world.part(CostPages).rows = 7
        async with billing(azure, tmp_path / "pages") as bills:
            paged = await bills.of_all(month)
    assert paged.lines == whole.lines


async def test_what_was_read_is_not_asked_for_again_within_a_day(tmp_path: Path) -> None:
    month = newest_final()
    async with running_fleet() as azure:
        async with billing(azure, tmp_path) as bills:
            first = await bills.of_all(month)
        azure.world.part(QueryUnits).windows = ((0, 3600.0),)
        async with billing(azure, tmp_path, windows=None) as bills:
            again = await bills.of_all(month)
        [kept, *_] = (tmp_path / "costs").iterdir()
        assert kept.stat().st_mode & 0o077 == 0
        kept.write_text("{")
        async with billing(azure, tmp_path) as bills:
            anew = await bills.of_all(month)
    assert first.lines == again.lines == anew.lines


async def test_a_vm_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with running_fleet() as azure, billing(azure, tmp_path) as bills:
        with pytest.raises(VmNotFound, match="sql-1"):
            await bills.of_vm("sql-1", newest_final())


# --- one subscription, at a server that answers as it is told ----------------------------------

Answers = Sequence[Callable[[web.Request], Awaitable[web.StreamResponse]]]


async def asked(answers: Answers, tries: int = 3) -> tuple[Any, list[Any]]:
    """The charges of a subscription (or the error), and the requests that were sent for them."""
    seen: list[Any] = []
    rest = list(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.path_qs, await request.json()))
        return await (rest.pop(0) if len(rest) > 1 else rest[0])(request)

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with AzureConnection(
            credential=StaticCredential(), base_url=url, allow_plain_http=True
        ) as connection:
            costs = CostManagement(connection, tries)
            try:
                return await costs.charges(PRODUCTION, MONTH, NOW), seen
            except (AzureRefused, AzureUnreachable) as error:
                return error, seen
    finally:
        await runner.cleanup()


def page(*rows: Sequence[Any], link: str | None = None, columns: Sequence[str] = COLUMNS) -> Any:
    named = [{"name": name, "type": "String"} for name in columns]
    body = {"properties": {"nextLink": link, "columns": named, "rows": list(rows)}}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body)

    return answer


def status(code: int, body: Any = None, **headers: str) -> Any:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=code, headers=headers)

    return answer


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 5000
    await response.prepare(request)
    await response.write(b'{"properties": {"columns": [')
    assert request.transport
    request.transport.close()
    return response


ROW = (3.62, 0.5, "/subscriptions/s/x/Vaults/V", "LRS Data Stored", "USD")
EMPTY = status(204)


async def test_a_query_has_two_groupings_and_is_amortised() -> None:
    found, seen = await asked([page(ROW), EMPTY])
    assert found == MonthCharges(
        PRODUCTION,
        MONTH,
        (
            Charge(
                "/subscriptions/s/x/vaults/v",
                "LRS Data Stored",
                Decimal("0.5"),
                Decimal("3.62"),
                "USD",
            ),
        ),
        (),
        NOW,
    )
    usage, apart = (body for _, body in seen)
    assert (usage["type"], apart["type"]) == ("AmortizedCost", "ActualCost")
    for body in (usage, apart):
        assert len(body["dataset"]["grouping"]) == 2
        assert len(body["dataset"]["aggregation"]) <= 2
        assert body["timePeriod"] == {
            "from": "2026-10-01T00:00:00+00:00",
            "to": "2026-10-31T23:59:59+00:00",
        }


async def test_the_next_link_is_posted_at_our_own_door_whatever_host_it_names() -> None:
    link = "https://elsewhere.example/x?api-version=2021-10-01&$skiptoken=AQAAAA%3D%3D"
    found, seen = await asked([page(ROW, link=link), page(ROW), EMPTY])
    assert len(found.usage) == 2
    (first, body), (second, same), _ = seen
    assert body == same
    assert "skiptoken=AQAAAA==" in unquote(second)
    assert first.partition("?")[0] == second.partition("?")[0]


@pytest.mark.parametrize("of", ["qpu", "entity", "tenant", "client", "clienttype"])
async def test_throttled_it_waits_as_long_as_the_longest_header_says(of: str) -> None:
    throttled = status(429, {"error": {"code": "429"}}, **{THROTTLED.format(of): "1"})
    found, seen = await asked([throttled, page(ROW), EMPTY])
    assert len(found.usage) == 1
    assert len(seen) == 3


async def test_throttled_for_long_is_one_sentence_with_the_wait_and_no_bill() -> None:
    headers = {THROTTLED.format("qpu"): "4", THROTTLED.format("entity"): "1800"}
    error, seen = await asked([status(429, {"error": {"code": "429"}}, **headers)])
    assert str(error) == (
        f"Azure refused to let us read the costs of subscription {PRODUCTION} in 2026-10: "
        "429: it was asked too often, and wants to be left alone for 1800 s."
    )
    assert error.retry_after_seconds == 1800
    assert len(seen) == 1


async def test_without_the_right_the_sentence_names_it() -> None:
    error, _ = await asked([status(403, {"error": {"code": "RBACAccessDenied", "message": "No."}})])
    assert isinstance(error, AzureRefused)
    assert "Microsoft.CostManagement/query/read" in str(error)
    assert "Cost Management Reader" in str(error)


@pytest.mark.parametrize(
    "broken",
    [
        cut_off,
        status(500),
        page(ROW, columns=COLUMNS[:4]),
        page((3.62, 0.5, "/subscriptions/s", "LRS Data Stored")),
        page(("NaN", 0.5, "/subscriptions/s", "LRS Data Stored", "USD")),
        page((3.62, 0.5, None, "LRS Data Stored", "USD")),
        status(200, {"properties": {"nextLink": None}}),
    ],
)
async def test_half_an_answer_is_no_bill(broken: Any) -> None:
    error, _ = await asked([broken])
    assert isinstance(error, AzureUnreachable)
    assert "the costs of subscription" in str(error)


async def test_a_next_link_without_a_token_is_never_followed() -> None:
    link = "https://elsewhere.example/x?api-version=2021-10-01"
    error, seen = await asked([page(ROW, link=link)])
    assert "its next page cannot be asked for" in str(error)
    assert len(seen) == 1


async def test_the_second_query_failing_leaves_no_bill_either() -> None:
    error, _ = await asked([page(ROW), status(500)])
    assert isinstance(error, AzureUnreachable)


async def test_a_second_page_failing_leaves_no_bill_either() -> None:
    link = "https://management.azure.com/x?$skiptoken=AQ"
    error, _ = await asked([page(ROW, link=link), status(503)])
    assert isinstance(error, AzureUnreachable)


SHARED = Path(__file__).parents[3] / "shared/azure-rest/examples/costmanagement"


@pytest.mark.parametrize("name", ["SubscriptionQueryGrouping", "MCABillingAccountQueryGrouping"])
def test_the_published_answers_have_the_columns_that_are_read(name: str) -> None:
    path = SHARED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    answer = json.loads(path.read_text(encoding="utf-8"))["responses"]["200"]["body"]["properties"]
    columns = {column["name"] for column in answer["columns"]}
    assert {"PreTaxCost", "Currency"} <= columns
    assert all(len(row) == len(columns) for row in answer["rows"])
