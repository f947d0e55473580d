"""The guard in front of Bolt: what it admits, what it answers itself, and what it never does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.inbound.duplicates import RecentDeliveries
from bot.slack.inbound.signatures import (
    Admitted,
    Answered,
    SignatureGuard,
    sign,
    without_the_payload_trap,
)

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_531_420_618
SAMPLES = Path(__file__).parents[3] / "shared" / "slack"


class Time:
    """A clock that the test moves."""

    def __init__(self, at: float = NOW) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def a_guard(time: Time | None = None) -> SignatureGuard:
    time = time or Time()
    return SignatureGuard(SECRET, now=time, clock=time)


def signed(raw: bytes, timestamp: str = str(NOW), kind: str = "form") -> dict[str, str]:
    types = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
    return {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": sign(SECRET.encode(), timestamp, raw),
        "content-type": types[kind],
    }


FORM = b"command=%2Fvmbackup&text=advise+web-01&trigger_id=1.2"


def test_a_signed_form_is_admitted_unchanged() -> None:
    found = a_guard().judge(signed(FORM), FORM)
    assert isinstance(found, Admitted)
    assert found.body == FORM.decode()


def test_an_empty_secret_signs_nothing() -> None:
    """Anybody can sign with it, and there is usually no second one."""
    headers = {**signed(FORM), "x-slack-signature": sign(b"", str(NOW), FORM)}
    found = SignatureGuard(SECRET, also="", now=Time(), clock=Time()).judge(headers, FORM)
    assert not isinstance(found, Admitted)


def test_slacks_own_signature_vector_verifies() -> None:
    """The worked example of Slack's SDK: signature_vector.json."""
    path = SAMPLES / "sdk-samples" / "signature_vector.json"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    vector = json.loads(path.read_text())
    headers = {
        "x-slack-request-timestamp": vector["timestamp"],
        "x-slack-signature": vector["valid_signature"],
    }
    guard = SignatureGuard(
        vector["signing_secret"], now=Time(int(vector["timestamp"])), clock=Time()
    )
    assert isinstance(guard.judge(headers, vector["body"].encode()), Admitted)


@pytest.mark.parametrize(
    "timestamp", ["", "abc", "-1", "1e9", "１５３１４２０６１８", "9" * 400, " 1531420618", "nan"]
)
def test_an_unreadable_timestamp_is_401(timestamp: str) -> None:
    headers = signed(FORM) | {"x-slack-request-timestamp": timestamp}
    found = a_guard().judge(headers, FORM)
    assert isinstance(found, Answered)
    assert found.status == 401


@pytest.mark.parametrize(
    ("seconds", "status"), [(300, None), (301, 401), (-300, None), (-301, 401)]
)
def test_a_request_is_fresh_for_five_minutes_either_way(seconds: int, status: int | None) -> None:
    found = a_guard(Time(NOW + seconds)).judge(signed(FORM), FORM)
    assert (found.status if isinstance(found, Answered) else None) == status


@pytest.mark.parametrize(
    "signature", ["", "v0=", "v0=ä", "v0=" + "0" * 64, "v1=" + "0" * 64, "é" * 67]
)
def test_a_wrong_or_strange_signature_is_401(signature: str) -> None:
    found = a_guard().judge(signed(FORM) | {"x-slack-signature": signature}, FORM)
    assert isinstance(found, Answered)
    assert found.status == 401


def test_one_changed_byte_is_401() -> None:
    found = a_guard().judge(signed(FORM), FORM.replace(b"01", b"02"))
    assert isinstance(found, Answered)
    assert found.status == 401


def test_the_same_delivery_again_is_answered_200_and_not_admitted() -> None:
    guard = a_guard()
    assert isinstance(guard.judge(signed(FORM), FORM), Admitted)
    again = guard.judge(signed(FORM), FORM)
    assert isinstance(again, Answered)
    assert again.status == 200


def test_a_replay_is_known_for_as_long_as_its_timestamp_is_fresh() -> None:
    """Signed five minutes ahead of our clock, it stays fresh for ten."""
    time = Time(NOW - 300)
    guard = a_guard(time)
    assert isinstance(guard.judge(signed(FORM), FORM), Admitted)
    time.at = NOW + 300
    assert isinstance(guard.judge(signed(FORM), FORM), Answered)


def test_a_delivery_that_could_not_be_served_may_come_again() -> None:
    guard = a_guard()
    first = guard.judge(signed(FORM), FORM)
    assert isinstance(first, Admitted)
    guard.forget(first)
    assert isinstance(guard.judge(signed(FORM), FORM), Admitted)


