"""Who reads about VMs: guests, strangers, shared channels, and what is judged again at a click."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PUBLIC, CLICKS = "bot/requests/approval/public_answers.py", "bot/slack/inbound/advice_clicks.py"
PURE, JOURNEYS = "tests/requests/test_rules_answers.py", "tests/journeys/test_journeys_advice.py"

ROWS = (
    Mutant(
        name="a channel that another company shares reads about VMs",
        file=PUBLIC,
        old="    if facts.is_ext_shared:\n",
        new="    if False:\n",
        tests=(PURE,),
    ),
    Mutant(
        name="a channel that cannot be read reads about VMs",
        file=PUBLIC,
        old="    if facts is None or not facts.exists:\n",
        new="    if facts is None or not facts.exists:\n"
        "        return yes(RulingReason.PUBLIC_FINE)\n"
        "    if False:\n",
        tests=(PURE,),
    ),
    Mutant(
        name="a shared channel that Slack calls only is_shared counts as one's own",
        file="bot/slack/channels.py",
        old='    return said.get("is_ext_shared") is True or others\n',
        new='    return said.get("is_ext_shared") is True\n',
        tests=(PURE,),
    ),
    Mutant(
        name="advice is public wherever somebody says --share",
        file="bot/commands/advise.py",
        old="is_public = ruling is not None and ruling.allowed",
        new="is_public = ruling is not None",
        tests=(
            f"{JOURNEYS}::test_nothing_about_a_vm_is_public_where_others_read_or_nobody_knows_who_does",
        ),
    ),
    Mutant(
        name="guests and strangers ask for advice",
        file="bot/commands/advise.py",
        old="    await audience.require(wish.requester)\n",
        new="",
        tests=(f"{JOURNEYS}::test_guests_strangers_apps_and_whoever_is_unknown_get_no_advice",),
    ),
    Mutant(
        name="guests list and see again what others were advised",
        file="bot/commands/advice.py",
        old="        await audience.require(invocation.requester)\n",
        new="",
        tests=(f"{JOURNEYS}::test_guests_strangers_apps_and_whoever_is_unknown_get_no_advice",),
    ),
    Mutant(
        name="a guest opens why and the bill from a card that is public",
        file=CLICKS,
        old="        await self._desk.audience.require(requester_of(body))\n",
        new="",
        tests=(f"{JOURNEYS}::test_who_lost_the_right_opens_nothing",),
    ),
    Mutant(
        name="a guest shares an advice",
        file=CLICKS,
        old="        await self._desk.audience.require(requester, fresh=True)\n",
        new="",
        tests=(f"{JOURNEYS}::test_who_became_a_guest_shares_nothing",),
    ),
    Mutant(
        name="the channel is not judged again when an advice is shared",
        file=CLICKS,
        old="        if not ruling.allowed:\n            raise NotAllowed(ruling.sentence)\n",
        new="",
        tests=(f"{JOURNEYS}::test_a_channel_that_is_shared_meanwhile_gets_nothing",),
    ),
    Mutant(
        name="two clicks on Share here post the advice twice",
        file=CLICKS,
        old="        if not await advices.claim_share(*ids, requester.user_id):\n",
        new="        if await advices.claim_share(*ids, requester.user_id) is None:\n",
        tests=(f"{JOURNEYS}::test_share_here_posts_it_once_for_the_channel",),
    ),
    Mutant(
        name="a guest reads the requests on the Home tab",
        file="bot/home_service.py",
        old="        if (refused := unfit(person)) is not None:\n",
        new="        if (refused := unfit(person)) is None and refused is not None:\n",
        tests=("tests/journeys/test_journeys_home.py::test_a_guest_sees_no_request",),
    ),
)
