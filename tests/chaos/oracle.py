"""The judge of a run: pure, and in its own words what may never happen, whatever broke.

It asks the played Azure's own log what was made, and holds that against the rows, the ledger,
the approvals and what the people really pressed. It shares no code with the product.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from tests.chaos.counts import breaches, schedule_in
from tests.chaos.evidence import Asked, Evidence, Made, Played, Row, Rule, Violation, Yes

SNAPSHOT, DELETE, RESTORE_POINT = "snapshot", "delete", "restore point"
DONE, WAITING, HALF_DONE = "done", "waiting", "half done"
#: Nothing of these exists in Azure.
WITHOUT_A_TRACE = frozenset({"failed", "refused", "denied", "cancelled", "lapsed", "cleaned up"})
#: Only one of several about a VM may end so here, to point to the first: all faults pass.
TURNED_AWAY = frozenset({"failed", "refused"})
RESTING = WITHOUT_A_TRACE | {DONE, HALF_DONE}
#: What Azure says of work that it failed, and what the product says where it gave no reason.
AZURES_REASONS = ("The disk is odd.", "The storage is busy.", "Azure began it and gave up")
_COUNTED = (SNAPSHOT, RESTORE_POINT)
#: Only what these ends name as left may stay.
_NAME_WHAT_IS_LEFT = frozenset({"failed", "cancelled", "cleaned up"})
_FAILED = "failed"  #: Azure's word about accepted work
_FIRST = 1


def judge(evidence: Evidence) -> tuple[Violation, ...]:
    """Every breach, in the order of the rules."""
    case = _Case(evidence)
    return tuple(
        chain(
            case.lost(),
            case.doubled(),
            case.unapproved(),
            case.stuck(),
            case.broken(),
            case.counted(),
        )
    )


class _Case:
    """The evidence, sorted by request and by VM."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._rows = {row.id: row for row in evidence.rows}
        self._played = {each.vm_id: each for each in evidence.played}
        self._of_vm: Mapping[str, list[Row]] = defaultdict(list)
        for row in evidence.rows:
            self._of_vm[row.vm_id].append(row)
        self._made: Mapping[str, list[Made]] = defaultdict(list)
        for made in evidence.made:
            self._made[made.request_id].append(made)
        self._not_deleted = _not_deleted(evidence.counted.asked)

    def _breach(self, rule: Rule, vm_id: str, sentence: str) -> Violation:
        played = self._played.get(vm_id)
        return Violation(rule, played.number if played else 0, sentence)

    # --- lost --------------------------------------------------------------------------------

    def lost(self) -> Iterator[Violation]:
        for played in self._evidence.played:
            if played.acknowledged and not self._of_vm.get(played.vm_id):
                yield Violation(
                    Rule.LOST, played.number, f"Acknowledged, and no row about {played.vm_id}."
                )
        for row in self._evidence.rows:
            yield from self._given_up(row)
            yield from self._missing(row)
            yield from self._forgotten(row)
        yield from self._ledger()

    def _given_up(self, row: Row) -> Iterator[Violation]:
        """What went wrong passed, but for what Azure accepted and failed, with its own reason.

        The second of two for the same may point to the first. Where Azure failed the first after
        that, the reason is told there, and the second was still right to be turned away.
        """
        if row.state not in TURNED_AWAY or self._is_failed_by_azure(row):
            return
        same = self._for_the_same(row)
        if any(each.state not in TURNED_AWAY for each in same):
            return
        if any(self._is_failed_by_azure(each) and _points_to(row, each) for each in same):
            return
        if row.action == DELETE and row.of_request and not self._exists(row.of_request):
            return  # what it was to reach is so
        sentence = f"{row.id} is {row.state} for what passes: {row.why}"
        yield self._breach(Rule.LOST, row.vm_id, sentence)

    def _is_failed_by_azure(self, row: Row) -> bool:
        played = self._played.get(row.vm_id)
        return played is not None and played.work_failed and _is_azures(row.why)

    def _for_the_same(self, row: Row) -> list[Row]:
        """The others with this action about this VM and, of deletions, the same points."""
        return [
            each
            for each in self._of_vm[row.vm_id]
            if each.id != row.id and (each.action, each.of_request) == (row.action, row.of_request)
        ]

    def _exists(self, request_id: str) -> bool:
        return any(made.arm_id in self._evidence.there for made in self._made[request_id])

    def _missing(self, row: Row) -> Iterator[Violation]:
        """Done, and not all of it exists."""
        if row.state != DONE or row.action != SNAPSHOT or row.kind not in _COUNTED:
            return
        there = [made for made in self._made[row.id] if made.arm_id in self._evidence.there]
        wanted = set(row.disks) if row.kind == SNAPSHOT else {""}
        for disk in sorted(wanted - {made.disk_id for made in there}):
            yield self._breach(
                Rule.LOST, row.vm_id, f"{row.id} is done and has no {row.kind} of {disk or 'it'}."
            )

    def _forgotten(self, row: Row) -> Iterator[Violation]:
        """It exists and costs money, and nobody knows of it."""
        known = {point.arm_id for point in self._evidence.points if point.request_id == row.id}
        for made in self._made[row.id]:
            if made.arm_id not in self._evidence.there or self._is_named_as_left(row, made):
                continue
            if row.state in WITHOUT_A_TRACE:
                sentence = f"{row.id} is {row.state}, and {made.arm_id} exists."
                yield self._breach(Rule.LOST, row.vm_id, sentence)
            elif row.state in RESTING and made.arm_id not in known:
                sentence = f"{row.id} is {row.state}, and {made.arm_id} is not in the ledger."
                yield self._breach(Rule.LOST, row.vm_id, sentence)

    def _is_named_as_left(self, row: Row, made: Made) -> bool:
        """A wreck that Azure did not delete when it was asked to, and its people know its id."""
        is_named = row.state in _NAME_WHAT_IS_LEFT and made.arm_id in row.left
        return is_named and made.is_wreck and made.arm_id in self._not_deleted

    def _ledger(self) -> Iterator[Violation]:
        for point in self._evidence.points:
            if point.arm_id not in self._evidence.there:
                row = self._rows.get(point.request_id)
                sentence = f"The ledger of {point.request_id} has {point.arm_id}: it is not there."
                yield self._breach(Rule.LOST, row.vm_id if row else "", sentence)

    # --- doubled -----------------------------------------------------------------------------

    def doubled(self) -> Iterator[Violation]:
        yield from self._made_twice()
        yield from self._asked_twice()
        votes = Counter((yes.request_id, yes.revision, yes.user_id) for yes in self._approvals())
        for (request_id, revision, user_id), count in votes.items():
            if count > 1:
                row = self._rows.get(request_id)
                sentence = f"{user_id} approved {request_id}, revision {revision}, {count} times."
                yield self._breach(Rule.DOUBLED, row.vm_id if row else "", sentence)

    def _made_twice(self) -> Iterator[Violation]:
        """Over everything that ever came to be, whether it is still there or not."""
        made = Counter(
            (each.request_id, each.kind, each.vm_id, each.disk_id)
            for each in self._evidence.made
            if each.request_id and not each.has_failed
        )
        for (request_id, kind, vm_id, disk_id), count in made.items():
            if count > 1:
                sentence = f"{count} of kind {kind} for {request_id} of {disk_id or vm_id}."
                yield self._breach(Rule.DOUBLED, vm_id, sentence)

    def _asked_twice(self) -> Iterator[Violation]:
        for vm_id, rows in self._of_vm.items():
            asked = [row for row in rows if row.action == SNAPSHOT]
            live = [row for row in asked if row.state not in RESTING]
            typed = self._played[vm_id].typed if vm_id in self._played else 0
            if len(asked) > typed:
                sentence = f"{len(asked)} requests about {vm_id}, typed {typed} times."
                yield self._breach(Rule.DOUBLED, vm_id, sentence)
            if len(live) > 1:
                sentence = f"{len(live)} live requests about {vm_id}."
                yield self._breach(Rule.DOUBLED, vm_id, sentence)

    # --- unapproved --------------------------------------------------------------------------

    def unapproved(self) -> Iterator[Violation]:
        for made in self._evidence.made:
            row, played = self._rows.get(made.request_id), self._played.get(made.vm_id)
            if row is None or played is None or row.vm_id != made.vm_id:
                sentence = f"{made.arm_id} was made for {made.request_id or 'no request'}."
                yield self._breach(Rule.UNAPPROVED, made.vm_id, sentence)
                continue
            if row.finished_at and made.at > row.finished_at:
                sentence = f"{made.arm_id} was made after {row.id} was {row.state}."
                yield self._breach(Rule.UNAPPROVED, made.vm_id, sentence)
            valid = {yes.user_id for yes in self._approvals() if _counts(yes, made, row, played)}
            if len(valid) < played.approvals_needed:
                sentence = (
                    f"{made.arm_id} was made with {len(valid)} valid approvals of "
                    f"{played.approvals_needed}."
                )
                yield self._breach(Rule.UNAPPROVED, made.vm_id, sentence)

    def _approvals(self) -> tuple[Yes, ...]:
        return self._evidence.approvals

    # --- stuck -------------------------------------------------------------------------------

    def stuck(self) -> Iterator[Violation]:
        for row in self._evidence.rows:
            played = self._played.get(row.vm_id)
            left_waiting = row.state == WAITING and (played is None or played.waits_for_nobody)
            if row.state not in RESTING and not left_waiting and not self._is_a_later_one(row):
                yield self._breach(Rule.STUCK, row.vm_id, f"{row.id} is still {row.state}.")
        for played in self._evidence.played:
            if played.gave_up:
                yield Violation(Rule.STUCK, played.number, played.gave_up)
        for request_id in self._evidence.unanswered:
            found = self._rows.get(request_id)
            sentence = f"A click on {request_id} was never answered."
            yield self._breach(Rule.STUCK, found.vm_id if found else "", sentence)
        for request_id, count in self._evidence.undone_steps.items():
            found = self._rows.get(request_id)
            sentence = f"{request_id} is done with {count} steps undone."
            yield self._breach(Rule.STUCK, found.vm_id if found else "", sentence)

    def _is_a_later_one(self, row: Row) -> bool:
        """Typed anew because the first answer was lost: its people had left, so it waits."""
        rest = RESTING - TURNED_AWAY
        same = self._for_the_same(row)
        return row.state == WAITING and any(each.state in rest for each in same)

    # --- what is counted ---------------------------------------------------------------------

    def counted(self) -> Iterator[Violation]:
        for rule, about, sentence in breaches(self._evidence.counted):
            row = self._rows.get(about)
            played = self._played.get(row.vm_id) if row else None
            yield Violation(rule, played.number if played else schedule_in(about), sentence)

    # --- the audit chain ---------------------------------------------------------------------

    def broken(self) -> Iterator[Violation]:
        entries = sorted(self._evidence.audit, key=lambda entry: entry.seq)
        before = None
        for number, entry in enumerate(entries, _FIRST):
            if entry.seq != number or (before is not None and entry.previous != before.hash):
                yield Violation(Rule.BROKEN, 0, f"Entry {entry.seq} does not follow {number - 1}.")
                break
            before = entry
        last = (before.seq, before.hash) if before else (0, "")
        if before and last != self._evidence.head:
            yield Violation(Rule.BROKEN, 0, f"The head is {self._evidence.head}, not {last}.")
        if self._evidence.verified:
            yield Violation(Rule.BROKEN, 0, self._evidence.verified)
        written = {entry.request_id for entry in entries}
        for row in self._evidence.rows:
            if row.id not in written:
                yield Violation(Rule.BROKEN, 0, f"{row.id} was never written down.")


def _not_deleted(asked: Sequence[Asked]) -> frozenset[str]:
    """What Azure was asked to delete, and said that it failed."""
    failed = {each.path for each in asked if each.state == _FAILED}
    return frozenset(
        each.path for each in asked if each.method == "DELETE" and each.operation in failed
    )


def _is_azures(why: str) -> bool:
    return any(each in why for each in AZURES_REASONS)


def _points_to(row: Row, first: Row) -> bool:
    """Whether it was turned away for the other, which was not over when it was asked."""
    was_live = (
        row.asked_at is not None
        and first.finished_at is not None
        and first.finished_at >= row.asked_at
    )
    return first.id in row.why and was_live


def _counts(yes: Yes, made: Made, row: Row, played: Played) -> bool:
    """Whether it is an approval of this plan, by one who might, who pressed, in time."""
    pressed = [each.at for each in played.pressed if each.user_id == yes.user_id]
    return (
        yes.request_id == row.id
        and yes.user_id in played.may_approve
        and yes.user_id != row.requester == played.requester
        and yes.plan_hash == (made.plan_hash or row.plan_hash)
        and bool(pressed)
        and min(pressed) <= yes.at <= made.at
        and (row.decide_by is None or yes.at <= row.decide_by)
    )
