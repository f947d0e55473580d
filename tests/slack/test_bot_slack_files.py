"""A file arrives once, where it was meant to; what keeps it away is said in a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.addresses import is_slacks_own
from bot.slack.calls import CallAnswer, CallOutcome
from bot.slack.files import LARGEST_BYTES, Files, OutgoingFile, unsent_words
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import SlackStandIn

OPS, DIRECT = "C01OPS", "D01ADA"
CHART = OutgoingFile("chart.png", b"\x89PNG", "Accuracy", "How far it was off", "A falling line")


@pytest.fixture
def files(slack: SlackStandIn) -> Files:
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    return Files(client, slack.api_url)


async def test_a_file_reaches_one_person_alone_with_its_comment(
    slack: SlackStandIn, files: Files
) -> None:
    assert (await files.to_person(CHART, ADA.id)).done
    (message,) = slack.messages(DIRECT)
    (shown,) = message.files
    assert (message.text, shown["title"], shown["alt_txt"]) == (
        "How far it was off",
        "Accuracy",
        "A falling line",
    )
    assert slack.workspace.files[shown["id"]].content == b"\x89PNG"
    assert not slack.messages("ops")


async def test_a_file_goes_into_a_thread_of_a_channel_that_the_bot_is_in(
    slack: SlackStandIn, files: Files
) -> None:
    assert (await files.to_channel(CHART, OPS, thread_ts="1700000000.000100")).done
    assert [each.thread_ts for each in slack.messages("ops")] == ["1700000000.000100"]


async def test_a_channel_without_the_bot_gets_no_file(slack: SlackStandIn, files: Files) -> None:
    answer = await files.to_channel(CHART, "C0NOWHERE")
    assert answer.error == "channel_not_found"


async def test_an_app_without_the_scope_says_which_one_it_lacks(
    slack: SlackStandIn, files: Files
) -> None:
    app = slack.workspace.app
    slack.workspace.app = replace(app, scopes=app.scopes - {"files:write"})
    answer = await files.to_channel(CHART, OPS)
    assert answer.outcome is CallOutcome.REFUSED
    assert "lacks the scope files:write" in unsent_words(answer)


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "files.upload"])
@pytest.mark.parametrize("kind", [Kind.DROP, Kind.STATUS, Kind.LOST])
async def test_what_breaks_before_the_share_leaves_no_file_and_no_doubt(
    slack: SlackStandIn, files: Files, step: str, kind: Kind
) -> None:
    slack.faults.add(Fault(kind, operation=step, status=500))
    answer = await files.to_channel(CHART, OPS)
    assert answer.outcome in (CallOutcome.NOT_SENT, CallOutcome.REFUSED)
    assert "could not be sent" in unsent_words(answer)
    assert not slack.messages("ops")


async def test_a_lost_answer_to_the_share_is_doubt_and_no_second_file(
    slack: SlackStandIn, files: Files
) -> None:
    slack.faults.add(Fault(Kind.LOST, operation="files.completeUploadExternal"))
    answer = await files.to_channel(CHART, OPS)
    assert answer.outcome is CallOutcome.UNKNOWN
    assert "did not say whether the file arrived" in unsent_words(answer)
    assert len(slack.messages("ops")) == 1
    assert slack.counts["files.completeUploadExternal"] == 1


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "files.upload"])
async def test_where_slack_wants_a_pause_the_sentence_says_how_long(
    slack: SlackStandIn, files: Files, step: str
) -> None:
    slack.faults.add(Fault(Kind.STATUS, operation=step, retry_after="7"))
    answer = await files.to_channel(CHART, OPS)
    assert answer.outcome is CallOutcome.THROTTLED
    assert unsent_words(answer) == (
        "Slack takes no more files at the moment. Ask again in 7 seconds."
    )


async def test_what_is_too_large_or_empty_is_not_even_begun(
    slack: SlackStandIn, files: Files
) -> None:
    large = replace(CHART, content=bytes(LARGEST_BYTES + 1))
    assert "too large" in unsent_words(await files.to_channel(large, OPS))
    assert (await files.to_channel(replace(CHART, content=b""), OPS)).why == "empty"
    assert not slack.counts["files.getUploadURLExternal"]


@pytest.mark.parametrize(
    ("url", "is_slacks"),
    [
        ("https://files.slack.com/upload/v1/abc", True),
        ("http://files.slack.com/upload/v1/abc", False),
        ("https://files.slack.com.example.org/upload", False),
        ("https://user@files.slack.com/upload", False),
        ("https://files.slack.com:8443/upload", False),
        ("http://127.0.0.1/upload", False),
        ("https://[", False),
    ],
)
def test_bytes_go_to_slacks_own_host_alone(url: str, is_slacks: bool) -> None:
    assert is_slacks_own(url, "slack.com", "files") is is_slacks


def test_an_answer_that_says_nothing_more_is_a_sentence_all_the_same() -> None:
    assert unsent_words(CallAnswer(CallOutcome.REFUSED, why="is_archived")).startswith(
        "The file could not be sent: is_archived."
    )