def test_a_forged_request_does_not_use_up_the_true_one() -> None:
    guard = a_guard()
    guard.judge(signed(FORM) | {"x-slack-signature": "v0=" + "0" * 64}, FORM)
    assert isinstance(guard.judge(signed(FORM), FORM), Admitted)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"{not json", "json"),
        (b"[1]", "json"),
        (b"\xff\xfe", "form"),
        (b"payload=%7Bnot+json", "form"),
        (b"payload=5", "form"),
        (b"{" + b'"a":[' * 100_000, "json"),
        (b"payload=" + b"9" * 5000, "form"),
    ],
)
def test_signed_nonsense_is_400(raw: bytes, kind: str) -> None:
    found = a_guard().judge(signed(raw, kind=kind), raw)
    assert isinstance(found, Answered)
    assert found.status == 400


def test_unsigned_nonsense_is_401_not_500() -> None:
    found = a_guard().judge({"content-type": "application/json"}, b"{not json")
    assert isinstance(found, Answered)
    assert found.status == 401


def test_an_interaction_keeps_its_payload() -> None:
    raw = urlencode({"payload": '{"type":"block_actions","a":"payload"}'}).encode()
    found = a_guard().judge(signed(raw), raw)
    assert isinstance(found, Admitted)
    assert found.body == raw.decode()


def test_a_command_about_a_vm_called_payload_reaches_bolt_as_a_form() -> None:
    raw = urlencode({"command": "/vmbackup", "text": "advise vm-payload-01"}).encode()
    found = a_guard().judge(signed(raw), raw)
    assert isinstance(found, Admitted)
    assert "payload" not in found.body
    assert dict(parse_qsl(found.body))["text"] == "advise vm-payload-01"


def test_the_certificate_check_is_answered_and_never_admitted() -> None:
    raw = b"ssl_check=1&token=abc"
    for headers in ({}, signed(raw)):
        found = a_guard().judge(headers, raw)
        assert isinstance(found, Answered)
        assert found.status == 200


def test_a_long_unsigned_form_is_not_read_as_a_certificate_check() -> None:
    found = a_guard().judge({}, b"ssl_check=1" + b"&a=1" * 2000)
    assert isinstance(found, Answered)
    assert found.status == 401


def test_a_command_that_speaks_of_the_certificate_check_is_a_command() -> None:
    raw = urlencode({"command": "/vmbackup", "text": "ssl_check=1"}).encode()
    assert isinstance(a_guard().judge(signed(raw), raw), Admitted)


@pytest.mark.parametrize(
    ("name", "admitted"),
    [("asgi_http.body.L72.form.txt", True), ("wsgi_http.body.L107.form.txt", False)],
)
def test_slacks_sample_forms_are_understood(name: str, admitted: bool) -> None:
    """A slash command, and a certificate check that carries a whole command with it."""
    path = SAMPLES / "requests" / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    raw = path.read_bytes().strip()
    assert isinstance(a_guard().judge(signed(raw), raw), Admitted) is admitted


@given(st.dictionaries(st.text(), st.text()), st.text())
def test_the_rewritten_form_decodes_to_the_same(fields: dict[str, str], around: str) -> None:
    """Whatever stands around the word, and even where the percent signs are not escapes."""
    for form in (urlencode(fields | {"text": f"a payload {around}"}), f"a={around}payload%payload"):
        rewritten = without_the_payload_trap(form)
        assert "payload" not in rewritten
        assert parse_qsl(rewritten, keep_blank_values=True) == parse_qsl(
            form, keep_blank_values=True
        )


HEADER_NAMES = ("x-slack-request-timestamp", "x-slack-signature", "content-type")
header_values = st.one_of(st.text(), st.sampled_from((str(NOW), "application/json")))


@given(st.dictionaries(st.sampled_from(HEADER_NAMES), header_values), st.binary(max_size=400))
def test_nothing_unsigned_is_admitted_and_nothing_raises(headers: Any, raw: bytes) -> None:
    found = a_guard().judge(headers, raw)
    assert isinstance(found, Answered)
    assert found.status in (200, 401)


@given(st.binary(max_size=400), st.sampled_from(("form", "json")))
def test_nothing_signed_raises(raw: bytes, kind: str) -> None:
    found = a_guard().judge(signed(raw, kind=kind), raw)
    assert isinstance(found, Admitted) or found.status in (200, 400)


# --- the memory of what was seen ------------------------------------------------------------


def test_the_memory_never_grows_beyond_its_bound() -> None:
    seen = RecentDeliveries(keep_seconds=60, most=3, clock=Time())
    assert all(seen.first_time(number) for number in range(10))
    assert len(seen) == 3
    assert not seen.first_time(9)


def test_the_memory_forgets_what_is_old() -> None:
    time = Time(0)
    seen = RecentDeliveries(keep_seconds=60, most=100, clock=time)
    assert seen.first_time("a")
    time.at = 60
    assert not seen.first_time("a")
    time.at = 61
    assert seen.first_time("a")
