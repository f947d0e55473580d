"""The judge of what is counted: requests to Azure, posts to Slack, writes under a lease. Pure.

The bounds are the product's promises in figures of this file's own, so that a product whose
constants changed is found out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, pairwise

from tests.chaos.evidence import Asked, Begun, Counted, Noted, Rule, Sending

#: How often Azure may accept one request of a step and not carry it out.
ACCEPTED_AT_MOST = 3
#: What may have been posted is posted again no sooner than this after it was sent.
POST_AGAIN_SECONDS = 15.0
#: An error that no further request mends: its request is never sent again.
FOR_GOOD = "OddDisk"

#: Measurements are read where they can be: what is refused is unknown, the next plan asks anew, and
#: the product keeps no wait for them.
_NO_WAIT_KEPT = "/providers/microsoft.insights/"
_WRITES = frozenset({"PUT", "PATCH", "DELETE"})
_POST, _EDIT_AND_WHISPER = "/api/chat.postmessage", ("/api/chat.update", "/api/chat.postephemeral")
#: A request that was on its way when the answer came; of edits, several are. A clock's tick.
_ON_ITS_WAY, _EDITS_ON_THEIR_WAY = timedelta(seconds=0.3), timedelta(seconds=1.0)
_TICK = timedelta(seconds=0.1)
#: The longest that a process which stood still sends later than it saw.
_STOOD_STILL_SECONDS = 7.0
_TOO_MANY, _SUCCESS, _NOT_FOUND, _SERVER_ERROR = 429, 300, 404, 500
_GROUP = re.compile(r"/resourcegroups/rg-chaos-0*(\d+)/")

#: A rule, the path or request that it is about, and the sentence.
Breach = tuple[Rule, str, str]


def breaches(counted: Counted) -> Iterator[Breach]:
    """Every breach of what is counted."""
    case = _Case(counted)
    return chain(case.sent(), case.early(), case.posts(), case.unheld())


def schedule_in(path: str) -> int:
    """The number of the schedule whose resource group a path has; 0: none."""
    found = _GROUP.search(path)
    return int(found[1]) if found else 0


@dataclass
class _Sends:
    """How a target stands: what was sent since its step began, and who looked last."""

    begun_at: list[datetime] = field(default_factory=list)
    noted_at: list[datetime] = field(default_factory=list)
    puts: int = 0
    accepted: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    failed_for_good: set[tuple[str, int]] = field(default_factory=set)
    last: dict[str, Asked] = field(default_factory=dict)  #: by process, the newest request


class _Case:
    """What was counted, sorted."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._asked = sorted(counted.asked, key=lambda each: each.at)
        self._azure = [each for each in self._asked if not each.path.startswith("/api/")]
        self._slack = [each for each in self._asked if each.path.startswith("/api/")]
        self._sends: Mapping[str, _Sends] = defaultdict(_Sends)
        for step in counted.steps:
            found = self._sends[step.target]
            if isinstance(step, Begun):
                found.begun_at.append(step.at)
            elif isinstance(step, Noted) and not step.verb.startswith("delete-"):
                found.noted_at.append(step.at)

    def _was_hit(self, who: str, since: datetime, until: datetime) -> bool:
        """Whether something stood in the way of this process between those moments."""
        return any(
            each.who in ("", who) and each.at <= until and each.until >= since
            for each in self._counted.blows
        )

    # --- sends -------------------------------------------------------------------------------

    def sent(self) -> Iterator[Breach]:
        """Each send: noted before, after a look that allows it, within its bound."""
        operations: dict[str, tuple[_Sends, tuple[str, int]]] = {}
        for each in self._azure:
            if (of := operations.get(each.path)) is not None:
                if each.delivered and each.code == FOR_GOOD:
                    of[0].failed_for_good.add(of[1])
                continue
            found = self._sends[each.path]
            if each.method in _WRITES:
                key = (each.method, bisect_left(found.begun_at, each.at))
                yield from _unnoted(found, each)
                yield from _unseen(found, each)
                yield from _unbounded(found, each, key)
                if key in found.failed_for_good and not self._stood_still(each):
                    sentence = f"{each.method} {each.path} after Azure had failed it for good."
                    yield Rule.OFTEN, each.path, sentence
                if each.operation:
                    operations[each.operation] = (found, key)
            found.last[each.who] = each

    # --- Retry-After -------------------------------------------------------------------------

    def early(self) -> Iterator[Breach]:
        """Azure: the same path, by whichever process, because the wait is in the row.

        Slack: edits and whispers by the same process, which remembers; posts in the same channel
        by any, because the channel rests in the database.
        """
        refused = [
            each for each in self._asked if each.retry_after_seconds and each.status == _TOO_MANY
        ]
        for first in refused:
            if not first.delivered or _NO_WAIT_KEPT in first.path:
                continue
            over = first.answered_at + timedelta(seconds=first.retry_after_seconds) - _TICK
            is_edit = first.path in _EDIT_AND_WHISPER
            begins = first.answered_at + (_EDITS_ON_THEIR_WAY if is_edit else _ON_ITS_WAY)
            for each in self._between(begins, over, _same_class(first)):
                if not self._was_hit(first.who, first.answered_at - _ON_ITS_WAY, each.at):
                    after = (each.at - first.answered_at).total_seconds()
                    yield (
                        Rule.EARLY,
                        each.path,
                        f"{each.method} {each.path} {after:.1f} s after a Retry-After of "
                        f"{first.retry_after_seconds:.0f} s.",
                    )
                    break

    def _between(
        self, since: datetime, until: datetime, wanted: Callable[[Asked], bool]
    ) -> Iterator[Asked]:
        place = bisect_left(self._asked, since, key=lambda each: each.at)
        for each in self._asked[place:]:
            if each.at >= until:
                return
            if wanted(each):
                yield each

    # --- posts -------------------------------------------------------------------------------

    def posts(self) -> Iterator[Breach]:
        """Each post belongs to one note that its message is being sent."""
        posts: dict[tuple[int, int], list[tuple[Sending, Asked]]] = defaultdict(list)
        used: set[int] = set()
        for each in self._slack:
            if each.path != _POST:
                continue
            place = self._sending_of(each)
            if place is None:
                continue
            sending = self._counted.sendings[place]
            if place in used:
                sentence = f"Message {sending.message_id} went out twice for one note of it."
                yield Rule.POSTED, sending.request_id, sentence
            used.add(place)
            posts[sending.message_id, self._times_anew(sending)].append((sending, each))
        for found in posts.values():
            yield from self._again(found)

    def _sending_of(self, post: Asked) -> int | None:
        """The place of the newest note before this post that its process is sending there."""
        for place in reversed(range(len(self._counted.sendings))):
            each = self._counted.sendings[place]
            is_it = each.at <= post.at and post.channel in each.where and not each.is_anew
            if is_it and post.who in ("", each.who):
                return place
        return None

    def _times_anew(self, sending: Sending) -> int:
        return sum(
            each.is_anew and each.message_id == sending.message_id and each.at <= sending.at
            for each in self._counted.sendings
        )

    def _again(self, found: list[tuple[Sending, Asked]]) -> Iterator[Breach]:
        """Counted from note to note, in the database's time: what stands still posts late.

        Whose post it was says its note: a process that is killed while its post is on the way is
        gone when the harness looks who posted.
        """
        for (before, first), (again, _) in pairwise(found):
            if _is_refused_by_slack(first):
                continue
            after = (again.at - before.at).total_seconds()
            if _is_answered(first):
                if not self._was_hit(before.who, before.at, again.at):
                    sentence = (
                        f"Message {before.message_id} was posted, and again {after:.1f} s later."
                    )
                    yield Rule.POSTED, before.request_id, sentence
            elif after < POST_AGAIN_SECONDS:
                sentence = (
                    f"Message {before.message_id} was posted blindly again after {after:.1f} s."
                )
                yield Rule.POSTED, before.request_id, sentence

    def _stood_still(self, each: Asked) -> bool:
        """Whether its sender was hit between what it saw and the request."""
        return self._was_hit(each.who, each.at - timedelta(seconds=_STOOD_STILL_SECONDS), each.at)

    # --- the lease ---------------------------------------------------------------------------

    def unheld(self) -> Iterator[Breach]:
        for each in self._counted.moves:
            if each.who != each.holder:
                holder = f"{each.holder} held it" if each.holder else "nobody held it"
                sentence = f"{each.request_id}: {each.what} by {each.who}, while {holder}."
                yield Rule.UNHELD, each.request_id, sentence


