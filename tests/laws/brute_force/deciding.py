"""Rule 8 of the design: what to do about a VM, with what is in place or without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import combinations, product

from advisor.model import Course, Event, KnownVm, Meets, Need, Sizing, Verdict
from advisor.options.case import Case, case_of
from advisor.options.workloads import workload_of
from advisor.prices.pricing import Pricer
from tests.laws.brute_force.comparing import (
    cheapest,
    covers_deletion,
    in_order,
    known_usd,
    likely_usd,
    most_more,
    saves,
)
from tests.laws.brute_force.judging import (
    Judged,
    Part,
    Plan,
    asked,
    judge,
    nearness,
    stated_part,
    worse,
)
from tests.laws.brute_force.proposing import (
    Found,
    Standing,
    complements,
    everything,
    found_of,
    mended_courses,
    mending_course,
    move_usd,
    takes_only_instant_restore,
)


@dataclass(frozen=True)
class Answer:
    """What is compared with the product's decision."""

    courses: frozenset[Course]
    options: tuple[str, ...]
    meets: Meets
    likely_usd: Decimal | None
    gaps: frozenset[str]  #: names of disks
    plan: Plan | None = None


@dataclass(frozen=True)
class Way:
    """One thing to do, and how the VM is protected afterwards."""

    courses: frozenset[Course]
    plan: Plan


def decide(
    known: KnownVm, need: Need, sizing: Sizing, to: str | None, pricer: Pricer, now: datetime
) -> Answer:
    """What to do about this VM."""
    return Decider(known, need, sizing, to, pricer, now).answer()


class Decider:
    def __init__(
        self,
        known: KnownVm,
        need: Need,
        sizing: Sizing,
        to: str | None,
        pricer: Pricer,
        now: datetime,
    ) -> None:
        self.known, self.need = known, need
        self.usd = pricer.compared()
        self.case: Case = case_of(known.vm, sizing, need, to)
        self.firm = stated_part(need)
        self.found: Found = found_of(known, self.case, self.usd, known.taken or now)
        self.new = [plan for plan in everything(self.case, self.usd) if _allowed(plan)]

    def answer(self) -> Answer:
        workload = workload_of(self.known.vm, self.known.protections, self.need.leave_out)
        if workload and workload.nothing_to_protect:
            return self._said(Course.NOTHING_TO_PROTECT)
        in_place = InPlace(self)
        if self.found.unread:
            base = in_place.base
            if not base.plan or self._judged(base.plan).meets(self.need) is Meets.NO:
                return self._said(Course.CANNOT_SAY)
        return in_place.answer() if in_place.base.plan else self._nothing_in_place()

    # --- nothing in place ----------------------------------------------------------------------

    def _nothing_in_place(self) -> Answer:
        meeting = self.meeting(self.new, self.need)
        if meeting:
            plan = self.pick(meeting, self.need)
            if plan is None:
                return self._said(Course.CANNOT_SAY)
            return self.told([Course.ADD if self.found.loose else Course.PROTECT], plan)
        if any(self._judged(_as_if_allowed(p)).meets(self.need) is not Meets.NO for p in self.new):
            return self._said(Course.CANNOT_SAY)
        plan = self.nearest(self.new)
        return self.told([Course.NOTHING_MEETS], plan) if plan else self._said(Course.NOTHING_MEETS)

    def meeting(self, plans: Iterable[Plan], need: Need) -> list[Plan]:
        """Those that meet a need; without those that rest on a doubt, where others do not."""
        judged = [(plan, judge(plan, need, self.case)) for plan in plans]
        meeting = [(plan, each) for plan, each in judged if each.meets(need) is not Meets.NO]
        sure = [plan for plan, each in meeting if not each.doubts(need)]
        return sure or [plan for plan, _ in meeting]

    def pick(self, plans: list[Plan], need: Need) -> Plan | None:
        return cheapest(plans, need, self.case, self.usd)

    def nearest(self, plans: list[Plan]) -> Plan | None:
        near = [(nearness(plan, self.need, self.case), plan) for plan in plans]
        near = [(key, plan) for key, plan in near if key[1] < len(asked(self.need))]
        return min(near, key=lambda each: (each[0], known_usd(each[1])))[1] if near else None

    # --- words of it ---------------------------------------------------------------------------

    def _judged(self, plan: Plan) -> Judged:
        return judge(plan, self.need, self.case)

    def _said(self, course: Course) -> Answer:
        return Answer(frozenset({course}), (), Meets.NO, None, frozenset())

    def told(self, courses: Iterable[Course], plan: Plan, today: Plan = ()) -> Answer:
        """With the disks that no point holds today, or would hold."""
        judged = self._judged(plan)
        gaps = {*judged.gaps, *(self._judged(today).gaps if today else ())}
        names = {disk.key: disk.name for disk in self.known.vm.disks}
        return Answer(
            frozenset(courses),
            tuple(part.option for part in plan),
            judged.meets(self.need),
            likely_usd(plan),
            frozenset(names[key] for key in gaps if key in names),
            plan,
        )


