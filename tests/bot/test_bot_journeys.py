"""Journeys over both transports: from the command to the card in the channel."""

from __future__ import annotations

import asyncio
import re

import pytest
from running_bot import TRANSPORTS, Desk, MovedClock, running
from slack_limits import problems

from advisor.asked import AdviceAsked
from advisor.errors import AzureRefused, VmbackupError, VmNotFound
from advisor.quantities import parse_duration
from bot.slack.inbound.idle import IDLE_SECONDS, LONGEST_UNTIL_IDLE_SECONDS, IdleClock


async def test_a_command_is_acknowledged_and_then_answered_with_the_card(desk: Desk) -> None:
    ack = await desk.say("advise web-01 —rpo 4h")
    assert ack["response_type"] == "ephemeral"
    assert ack["text"] == "Looking at web-01. Only you see the advice."
    card = await desk.answer()
    assert card["response_type"] == "ephemeral"
    assert card["replace_original"] is False
    assert card["text"].startswith("web-01 is unprotected. Protect it with Azure Backup")
    assert problems(card) == []
    assert "meets the production tier" in str(card["blocks"])
    assert desk.adviser.asked == [AdviceAsked(vm="web-01", rpo=parse_duration("4h"))]


async def test_the_acknowledgement_does_not_wait_for_azure(desk: Desk) -> None:
    """The adviser is held back until the acknowledgement has arrived."""
    desk.adviser.may_answer.clear()
    await desk.say("advise web-01")
    assert desk.slack.of("response") == []
    desk.adviser.may_answer.set()
    await desk.answer()


@pytest.mark.parametrize("text", ["", "help", "HELP"])
async def test_help_lists_the_commands_to_the_person_alone(desk: Desk, text: str) -> None:
    ack = await desk.say(text)
    assert ack["response_type"] == "ephemeral"
    assert "/vmbackup advise VM" in ack["text"]
    assert "/vmbackup help" in ack["text"]
    assert problems(ack) == []


@pytest.mark.parametrize("text", ["help advise", "advise --help", "advise web-01 -h"])
async def test_the_flags_of_a_command_are_explained(desk: Desk, text: str) -> None:
    ack = await desk.say(text)
    assert "--region-rpo DURATION" in ack["text"]
    assert desk.adviser.asked == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("adivse web-01", "Did you mean /vmbackup advise?"),
        (
            "web-01",
            "There is no command “web-01”. There is: advise, advice, bill, measure, ",
        ),
        ("help wat", "There is no command “wat”."),
        ("advise", "The flags are listed by /vmbackup help advise."),
        ("advise web-01 --rpo soon", "“soon” is not a duration."),
        ("advise “web-01", "A quotation mark is opened and not closed."),
        ("advise web-01 --rop 4h", "--rop"),
    ],
)
async def test_a_slip_is_answered_at_once_with_what_to_do(
    desk: Desk, text: str, sentence: str
) -> None:
    ack = await desk.say(text)
    assert sentence in ack["text"]
    assert ack["response_type"] == "ephemeral"
    assert problems(ack) == []
    assert desk.adviser.asked == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (VmNotFound("web-1", ["web-01"]), "Did you mean “web-01”?"),
        (AzureRefused("the disks", "403.", "Reader on s-1"), "Its identity needs Reader on s-1."),
    ],
)
async def test_what_azure_says_no_to_is_said_to_the_person_alone(
    desk: Desk, error: VmbackupError, sentence: str
) -> None:
    desk.adviser.error = error
    await desk.say("advise web-1")
    answer = await desk.answer()
    assert answer["response_type"] == "ephemeral"
    assert sentence in answer["text"]


async def test_the_unforeseen_has_an_id_that_is_also_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.adviser.error = ZeroDivisionError("a slip of ours")
    await desk.say("advise web-01")
    answer = await desk.answer()
    found = re.search(r"error ([0-9a-f]{8}) is in its log", answer["text"])
    assert found
    assert "a slip of ours" not in answer["text"]
    (record,) = [each for each in caplog.records if found[1] in each.getMessage()]
    assert record.exc_info
    assert "a slip of ours" in caplog.text