def _unnoted(found: _Sends, each: Asked) -> Iterator[Breach]:
    if each.method != "PUT":
        return
    found.puts += 1
    noted = bisect_left(found.noted_at, each.at)
    if noted < found.puts:
        sentence = f"{each.path} was sent {found.puts} times and noted {noted} times before."
        yield Rule.BLIND, each.path, sentence
        found.puts = noted  # said once, not of each further one


def _unseen(found: _Sends, each: Asked) -> Iterator[Breach]:
    """The process that sends looked right before, and saw that there is something to do."""
    last = found.last.get(each.who)
    if not each.who or (last is not None and _allows(last, each.method)):
        return
    saw = f"the answer {last.status} {last.state} to a {last.method}" if last else "no look"
    yield Rule.BLIND, each.path, f"{each.method} {each.path} by {each.who} after {saw}."


def _allows(last: Asked, method: str) -> bool:
    if last.method != "GET" or not last.delivered:
        return False
    is_absent = last.status == _NOT_FOUND
    if method == "PUT":
        return is_absent or last.state in ("failed", "canceled")
    return last.status < _SUCCESS


def _unbounded(found: _Sends, each: Asked, key: tuple[str, int]) -> Iterator[Breach]:
    if each.delivered and each.status < _SUCCESS:
        found.accepted[key] += 1
        if found.accepted[key] > ACCEPTED_AT_MOST:
            sentence = f"Azure accepted {each.method} {each.path} {found.accepted[key]} times."
            yield Rule.OFTEN, each.path, sentence


def _same_class(first: Asked) -> Callable[[Asked], bool]:
    if first.path == _POST:
        return lambda each: each.path == _POST and each.channel == first.channel
    if first.path in _EDIT_AND_WHISPER:
        return lambda each: each.path == first.path and each.who == first.who != ""
    return lambda each: each.path == first.path


def _is_refused_by_slack(post: Asked) -> bool:
    """Slack said no: nothing was posted, and the product knows."""
    is_told = post.delivered and post.status < _SERVER_ERROR
    return is_told and (post.status == _TOO_MANY or post.state != "ok")


def _is_answered(post: Asked) -> bool:
    return post.delivered and post.state == "ok"


def count_of(counted: Counted) -> Mapping[str, int]:
    """How much was counted, by what it is called in the report."""
    return {
        "requests to Azure that change": sum(each.method in _WRITES for each in counted.asked),
        "answers with a Retry-After": _sum(counted.asked, lambda each: each.status == _TOO_MANY),
        "posts": _sum(counted.asked, lambda each: each.path == _POST),
        "writes under a lease": len(counted.moves),
    }


def _sum(found: Iterable[Asked], wanted: Callable[[Asked], bool]) -> int:
    return sum(map(wanted, found))
