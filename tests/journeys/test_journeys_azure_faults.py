"""Each fault of Azure: what the person reads, that nothing is lost or made up, and what follows.

A fault that can be waited out ends in the card that there would have been without it; what could
not be read is named and never called absent; where the VM itself could not be read there is no
card. After each the next command is answered in full.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio

from deploy.local.azure.graph.quota import Quota
from deploy.local.faults import Fault, Kind
from tests.journeys.running_system import (
    GRAPH,
    MANY,
    METRICS,
    MUCH_SNAPSHOT,
    Exchange,
    Played,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMMAND = "advise web-01"
AGAIN = "Try again in a minute."
THE_VM = "the VM and its disks"
WRITES = "the disk writes that Azure Monitor measured"
#: What the card says of a query that failed, and of the protection that it would have shown.
UNREAD = {
    "protection": (
        "Not read: the backup items, the replicated items, the disks backed up and their policies",
        "web-01: protection unknown: what protects it was not read.",
    ),
    "points": (
        "Not read: the snapshots, the restore points and the vaults",
        "web-01: protection unknown: in no vault; its snapshots and restore points were not read.",
    ),
}


@pytest_asyncio.fixture(loop_scope="session")
async def clean(place: Played) -> AsyncIterator[str]:
    """The card without any fault; at the end the bot gives it again, exactly."""
    card = (await place.ask(COMMAND)).answer.text
    place.azure.forget()
    yield card
    place.azure.faults.clear()
    assert (await place.ask(COMMAND)).answer.text == card


def is_for_ada_alone(place: Played, told: Exchange) -> bool:
    return told.answer.only_for == place.slack.who("ada") and told.answer.is_the_bots


# --- what is waited out ----------------------------------------------------------------------


@pytest.mark.parametrize("skip", [0, 1, 2])
async def test_a_throttled_query_waits_as_long_as_azure_says(
    place: Played, clean: str, skip: int
) -> None:
    place.put(Fault(Kind.STATUS, GRAPH, status=429, retry_after="1", skip=skip))
    told = await place.ask(COMMAND)
    assert told.answer.text == clean
    assert told.seconds >= 1.0
    assert place.azure.counts == {GRAPH: 4, METRICS: 2}


async def test_a_spent_quota_is_waited_for(place: Played, clean: str) -> None:
    """Azure's own headers say when the window ends; no fault is needed for that."""
    quota = place.azure.world.part(Quota)
    quota.most, quota.seconds = 0, 1.0
    asyncio.get_running_loop().call_later(0.5, setattr, quota, "most", 10_000)
    told = await place.ask(COMMAND)
    quota.seconds = 5.0
    assert told.answer.text == clean
    assert place.azure.counts[GRAPH] == 6


async def test_slow_answers_bring_the_same_card_later(place: Played, clean: str) -> None:
    place.put(Fault(Kind.SLOW, times=None, seconds=0.5))
    told = await place.ask(COMMAND)
    assert told.answer.text == clean
    assert told.seconds >= 1.0


# --- what leaves the VM itself unread --------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            Fault(Kind.STATUS, GRAPH, status=429, retry_after="0", times=None),
            f"Azure did not let this bot read {THE_VM}: 429 TooManyRequests: it was asked too "
            f"often. {AGAIN} If it stays so, tell whoever runs the bot.",
        ),
        (
            Fault(Kind.STATUS, GRAPH, status=500, times=None),
            f"Azure did not answer about {THE_VM}: it answered 500. {AGAIN}",
        ),
        (
            Fault(Kind.STATUS, GRAPH, status=503, times=None),
            f"Azure did not answer about {THE_VM}: it answered 503. {AGAIN}",
        ),
        (
            Fault(Kind.CUT, GRAPH, times=None),
            f"Azure did not answer about {THE_VM}: its answer broke off. {AGAIN}",
        ),
        (
            Fault(Kind.LOST, GRAPH, times=None),
            f"Azure did not answer about {THE_VM}: there was no connection. {AGAIN}",
        ),
        (
            Fault(Kind.DROP, GRAPH, times=None),
            f"Azure did not answer about {THE_VM}: there was no connection. {AGAIN}",
        ),
        (
            Fault(Kind.FORBIDDEN, GRAPH, times=None),
            f"Azure did not let this bot read {THE_VM}: 403 AuthorizationFailed. Its identity "
            "needs Microsoft.ResourceGraph/resources/read. Ask whoever runs the bot to grant it.",
        ),
        (
            Fault(Kind.EXPIRED, times=None),
            f"Azure did not let this bot read {THE_VM}: 401 ExpiredAuthenticationToken. If it "
            "stays so, tell whoever runs the bot.",
        ),
    ],
    ids=["429", "500", "503", "cut", "lost", "dropped", "403", "expired token"],
)
async def test_without_the_vm_there_is_a_sentence_and_no_card(
    place: Played, clean: str, fault: Fault, sentence: str
) -> None:
    place.put(fault)
    told = await place.ask(COMMAND)
    assert told.acknowledged.text.startswith("Looking at web-01.")
    assert told.answer.text == sentence
    assert is_for_ada_alone(place, told)
    assert METRICS not in place.azure.counts


