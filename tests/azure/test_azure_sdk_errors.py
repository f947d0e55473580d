"""Azure's exceptions as ours: every class that is installed, every body that was recorded."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import azure.core.exceptions as core
import pytest
from azure.identity import _exceptions as identity

from advisor.azure.sdk_errors import azure_words, known_classes, translated, translating
from advisor.errors import AzureRefused, AzureUnreachable, NotSignedIn, UsageError, VmbackupError

RECORDED = Path(__file__).parents[2].parent / "shared/azure-rest/recorded/errors"


class Response:
    """As much of azure-core's HttpResponse as an HttpResponseError reads."""

    def __init__(self, status: int, body: Any = None, headers: Any = None) -> None:
        self.status_code, self.reason = status, "Because"
        self.headers = headers or {}
        self._body = body

    def json(self) -> Any:
        if self._body is None:
            raise ValueError("no JSON")
        return self._body

    def text(self) -> str:
        return json.dumps(self._body)


def answered(status: int, body: Any = None) -> core.HttpResponseError:
    return core.HttpResponseError(response=Response(status, body))


def installed_classes() -> list[type[Exception]]:
    found = [*vars(core).values(), *vars(identity).values()]
    return [
        one
        for one in found
        if isinstance(one, type)
        and issubclass(one, (core.AzureError, core.SerializationError, core.DeserializationError))
    ]


@pytest.mark.parametrize("kind", installed_classes(), ids=lambda kind: kind.__name__)
def test_every_exception_class_that_is_installed_stands_in_the_table(
    kind: type[Exception],
) -> None:
    assert kind.__name__ in known_classes()
    error = kind.__new__(kind)
    Exception.__init__(error, "text")
    assert isinstance(translated(error, "the disks"), (AzureRefused, AzureUnreachable))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, AzureRefused),
        (401, NotSignedIn),
        (403, AzureRefused),
        (404, AzureRefused),
        (409, AzureRefused),
        (429, AzureRefused),
        (408, AzureUnreachable),
        (500, AzureUnreachable),
        (502, AzureUnreachable),
        (503, AzureUnreachable),
        (504, AzureUnreachable),
    ],
)
def test_a_status_decides_between_refused_and_unreachable(
    status: int, kind: type[VmbackupError]
) -> None:
    error = translated(answered(status, {"error": {"code": "C", "message": "M"}}), "the disks")
    assert type(error) is kind
    assert "the disks" in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"code": "A", "message": "B  c\nd"}}, ("A", "B c d")),
        ({"code": "A", "message": "B"}, ("A", "B")),
        ({"Code": "A", "Message": "B", "Details": [{"Message": "x"}]}, ("A", "B")),
        ({"ErrorCode": "A", "Message": {"Value": "B"}}, ("A", "B")),
        (
            {"error": {"code": "BadRequest", "message": "ids", "details": [{"code": "InvalidQuery",
             "message": "It is wrong."}]}},
            ("InvalidQuery", "It is wrong."),
        ),
        ({"error": "nothing"}, ("", "")),
        ([], ("", "")),
        (None, ("", "")),
    ],
)  # fmt: skip
def test_all_shapes_of_error_bodies_give_code_and_message(body: Any, words: Any) -> None:
    assert azure_words(answered(400, body)) == words


def test_a_refusal_names_the_action_that_azure_names_else_the_one_we_know() -> None:
    message = "The client 'x' does not have authorization to perform action 'A.B/c/read' over"
    body = {"error": {"code": "AuthorizationFailed", "message": message}}
    assert str(translated(answered(403, body), "the disks", "X/read")) == (
        "Azure refused to let us read the disks: 403 AuthorizationFailed. It needs A.B/c/read."
    )
    assert "It needs X/read." in str(translated(answered(403, None), "the disks", "X/read"))


def test_a_long_answer_is_cut_in_the_sentence() -> None:
    error = translated(answered(400, {"error": {"code": "C", "message": "m" * 5000}}), "x")
    assert len(str(error)) < 400


def test_no_sign_in_says_how_to_sign_in() -> None:
    error = translated(identity.CredentialUnavailableError(message="secret-ish"), "your sign-in")
    assert isinstance(error, AzureRefused)
    assert "az login" in str(error)
    assert "secret-ish" not in str(error)


def test_our_own_errors_pass_and_faults_of_ours_are_not_hidden() -> None:
    with pytest.raises(UsageError), translating("x"):
        raise UsageError("ours")
    with pytest.raises(KeyError), translating("x"):
        raise KeyError("a fault")
    with pytest.raises(AzureUnreachable) as caught, translating("x"):
        raise TimeoutError
    assert isinstance(caught.value.__cause__, TimeoutError)


async def test_a_cancelled_reading_stays_cancelled() -> None:
    with pytest.raises(asyncio.CancelledError), translating("x"):
        raise asyncio.CancelledError


@pytest.mark.skipif(not RECORDED.exists(), reason=f"{RECORDED} is not there")
def test_every_recorded_error_body_becomes_a_sentence_with_its_code() -> None:
    recorded = [one for file in RECORDED.glob("*.json") for one in json.loads(file.read_text())]
    assert len(recorded) > 50
    for one in recorded:
        error = answered(one["status"], one["body"])
        ours = translated(error, "the disks", "X/read")
        assert isinstance(ours, (AzureRefused, AzureUnreachable)), one
        if isinstance(one["body"], dict) and one["body"]:
            assert azure_words(error)[0], one