async def test_a_redelivered_command_is_done_once(desk: Desk) -> None:
    """The same trigger_id in a new envelope, or newly signed."""
    body = desk.slack.command("advise web-01")
    first = await desk.deliver(body, "envelope-a")
    second = await desk.deliver(body | {"enterprise_id": "E1"}, "envelope-b")
    assert first["text"].startswith("Looking at")
    assert second == {}
    await desk.say("advise web-02", number="9")
    await desk.answer(2)
    assert [asked.vm for asked in desk.adviser.asked] == ["web-01", "web-02"]


async def test_a_vm_called_payload_is_advised_on(desk: Desk) -> None:
    await desk.say("advise vm-payload-01")
    assert (await desk.answer())["text"].startswith("vm-payload-01 is ")


async def test_a_name_full_of_markup_calls_nobody(desk: Desk) -> None:
    ack = await desk.say("advise &lt;!here&gt;")
    assert "&lt;!here&gt;" in ack["text"]
    card = await desk.answer()
    assert "<!here>" not in card["text"]
    assert problems(card) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_at_the_end_running_work_is_finished_first(transport: str) -> None:
    async with running(transport) as desk:
        desk.adviser.may_answer.clear()
        await desk.say("advise web-01")
        asyncio.get_running_loop().call_later(0.1, desk.adviser.may_answer.set)
    assert [each.what for each in desk.slack.received][-1] == "response"
    assert desk.slack.of("response")[0].body["text"].startswith("web-01 is unprotected. Protect")


async def test_work_that_does_not_end_is_given_up_and_the_person_is_told(desk: Desk) -> None:
    desk.adviser.may_answer.clear()
    await desk.say("advise web-01")
    await desk.bot.work.finish(patience_seconds=0.05)
    answer = await desk.answer()
    assert "stopped before the answer was ready" in answer["text"]
    assert answer["response_type"] == "ephemeral"


async def test_work_waits_until_the_commands_that_came_together_are_acknowledged() -> None:
    """What begins to read Azure at once would stand in the way of the other acknowledgements."""
    clock = MovedClock()
    async with running("http", clock) as http:
        await asyncio.gather(*(http.say(f"advise web-{number:02}") for number in range(5)))
        assert http.adviser.asked == []
        clock.now += IDLE_SECONDS
        await http.answer(5)
        assert len(http.adviser.asked) == 5


async def test_under_a_flood_of_commands_the_work_begins_all_the_same() -> None:
    clock = MovedClock()
    quiet = IdleClock(clock)
    quiet.stir()
    waiting = asyncio.create_task(quiet.wait())
    await asyncio.sleep(0)  # it looks at the clock before the clock moves
    for _ in range(100):
        clock.now += LONGEST_UNTIL_IDLE_SECONDS / 128  # exact in binary, so nothing is rounded
        quiet.stir()
        await asyncio.sleep(0.001)
        assert not waiting.done()
    clock.now = LONGEST_UNTIL_IDLE_SECONDS
    quiet.stir()
    await asyncio.wait_for(waiting, timeout=30)


async def test_no_more_than_ten_are_looked_at_at_once_and_all_are_answered(desk: Desk) -> None:
    desk.adviser.may_answer.clear()
    for number in range(12):
        await desk.say(f"advise web-{number:02}")
    async with asyncio.timeout(30):
        while len(desk.adviser.asked) < 10:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert len(desk.adviser.asked) == 10
    desk.adviser.may_answer.set()
    await desk.answer(12)


async def test_beyond_its_capacity_the_bot_says_so(desk: Desk) -> None:
    desk.bot.work._most = 1
    desk.adviser.may_answer.clear()
    await desk.say("advise web-01")
    assert "too much to do" in (await desk.say("advise web-02"))["text"]
    desk.adviser.may_answer.set()
    await desk.answer()