async def test_a_hung_azure_is_given_up_and_meanwhile_others_are_served(
    place: Played, clean: str
) -> None:
    """Ada's VM is never answered, Linus' metrics are not, and Grace waits for neither."""
    before = place.seen()
    place.put(Fault(Kind.HANG, GRAPH, times=3, seconds=60))
    await place.say(COMMAND)
    await place.until_asked(GRAPH, 3)
    place.put(Fault(Kind.HANG, METRICS, times=2, seconds=60))
    await place.say(COMMAND, user="linus")
    await place.until_asked(METRICS, 2)
    known = place.seen()
    other = await place.ask("advise web-02", user="grace")
    assert other.answer.text.startswith("web-02 ")
    assert place.new(known) == [other.acknowledged, other.answer]
    *_, first, second = await place.until_there(before, count=6)
    assert first.text == f"Azure did not answer about {THE_VM}: it did not answer in time. {AGAIN}"
    assert second.text.startswith("web-01 is unprotected. Protect it with")
    assert f"Not read: {WRITES}: it did not answer in time (try again in a minute)." in second.text


# --- what leaves a part unread ---------------------------------------------------------------


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Kind.STATUS, "it answered 502 (try again in a minute)."),
        (Kind.CUT, "its answer broke off (try again in a minute)."),
        (Kind.LOST, "there was no connection (try again in a minute)."),
        (Kind.FORBIDDEN, "403 AuthorizationFailed (Microsoft.ResourceGraph/resources/read)."),
        (Kind.EXPIRED, "401 ExpiredAuthenticationToken (a new sign-in)."),
    ],
    ids=["502", "cut", "lost", "403", "expired token"],
)
async def test_a_query_that_fails_is_named_and_nothing_is_concluded_from_it(
    place: Played, clean: str, kind: Kind, why: str, skip: int
) -> None:
    """Whichever of the three queries arrives first, second or third."""
    place.put(Fault(kind, GRAPH, status=502, skip=skip))
    told = await place.ask(COMMAND)
    failed = place.queries()[skip]
    if failed == "the VM":
        assert THE_VM in told.answer.text
        assert is_for_ada_alone(place, told)
        return
    not_read, in_place = UNREAD[failed]
    assert told.answer.text.startswith("web-01: protection unknown")
    assert f"{not_read}: {why}" in told.answer.text
    assert in_place in told.answer.text
    assert "unprotected" not in told.answer.text
    assert is_for_ada_alone(place, told)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (
            Fault(Kind.STATUS, METRICS, status=429, retry_after="1", times=None),
            "429 TooManyRequests: it was asked too often. Try again in a minute.",
        ),
        (Fault(Kind.STATUS, METRICS, status=500), "it answered 500 (try again in a minute)."),
        (Fault(Kind.CUT, METRICS), "its answer broke off (try again in a minute)."),
        (
            Fault(Kind.LOST, METRICS, times=None),
            "there was no connection (try again in a minute).",
        ),
        (
            Fault(Kind.FORBIDDEN, METRICS),
            "403 AuthorizationFailed (Microsoft.Insights/metrics/read).",
        ),
    ],
    ids=["429", "500", "cut", "lost", "403"],
)
async def test_without_the_measured_writes_the_card_assumes_them_and_says_so(
    place: Played, clean: str, fault: Fault, why: str
) -> None:
    assert "written a day." in clean
    assert "(measured) written a day." in clean
    place.put(fault)
    told = await place.ask(COMMAND)
    assert f"Not read: {WRITES}: {why}" in told.answer.text
    assert "(assumed) written a day." in told.answer.text
    assert "web-01 is unprotected." in told.answer.text  # for that, everything was read


async def test_a_page_that_is_missing_leaves_the_whole_part_unread(
    place: Played, clean: str
) -> None:
    """A part of the snapshots is not counted as if it were all of them."""
    whole = await place.ask(f"advise {MUCH_SNAPSHOT}")
    assert f"{MANY}" in whole.answer.text.replace(",", "")
    assert place.azure.counts[GRAPH] == 4
    place.put(Fault(Kind.PAGE_MISSING, GRAPH, times=None))
    told = await place.ask(f"advise {MUCH_SNAPSHOT}")
    not_read = told.answer.text.partition("Not read: ")[2]
    assert "the snapshots, the restore points and the vaults: 400 InvalidSkipToken" in not_read
    assert "unprotected" not in told.answer.text
    assert "1000" not in told.answer.text.replace(",", "")


# --- what one may not read -------------------------------------------------------------------


async def test_a_vm_that_one_may_not_read_is_not_found_and_why_is_said(
    place: Played, clean: str
) -> None:
    """Resource Graph leaves out what one may not read, without a word."""
    with forbidden(place, vm_of(place, "web-02")["id"]):
        told = await place.ask("advise web-02")
    assert told.answer.text.startswith("There is no VM called “web-02” among those this bot may")
    assert told.answer.text.endswith(
        "If it is in another subscription, the bot's identity needs the Reader role there."
    )
    assert is_for_ada_alone(place, told)


async def test_a_disk_that_one_may_not_read_is_named(place: Played, clean: str) -> None:
    disk = vm_of(place, "web-01")["properties"]["storageProfile"]["osDisk"]
    with forbidden(place, disk["managedDisk"]["id"]):
        told = await place.ask(COMMAND)
    assert disk["name"] in told.answer.text.partition("Not read: ")[2]


@contextmanager
def forbidden(place: Played, arm_id: str) -> Iterator[None]:
    place.azure.world.forbidden.add(arm_id.lower())
    try:
        yield
    finally:
        place.azure.world.forbidden.clear()


def vm_of(place: Played, name: str) -> dict[str, Any]:
    (vm,) = (
        each
        for each in place.azure.world.of_type("Microsoft.Compute/virtualMachines")
        if each["name"] == name
    )
    return vm