def _allowed(plan: Plan) -> bool:
    return all(part.proposal.verdict is not Verdict.NO for part in plan)


def _as_if_allowed(plan: Plan) -> Plan:
    """What could not be read is never a no."""
    return tuple(
        replace(part, proposal=part.proposal._replace(verdict=Verdict.YES)) for part in plan
    )


#: Snapshots of a whole VM beside its backup are no plan: they hold the same once more.
GO_TOGETHER = {"azure-backup", "site-recovery"}


class InPlace:
    """Something protects the VM already."""

    def __init__(self, around: Decider) -> None:
        self.around = around
        self.need, self.firm, self.case = around.need, around.firm, around.case
        self.usd = around.usd
        self.standing: tuple[Standing, ...] = ()
        self.base = Way(frozenset(), ())
        every = around.found.standing
        self._take(tuple(each for each in every if not each.ended))
        self._take_up([each for each in every if each.ended])

    def _take(self, standing: tuple[Standing, ...]) -> None:
        """What is kept, mended where it needs that."""
        self.standing = standing
        courses = mended_courses(standing) or frozenset({Course.KEEP})
        self.base = Way(courses, tuple(each.mended for each in standing))

    def _take_up(self, ended: list[Standing]) -> None:
        """What was ended, the best of it first, only where it meets more."""
        before, way = self.standing, self.base
        ways: dict[int, Way] = {}
        for each in ended:
            self._take((*before, each))
            if not way.plan or self._beats(self.base.plan, way.plan):
                ways[id(each)] = self.base
        self.standing, self.base = before, way
        if ways:
            best = self._best_of(list(ways.values()))
            taken = next(each for each in ended if ways.get(id(each)) is best)
            self._take((*before, taken))
            self._take_up([each for each in ended if each is not taken])

    def answer(self) -> Answer:
        chosen = self._best(self.base, list(self._adjusting()))
        chosen = self._adjusted_to_save(chosen)
        kept = chosen
        if self._adding_decides(chosen):
            ways = [way for way in self._adding(chosen) if self._is_asked_for(way, chosen)]
            chosen = self._best(chosen, ways)
        chosen = self._cheaper(chosen, self._ending(chosen))
        if judge(chosen.plan, self.firm, self.case).meets(self.firm) is Meets.NO:
            ways = [
                way
                for way in self._replacing()
                if self._is_asked_for(way, chosen) and self._may_lose(kept.plan, way.plan)
            ]
            chosen = self._best(chosen, ways)
        chosen = self._cheaper(chosen, self._moving(chosen, kept))
        return self.around.told(chosen.courses, chosen.plan, self.base.plan)

    # --- what meets more -----------------------------------------------------------------------

    def _best(self, chosen: Way, ways: list[Way]) -> Way:
        """The cheapest of those that meet the most, where that is more than is met so far."""
        better = [way for way in ways if self._beats(way.plan, chosen.plan)]
        return self._best_of(better) if better else chosen

    def _best_of(self, better: list[Way]) -> Way:
        most = max(self._score(way.plan) for way in better)
        best = [way for way in better if self._score(way.plan) == most]
        firm = [way for way in best if not judge(way.plan, self.need, self.case).doubts(self.need)]
        plan = self.around.pick([way.plan for way in firm or best], self.need)
        return next((way for way in best if way.plan is plan), best[0])

    def _score(self, plan: Plan) -> tuple[int, int]:
        judged = judge(plan, self.need, self.case)
        return len(judged.met), -len(judged.without_point)

    def _beats(self, one: Plan, other: Plan) -> bool:
        mine, theirs = (judge(each, self.need, self.case) for each in (one, other))
        more = mine.met.keys() > theirs.met.keys()
        deletion = Event.DELETION in theirs.without_point - mine.without_point
        return more or (deletion and mine.met.keys() >= theirs.met.keys())

    def _adjusting(self) -> Iterator[Way]:
        """One change, or one of each of two protections; what is broken is mended as well."""
        for count in (1, 2):
            for some in combinations(self.standing, count):
                for parts in product(*(each.adjusted for each in some)):
                    if any(self._takes(part) for part in parts):
                        continue
                    changed = dict(zip(map(id, some), parts, strict=True))
                    yield self._changed(changed)

    def _takes(self, part: Part) -> bool:
        return bool(part.adjustment and part.adjustment.takes_away)

    def _changed(self, changed: dict[int, Part]) -> Way:
        """With these parts in the place of the found ones, and what is broken mended."""
        plan = tuple(changed.get(id(each), each.mended) for each in self.standing)
        courses = {Course.ADJUST, *(mending_course(s) for s in self.standing if s.mending)}
        return Way(frozenset(courses), plan)

    def _adding_decides(self, chosen: Way) -> bool:
        """Where what is stated is missed, or deletion is not covered at all."""
        deletion = self.need.deletion is not None
        uncovered = deletion and not covers_deletion(chosen.plan)
        firmly = judge(chosen.plan, self.firm, self.case).meets(self.firm)
        return uncovered or firmly is Meets.NO

    def _adding(self, chosen: Way) -> Iterator[Way]:
        bases = [self.base]
        if Course.ADJUST in chosen.courses:
            bases.append(chosen)
        uncovered = self.need.deletion is not None and not covers_deletion(self.base.plan)
        for base in bases:
            courses = frozenset({Course.ADD, *base.courses} - {Course.KEEP})
            more = [
                (other,) for part in base.plan for other in complements(part, self.case, self.usd)
            ]
            had = {part.option for part in base.plan}
            for new in self.around.new:
                options = {part.option for part in new}
                sensible = uncovered or had | options <= GO_TOGETHER
                if sensible and not had & options and len(new) == 1:
                    yield Way(courses, in_order((*base.plan, *new)))
            for new in more:
                if new[0].option not in had:
                    yield Way(courses, in_order((*base.plan, *new)))

    def _replacing(self) -> Iterator[Way]:
        """Only what is stated and missed lets something be given up."""
        for count in range(len(self.base.plan)):
            for kept in combinations(self.base.plan, count):
                for new in self.around.new:
                    if any(part.option in {p.option for p in kept} for part in new):
                        continue
                    yield Way(frozenset({Course.REPLACE}), in_order((*kept, *new)))

    # --- what saves ----------------------------------------------------------------------------

    def _cheaper(self, chosen: Way, ways: Iterable[Way]) -> Way:
        able = [way for way in ways if self._may(way, chosen)]
        return min(able, key=lambda way: most_more(way.plan, chosen.plan, self.usd), default=chosen)

    def _may(self, way: Way, chosen: Way) -> bool:
        if self._score(way.plan) < self._score(chosen.plan):
            return False
        mine = judge(way.plan, self.need, self.case).met.keys()
        if not mine >= judge(chosen.plan, self.need, self.case).met.keys():
            return False
        more = move_usd(chosen.plan, way.plan, self.case, self.usd)
        return saves(chosen.plan, way.plan, self.usd, more)

    def _adjusted_to_save(self, chosen: Way) -> Way:
        """Fewer days of instant restore than the portal sets up only where that saves enough."""
        ways = list(self._adjusting_to_save(chosen))
        least = self._cheaper(chosen, ways)
        alike = [
            way
            for way in ways
            if way.plan != least.plan
            and (self._may(way, chosen) or self._is_some_of(way, least, chosen))
            and self._score(way.plan) == self._score(least.plan)
            and any(map(self._takes, way.plan))
            and any(map(self._takes, least.plan))
            and not saves(way.plan, least.plan, self.usd)
        ]
        most = max(alike, key=lambda way: known_usd(way.plan), default=least)
        return most if most is least or self._may(most, chosen) else chosen

    def _is_some_of(self, way: Way, least: Way, chosen: Way) -> bool:
        """Days of instant restore as well, not as few: going below does not make them worth it."""
        both = [part for plan in (way.plan, least.plan) for part in plan if part.adjustment]
        of_days = all(self._is_of_days(part) for part in both)
        return of_days and known_usd(way.plan) < known_usd(chosen.plan)

    def _is_of_days(self, part: Part) -> bool:
        now = next(each.mended for each in self.standing if part in each.adjusted)
        return bool(part.adjustment and takes_only_instant_restore(part.adjustment, now))

    def _adjusting_to_save(self, chosen: Way) -> Iterator[Way]:
        for each in self.standing:
            if each.mended not in chosen.plan:
                continue
            for part in each.adjusted:
                setting = part.adjustment and takes_only_instant_restore(
                    part.adjustment, each.mended
                )
                plan = tuple(part if p is each.mended else p for p in chosen.plan)
                if setting or self._may_lose(chosen.plan, plan):
                    yield Way(frozenset({Course.ADJUST, *chosen.courses} - {Course.KEEP}), plan)

    def _ending(self, chosen: Way) -> Iterator[Way]:
        if len(chosen.plan) < 2:
            return
        for part in chosen.plan:
            plan = tuple(other for other in chosen.plan if other is not part)
            if part.found is not None and self._may_lose(chosen.plan, plan):
                yield self._without(plan, chosen)

    def _without(self, plan: Plan, chosen: Way) -> Way:
        """What ends one thing and adds another replaces it."""
        courses = {Course.END, *chosen.courses} - {Course.KEEP}
        if Course.ADD in courses:
            courses = courses - {Course.END, Course.ADD} | {Course.REPLACE}
        if not any(part.found and part in self.base.plan for part in plan):
            courses -= {Course.FIX, Course.WAIT}
        return Way(frozenset(courses), plan)

    def _moving(self, chosen: Way, kept: Way) -> Iterator[Way]:
        """For less. Into another vault only where what is kept cannot be made to meet as much."""
        had = {part.option for part in self.base.plan}
        events = judge(kept.plan, self.need, self.case).met.keys()
        stated = all(f"{event}.asked" in self.need.stated for event in asked(self.need))
        for new in self.around.meeting(self.around.new, self.need):
            more = judge(new, self.need, self.case).met.keys() > events
            another = "azure-backup" in had and any(p.option == "azure-backup" for p in new)
            if not more and (another or not stated):
                continue
            if self._may_lose(kept.plan, new):
                yield Way(frozenset({Course.REPLACE}), new)

    def _may_lose(self, before: Plan, after: Plan) -> bool:
        """What is beyond a stated need: never isolation that it asks for."""
        less = set(worse(before, after, self.case))
        for event in set(Event) - set(asked(self.need)):  # some of what need not be there at all
            if f"{event}.asked" in self.need.stated:
                less -= {f"{event}.rpo", f"{event}.rto"}
        return less <= self.need.stated and not (self.need.isolated and "isolated" in less)

    def _is_asked_for(self, way: Way, chosen: Way) -> bool:
        """Whether it meets more of what somebody stated, or covers deletion for the first time."""
        if not covers_deletion(chosen.plan) and covers_deletion(way.plan):
            return True
        mine, theirs = (judge(each.plan, self.firm, self.case) for each in (way, chosen))
        return mine.met.keys() > theirs.met.keys()
