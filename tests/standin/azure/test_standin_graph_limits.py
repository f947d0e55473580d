"""What Resource Graph refuses: queries that do not parse or go too far, and too many of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.azure.graph.limits import excess, limits
from deploy.local.azure.graph.quota import Quota
from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.fleet_azure import GRAPH, ask, client_of, post, running_fleet
from tests.standin.azure.running_azure import small_world
from tests.standin.azure.shape_of import differences, example

JOIN = " | join kind=leftouter ({} | project id) on id"


async def codes(azure: AzureStandIn, query: str, **options: Any) -> tuple[int, list[str]]:
    status, body, _ = await post(azure, GRAPH, {"query": query, "options": options})
    details = body.get("error", {}).get("details", [])
    return status, [one["code"] for one in details]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("where where", "ParserFailure"),
        ("resources | wher name == 'x'", "ParserFailure"),
        (".drop table resources", "ParserFailure"),
        ("resources | where nobody == 1", "SemanticError"),
        ("nosuchtable | take 1", "SemanticError"),
        ("  ", "EmptyQuery"),
    ],
)
async def test_a_query_that_cannot_be_run_says_what_is_wrong(
    azure: AzureStandIn, query: str, code: str
) -> None:
    assert await codes(azure, query) == (400, ["InvalidQuery", code])


async def test_a_query_that_does_not_parse_is_refused_as_recorded(azure: AzureStandIn) -> None:
    recorded = example("recorded/resourcegraph/test_query_error.json")[0]
    status, body, headers = await post(azure, GRAPH, {"query": recorded["request_body"]["query"]})
    assert status == recorded["status"]
    assert differences(recorded["body"], body) == []
    assert body["error"]["details"][0] == recorded["body"]["error"]["details"][0]
    assert all(name in headers for name in recorded["headers"])


async def test_what_only_the_stand_in_cannot_run_is_not_blamed_on_the_query(
    azure: AzureStandIn,
) -> None:
    status, body, _ = await post(azure, GRAPH, {"query": "resources | evaluate bag_unpack(tags)"})
    assert (status, body["error"]["code"]) == (501, "NotSupportedByStandIn")


async def test_a_fourth_join_a_fourth_mv_expand_and_a_second_right_hand_are_refused(
    azure: AzureStandIn,
) -> None:
    tables = ("resourcecontainers", "recoveryservicesresources", "advisorresources")
    three = "resources | project id" + "".join(JOIN.format(table) for table in tables)
    assert (await codes(azure, three))[0] == 200
    four = three + JOIN.format("policyresources")
    assert await codes(azure, four) == (400, ["InvalidQuery", "DisallowedMaxNumberOfJoins"])
    twice = "resources | project id" + JOIN.format("resourcecontainers") * 2
    refused = (400, ["InvalidQuery", "DisallowedMaxNumberOfRemoteTables"])
    assert await codes(azure, twice) == refused
    expand = " | mv-expand zone = zones"
    assert (await codes(azure, "resources | project id, zones" + expand * 3))[0] == 200
    refused = (400, ["InvalidQuery", "DisallowedMaxNumberOfMvExpands"])
    assert await codes(azure, "resources | project id, zones" + expand * 4) == refused


@pytest.mark.parametrize(
    ("query", "joins", "expands", "uses"),
    [
        ("resources | where name == 'join (a) union mv-expand'", 0, 0, 0),
        ("resources // join (a) on id\n| take 1", 0, 0, 0),
        ('resources | where name == "mv-expand" | mvexpand x', 0, 1, 0),
        ("resources | union (a | take 1), (b), c", 3, 0, 1),
        ("union a, a", 2, 0, 2),
        ("a | join kind=inner hint.remote=left (B) on id | join b on id", 2, 0, 2),
        ("a | join (b | join (c) on id) on id", 2, 0, 1),
    ],
)
def test_limits_are_counted_outside_of_literals_and_comments(
    query: str, joins: int, expands: int, uses: int
) -> None:
    assert limits(query)[:3] == (joins, expands, uses)


@given(st.text())
def test_no_text_breaks_the_counting(text: str) -> None:
    assert excess(text) is None or limits(text) > (0, 0, 0, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"$top": 1001},
        {"$top": 0},
        {"$skip": -1},
        {"resultFormat": "csv"},
        {"$skipToken": "not a token"},
        {"$skipToken": "e30="},
    ],
)
async def test_options_beyond_azures_limits_are_refused(
    azure: AzureStandIn, options: dict[str, Any]
) -> None:
    assert (await codes(azure, "resources | project id", **options))[0] == 400


async def test_a_subscription_is_a_guid_and_nothing_else(azure: AzureStandIn) -> None:
    body = {"query": "resources", "subscriptions": ["x') or ('1'='1"]}
    status, body, _ = await post(azure, GRAPH, body)
    assert (status, body["error"]["details"][0]["code"]) == (400, "InvalidSubscriptionId")


async def test_the_sixteenth_query_in_five_seconds_is_throttled() -> None:
    """One request, no Retry-After: the wait is in the quota's headers."""
    from azure.core.exceptions import HttpResponseError
    from azure.mgmt.resourcegraph.aio import ResourceGraphClient
    from azure.mgmt.resourcegraph.models import QueryRequest

    async with running_fleet(small_world(), queries=15) as azure:
        for left in range(14, -1, -1):
            _, _, headers = await post(azure, GRAPH, {"query": "print 1"})
            assert headers["x-ms-user-quota-remaining"] == str(left)
            assert headers["x-ms-user-quota-resets-after"].startswith("00:00:0")
        azure.forget()
        async with client_of(azure, ResourceGraphClient) as client:
            with pytest.raises(HttpResponseError) as refused:
                await client.resources(QueryRequest(query="print 1"))
    assert refused.value.status_code == 429
    assert refused.value.error.code == "RateLimiting"
    assert "Retry-After" not in refused.value.response.headers
    assert azure.counts["ResourceGraph_Resources"] == 1


def test_the_quota_is_each_users_own_and_comes_back_with_the_window() -> None:
    at = [100.0]
    quota = Quota(most=2, seconds=5.0, clock=lambda: at[0])
    assert [quota.take("anna")[0] for _ in range(3)] == [True, True, False]
    assert quota.take("ben")[0]
    at[0] = 103.5
    may, headers = quota.take("anna")
    assert (may, headers["x-ms-user-quota-resets-after"]) == (False, "00:00:02")
    at[0] = 105.0
    assert quota.take("anna")[0]


async def test_a_refused_query_costs_quota_too() -> None:
    async with running_fleet(small_world(), queries=2) as azure:
        assert (await post(azure, GRAPH, {"query": "where where"}))[0] == 400
        await ask(azure, "print 1")
        assert (await post(azure, GRAPH, {"query": "print 1"}))[0] == 429
