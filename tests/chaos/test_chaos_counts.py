"""What is counted is judged by figures: for each count there is a guilty run and innocent ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.chaos.counts import ACCEPTED_AT_MOST, FOR_GOOD, breaches, count_of
from tests.chaos.evidence import (
    Asked,
    Begun,
    Blow,
    Counted,
    Evidence,
    Move,
    Noted,
    Played,
    Row,
    Rule,
    Sending,
)
from tests.chaos.good_run import T0, VM
from tests.chaos.oracle import judge
from tests.chaos.report import COUNTS

TARGET = "/subscriptions/s/resourcegroups/rg-chaos-0007/providers/microsoft.compute/snapshots/os"
OPERATION = "/subscriptions/s/providers/microsoft.compute/locations/westeurope/diskoperations/o"
POST, EDIT, WHISPER = "/api/chat.postmessage", "/api/chat.update", "/api/chat.postephemeral"
A, B, OPS = "bot-0-1", "bot-1-1", "C01OPS"


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def asked(seconds: float, method: str, path: str, status: int = 200, **more: object) -> Asked:
    values = {"who": A, "answered_at": at(seconds + 0.05)} | more
    return replace(Asked(at(seconds), at(seconds), A, method, path, status), **values)  # type: ignore[arg-type]


def look(seconds: float, status: int = 404, **more: object) -> Asked:
    return asked(seconds, "GET", TARGET, status, **more)


def put(seconds: float, status: int = 202, **more: object) -> Asked:
    return asked(seconds, "PUT", TARGET, status, **more)


def noted(*seconds: float) -> tuple[Begun | Noted, ...]:
    notes = (Noted(at(each), TARGET, "take-snapshot") for each in seconds)
    return (Begun(at(0), TARGET, "take-snapshot"), *notes)


def sends(count: int) -> Counted:
    """A step that was looked at, noted and sent so often, each time accepted."""
    calls = [call for each in range(count) for call in (look(each + 1), put(each + 1.5))]
    return Counted(asked=tuple(calls), steps=noted(*(each + 1.2 for each in range(count))))


def post(seconds: float, status: int = 200, **more: object) -> Asked:
    state = "ok" if status == 200 else "internal_error"
    return asked(seconds, "POST", POST, status, channel=OPS, **{"state": state} | more)


def lost(seconds: float) -> Asked:
    return post(seconds, 500, delivered=False)


def sending(seconds: float, who: str = A, message_id: int = 3, *, is_anew: bool = False) -> Sending:
    return Sending(at(seconds), message_id, who, frozenset({OPS}), "r-7", is_anew)


def posted(*seconds: float) -> Counted:
    """One message, noted and posted at each of these moments."""
    notes = tuple(sending(each - 0.1) for each in seconds)
    return Counted(asked=tuple(map(post, seconds)), sendings=notes)


def refused(path: str = TARGET, **more: object) -> Asked:
    """Asked at second 1, answered with a 429 that names four seconds."""
    return asked(1, "GET", path, 429, **{"retry_after_seconds": 4.0} | more)


ONE = sends(1)
WITH_OPERATION = (look(1), put(1.5, operation=OPERATION))
FAILED = asked(2, "GET", OPERATION, state="failed", code=FOR_GOOD)

GUILTY: dict[str, tuple[Rule, str, Counted]] = {
    "accepted more often than its bound": (
        Rule.OFTEN,
        "4 times",
        sends(ACCEPTED_AT_MOST + 1),
    ),
    "sent again after it failed for good": (
        Rule.OFTEN,
        "failed it for good",
        Counted(
            asked=(*WITH_OPERATION, FAILED, look(3, 200, state="failed"), put(4)),
            steps=noted(1.2, 3.5),
        ),
    ),
    "sent before it was noted": (
        Rule.BLIND,
        "sent 1 times and noted 0 times",
        replace(ONE, steps=noted(1.6)),
    ),
    "sent twice and noted once": (
        Rule.BLIND,
        "sent 2 times and noted 1 times",
        replace(sends(2), steps=noted(1.2)),
    ),
    "sent and never noted": (Rule.BLIND, "noted 0 times", replace(ONE, steps=noted())),
    "sent without a look": (Rule.BLIND, "no look", replace(ONE, asked=(put(1.5),))),
    "sent twice after one look": (
        Rule.BLIND,
        "to a PUT",
        Counted(asked=(look(1), put(1.5), put(3)), steps=noted(1.2, 2.5)),
    ),
    "sent after another process's look": (
        Rule.BLIND,
        "no look",
        replace(ONE, asked=(look(1, who=B), put(1.5))),
    ),
    "sent though it is there": (
        Rule.BLIND,
        "200 succeeded",
        replace(ONE, asked=(look(1, 200, state="succeeded"), put(1.5))),
    ),
    "sent though the look was not answered": (
        Rule.BLIND,
        "500",
        replace(ONE, asked=(look(1, 500), put(1.5))),
    ),
    "deleted without a look": (
        Rule.BLIND,
        "no look",
        Counted(asked=(asked(1, "DELETE", TARGET, 202),)),
    ),
    "Azure asked too early": (
        Rule.EARLY,
        "3.0 s after a Retry-After of 4 s",
        Counted(asked=(refused(), look(4))),
    ),
    "Azure asked too early by another process": (
        Rule.EARLY,
        "Retry-After of 4 s",
        Counted(asked=(refused(), look(4, who=B))),
    ),
    "an edit too early": (
        Rule.EARLY,
        EDIT,
        Counted(asked=(refused(EDIT), asked(3, "POST", EDIT, channel="C02OTHER"))),
    ),
    "a whisper too early": (
        Rule.EARLY,
        WHISPER,
        Counted(asked=(refused(WHISPER), asked(3, "POST", WHISPER))),
    ),
    "a post too early": (
        Rule.EARLY,
        POST,
        Counted(asked=(refused(POST, channel=OPS), post(3, who=B))),
    ),
    "posted twice": (Rule.POSTED, "posted, and again 20.0 s later", posted(1, 21)),
    "posted twice by two processes": (
        Rule.POSTED,
        "posted, and again",
        Counted(asked=(post(1), post(30, who=B)), sendings=(sending(0.9), sending(29.9, B))),
    ),
    "posted again right after a lost reply": (
        Rule.POSTED,
        "blindly again after 2.0 s",
        replace(posted(1, 3), asked=(lost(1), post(3))),
    ),
    "posted again right after an error of Slack's": (
        Rule.POSTED,
        "blindly again",
        replace(posted(1, 3), asked=(post(1, 503), post(3))),
    ),
    "posted twice for one note of it": (
        Rule.POSTED,
        "twice for one note",
        Counted(asked=(lost(1), post(20)), sendings=(sending(0.9),)),
    ),
    "written by one who lost the lease": (
        Rule.UNHELD,
        f"r-7: step 0 noted by {A}, while {B} held it",
        Counted(moves=(Move(at(1), "r-7", A, B, "step 0 noted"),)),
    ),
    "moved while nobody had the lease": (
        Rule.UNHELD,
        "while nobody held it",
        Counted(moves=(Move(at(1), "r-7", A, "", "moved from running to done"),)),
    ),
}


@pytest.mark.parametrize("name", GUILTY)
def test_each_guilty_count_is_found_and_said(name: str) -> None:
    rule, sentence, counted = GUILTY[name]
    found = list(breaches(counted))
    assert {each[0] for each in found} == {rule}
    assert any(sentence in each[2] for each in found), found


def test_every_rule_of_what_is_counted_has_a_guilty_run() -> None:
    assert {rule for rule, _, _ in GUILTY.values()} == set(COUNTS)


INNOCENT: dict[str, Counted] = {
    "nothing": Counted(),
    "sent once": ONE,
    "sent as often as its bound": sends(ACCEPTED_AT_MOST),
    "sent as often as its bound, and again when it began anew": Counted(
        asked=tuple(
            call
            for each in range(ACCEPTED_AT_MOST + 1)
            for call in (look(each + 1), put(each + 1.5))
        ),
        steps=(
            *noted(*(each + 1.2 for each in range(ACCEPTED_AT_MOST))),
            Begun(at(3.9), TARGET, "take-snapshot"),
            Noted(at(4.2), TARGET, "take-snapshot"),
        ),
    ),
    "refused often, and accepted once": Counted(
        asked=tuple(call for each in range(9) for call in (look(each + 1), put(each + 1.5, 503))),
        steps=noted(*(each + 1.2 for each in range(9))),
    ),
    "failed for good, and sent when it began anew": Counted(
        asked=(*WITH_OPERATION, FAILED, look(3), put(4)),
        steps=(
            *noted(1.2),
            Begun(at(2.5), TARGET, "take-snapshot"),
            Noted(at(3.5), TARGET, "take-snapshot"),
        ),
    ),
    "sent late by one that stood still when it had failed for good": Counted(
        asked=(*WITH_OPERATION, look(1.7, who=B), FAILED, put(4, who=B)),
        steps=noted(1.2, 1.8),
        blows=(Blow(at(1.9), at(3.9), B),),
    ),
    "sent again where Azure gave it up": Counted(
        asked=(look(1), put(1.5), look(2, 200, state="failed"), put(3)), steps=noted(1.2, 2.5)
    ),
    "deleted after a look": Counted(
        asked=(look(1, 200, state="succeeded"), asked(2, "DELETE", TARGET, 202))
    ),
    "two processes, each with its own look": Counted(
        asked=(look(1), look(1.1, who=B), put(1.5), put(1.6, who=B)), steps=noted(1.2, 1.3)
    ),
    "sent by one who is gone": replace(ONE, asked=(put(1.5, who=""),)),
    "Azure asked when the wait was over": Counted(asked=(refused(), look(5.1))),
    "a measurement asked again for the next plan": Counted(
        asked=(refused(f"{TARGET}/providers/microsoft.insights/metrics"),) * 2
        + (asked(3, "GET", f"{TARGET}/providers/microsoft.insights/metrics"),)
    ),
    "another resource asked meanwhile": Counted(asked=(refused(TARGET + "2"), look(3))),
    "on its way when the answer came": Counted(asked=(refused(), look(1.2))),
    "the answer never arrived": Counted(asked=(refused(delivered=False), look(3))),
    "killed before it could note the wait": Counted(
        asked=(refused(), look(3, who=B)), blows=(Blow(at(1.1), at(1.1), A),)
    ),
    "an edit by a process that was not told": Counted(
        asked=(refused(EDIT), asked(3, "POST", EDIT, who=B))
    ),
    "a post elsewhere meanwhile": Counted(asked=(refused(POST, channel="C02OTHER"), post(3))),
    "posted once": posted(1),
    "posted anew for a new revision": replace(
        posted(1, 3), sendings=(sending(0.9), sending(2, is_anew=True), sending(2.9))
    ),
    "posted again long after a lost reply": replace(posted(1, 17), asked=(lost(1), post(17))),
    "posted again where Slack had refused": replace(
        posted(1, 4), asked=(post(1, 429, state="ratelimited"), post(4))
    ),
    "posted again where the sender was killed": replace(
        posted(1, 17), blows=(Blow(at(1), at(1), A),)
    ),
    "posted again where the sender was killed before the harness saw whose post it was": replace(
        posted(1, 17), asked=(post(1, who=""), post(17)), blows=(Blow(at(0.95), at(0.95), A),)
    ),
    "posted again where the database was away for so long that nobody could note it": replace(
        posted(1, 17), blows=(Blow(at(9), at(20)),)
    ),
    "posted late by one that stood still": replace(
        posted(1, 17), asked=(lost(9), post(17)), blows=(Blow(at(2), at(8), A),)
    ),
    "an edit on its way when another was refused": Counted(
        asked=(refused(EDIT), asked(1.9, "POST", EDIT))
    ),
    "two messages in one channel": Counted(
        asked=(post(1), post(3)), sendings=(sending(0.9), sending(2.9, message_id=4))
    ),
    "written by the holder": Counted(moves=(Move(at(1), "r-7", A, A, "renewed"),)),
}


@pytest.mark.parametrize("name", INNOCENT)
def test_an_innocent_count_is_not_blamed(name: str) -> None:
    assert list(breaches(INNOCENT[name])) == []


def test_a_blow_on_another_process_excuses_nothing() -> None:
    elsewhere = (Blow(at(1.1), at(1.1), B),)
    for name in ("Azure asked too early", "posted twice"):
        _, _, counted = GUILTY[name]
        assert list(breaches(replace(counted, blows=elsewhere)))


def test_a_breach_is_of_the_schedule_whose_group_or_request_it_names() -> None:
    rows = (Row("r-7", VM, "snapshot", "done", "U01ADA"),)
    played = (Played(7, VM, "U01ADA", 0, frozenset()),)
    for name in ("sent without a look", "posted twice", "written by one who lost the lease"):
        rule, _, counted = GUILTY[name]
        found = judge(Evidence(rows=rows, played=played, counted=counted))
        assert {each.schedule for each in found if each.rule is rule} == {7}


def test_what_was_counted_is_said_with_its_figures() -> None:
    found = count_of(replace(sends(2), moves=(Move(at(1), "r-7", A, A, "renewed"),)))
    assert found["requests to Azure that change"] == 2
    assert found["writes under a lease"] == 1
    assert count_of(posted(1, 20))["posts"] == 2
