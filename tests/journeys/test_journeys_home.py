"""The App Home over the wire: what waits for my decision, my requests, and nobody else's."""

from __future__ import annotations

import pytest

from deploy.local.slack.people import ADA, OLU
from deploy.local.slack.workspace import Message
from tests.journeys.requesting_system import GUS, Requesting
from tests.journeys.running_system import PATIENCE_SECONDS, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def home(place: Requesting, user: str, part: str) -> str:
    """What a person's home says, as soon as it says this."""

    def said() -> str:
        view = place.slack.home(user)
        return "\n".join(texts(Message("", "", "", "", view.blocks))) if view else ""

    await place.slack.open_home(user)
    try:
        await place.slack.until(lambda: part in said(), PATIENCE_SECONDS)
    except TimeoutError:
        raise AssertionError(f"{said()}\n{place.log()[-2000:]}") from None
    return said()


async def test_whoever_may_decide_sees_what_waits_and_the_requester_sees_their_own(
    either_quiet: Requesting,
) -> None:
    place = either_quiet
    request_id, _ = await place.waiting("wiki-01", "before the home was shown")
    graces = await home(place, "grace", "before the home was shown")
    assert "Snapshot of wiki-01" in graces
    assert "Cost until it expires: " in graces
    adas = await home(place, "ada", request_id)
    waiting, _, mine = adas.partition("Your requests")
    assert "wiki-01" not in waiting  # nobody decides their own
    assert "waiting for approval" in mine
    await place.say(f"help {request_id}")  # the home is read anew each time
    card = await place.card(request_id)
    await place.slack.press("ada", card, "request:cancel")
    await place.until_state(request_id, "cancelled")
    assert "cancelled" in await home(place, "ada", ": cancelled")
    assert "before the home was shown" not in await home(place, "grace", "Nothing waits for you.")


async def test_the_button_on_the_home_reads_it_anew(quiet: Requesting) -> None:
    await home(quiet, "linus", "Your requests")
    published = len(quiet.slack.called("views.publish"))
    view = quiet.slack.home("linus")
    assert view is not None
    await quiet.slack.press("linus", view, "home:refresh")
    await quiet.slack.until(
        lambda: len(quiet.slack.called("views.publish")) > published, PATIENCE_SECONDS
    )


@pytest.mark.parametrize("user", [GUS.id])
async def test_a_guest_sees_no_request(quiet: Requesting, user: str) -> None:
    said = await home(quiet, user, "guests may not do this")
    assert "Snapshot" not in said
    assert "Your requests" not in said


async def test_a_forged_event_shows_nothing_to_a_stranger(quiet: Requesting) -> None:
    event = {"type": "app_home_opened", "user": OLU.id, "tab": "home", "channel": "D1"}
    body = {"type": "event_callback", "team_id": "T0VMBACKUP", "event_id": "Ev1", "event": event}
    await quiet.forge(body, "events_api")
    await quiet.slack.until(lambda: quiet.slack.home(OLU.id), PATIENCE_SECONDS)
    view = quiet.slack.home(OLU.id)
    assert view is not None
    assert "belongs to another workspace" in str(view.blocks)
    for event in ({"type": "app_home_opened"}, {"type": "app_home_opened", "tab": "messages"}):
        assert not (await quiet.forge(body | {"event": event}, "events_api")).why
    assert ADA.id not in str(view.blocks)
