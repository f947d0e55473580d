"""What comes from Slack and goes to it: signatures, waits, posts that may be there already."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

DELIVERY, CALLS = "bot/slack/delivery.py", "bot/slack/calls.py"
SENDING = "tests/slack/test_bot_slack_delivery.py"
SENDER, OUTBOX = "tests/slack/test_bot_slack_sender.py", "tests/database/test_store_outbox.py"
GUARD, SIGNATURES = "tests/bot/test_bot_guard.py", "bot/slack/inbound/signatures.py"

ROWS = (
    Mutant(
        name="the Retry-After of a channel's posts is ignored",
        file="bot/slack/outbox.py",
        old="rest_seconds = max(seconds, rest_seconds) if whole_channel else rest_seconds",
        new="rest_seconds = max(seconds, rest_seconds) if not whole_channel else rest_seconds",
        tests=(f"{SENDER}::test_a_429_of_a_channels_posts_is_kept_for_every_sender",),
        asks_chaos=True,
    ),
    Mutant(
        name="the Retry-After of edits is ignored for the other cards",
        file=DELIVERY,
        old="self._not_before[way.method] = self._clock() + answer.retry_after_seconds",
        new="self._not_before[way.method] = self._clock()",
        tests=(f"{SENDING}::test_a_throttled_edit_holds_up_other_edits_and_nothing_else",),
        asks_chaos=True,
    ),
    Mutant(
        name="a message waits not as long as Slack says but as long as we say",
        file=CALLS,
        old="return float(asked) if asked.isascii() and asked.isdecimal() else _PAUSE_SECONDS",
        new="return min(float(asked or 0), 1.0)",
        tests=(f"{SENDING}::test_a_429_is_waited_out_for_as_long_as_slack_says",),
        asks_chaos=True,
    ),
    Mutant(
        name="a post whose answer was lost is soon repeated",
        file=DELIVERY,
        old="                first = _UNREACHED_SECONDS if is_safe else self._lost_seconds\n",
        new="                first = self._lost_seconds if is_safe else _UNREACHED_SECONDS\n",
        tests=(
            f"{SENDING}::test_a_post_whose_answer_was_lost_is_sent_once_and_again_only_after_a_pause",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a broken connection counts as: nothing was posted",
        file=CALLS,
        old="return CallAnswer(CallOutcome.UNKNOWN, why=type(error).__name__)",
        new="return CallAnswer(CallOutcome.NOT_SENT, why=type(error).__name__)",
        tests=(
            f"{SENDING}::test_a_post_whose_answer_was_lost_is_sent_once_and_again_only_after_a_pause",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="Slack's own SDK repeats a post by itself",
        file=CALLS,
        old="            retry_handlers=[],\n",
        new="",
        tests=(
            f"{SENDING}::test_a_post_whose_answer_was_lost_is_sent_once_and_again_only_after_a_pause",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a message is sent without the lease on its channel",
        file=DELIVERY,
        old="                if not await still_ours():\n                    return None\n",
        new="                await still_ours()\n",
        tests=(f"{SENDING}::test_without_the_lease_nothing_is_sent",),
        asks_chaos=True,
    ),
    Mutant(
        name="a message that a dead sender had begun is sent again at once",
        file="bot/database/outbox.py",
        old="UPDATE messages SET not_before = vmbackup_now() + %(wait)s WHERE id",
        new="UPDATE messages SET not_before = vmbackup_now() - %(wait)s WHERE id",
        tests=(f"{OUTBOX}::test_what_was_begun_and_never_ended_is_sent_again_only_after_a_pause",),
        asks_chaos=True,
    ),
    Mutant(
        name="a sender whose lease ran out sends all the same",
        file="bot/database/outbox.py",
        old='      AND lease_token = %(token)s AND lease_until > vmbackup_now()\n"""\n_SENDING',
        new='      AND lease_token = %(token)s\n"""\n_SENDING',
        tests=(f"{OUTBOX}::test_a_lease_that_ran_out_sends_nothing",),
    ),
    Mutant(
        name="the card of before is taken for the one that was posted anew",
        file="bot/database/outbox.py",
        old="    WHERE id = %(id)s AND (kind <> 'card' OR %(version)s >= from_version)\n",
        new="    WHERE id = %(id)s\n",
        tests=(f"{OUTBOX}::test_a_card_posted_anew_is_not_taken_for_the_one_before",),
    ),
    Mutant(
        name="a message that Slack has is sent twice where the database goes away",
        file="bot/slack/outbox.py",
        old="                await asyncio.sleep(_AWAY_SECONDS)\n",
        new="                return\n",
        tests=(
            f"{SENDER}::test_a_message_that_slack_has_is_not_sent_twice_because_the_database_went_away",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="of a signature only the beginning is compared",
        file=SIGNATURES,
        old="matches = [hmac.compare_digest(each, signature) for each in wanted]",
        new="matches = [each.startswith(signature[:3]) for each in wanted]",
        tests=(GUARD,),
    ),
    Mutant(
        name="a signature of any age is taken",
        file=SIGNATURES,
        old="return abs(self._now() - int(timestamp)) <= WINDOW_SECONDS",
        new="return int(timestamp) - self._now() <= WINDOW_SECONDS",
        tests=(GUARD,),
    ),
    Mutant(
        name="a signed request may come again while its time is still fresh",
        file=SIGNATURES,
        old="REPLAYS_KEPT_SECONDS = 2 * WINDOW_SECONDS",
        new="REPLAYS_KEPT_SECONDS = WINDOW_SECONDS",
        tests=(GUARD,),
    ),
    Mutant(
        name="a guest of several channels is no guest",
        file="bot/slack/people.py",
        old='_flag(user, "is_restricted", said_less)\n'
        '        or _flag(user, "is_ultra_restricted", said_less),',
        new='_flag(user, "is_ultra_restricted", said_less),',
        tests=("tests/slack/test_bot_slack_people.py::test_what_bars_somebody_is_read",),
    ),
    Mutant(
        name="a group that could not be read has nobody in it, instead of being unknown",
        file="bot/slack/people.py",
        old='        body = await self._reads.body("usergroups.users.list", usergroup=group_id)\n'
        "        if body is None:\n            return None\n",
        new='        body = await self._reads.body("usergroups.users.list", usergroup=group_id)\n'
        "        if body is None:\n            return frozenset()\n",
        tests=(
            "tests/slack/test_bot_slack_people.py"
            "::test_whatever_goes_wrong_a_group_is_unreadable_and_asked_only_once",
        ),
    ),
    Mutant(
        name="a bot acts before Slack told it that it is alone",
        file="bot/slack/inbound/single_instance.py",
        old="return self._shares_database or self._others == 0",
        new="return self._shares_database or not self._others",
        tests=("tests/jobs/test_jobs_brains.py",),
    ),
)
