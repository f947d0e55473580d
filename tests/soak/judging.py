"""Whether work was lost or doubled: what people asked for against the database and Azure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Ending(StrEnum):
    """What the people of a request want of it; the names are those of the states."""

    DONE = "done"
    DENIED = "denied"
    CANCELLED = "cancelled"


@dataclass
class Asked:
    """A request as its people know it; without an id nobody promised anything."""

    number: int
    vm: str
    ending: Ending
    typed: int = 0
    request_id: str = ""  #: of the one that went on
    promised: list[str] = field(default_factory=list)  #: every id that was told


@dataclass(frozen=True)
class Row:
    """A request as the database knows it."""

    id: str
    state: str
    words: str  #: what it is: its action with its reason, or the request that it deletes
    disks: frozenset[str]  #: of which a snapshot is to be taken, in lower case
    why: str = ""


@dataclass(frozen=True)
class Snapshot:
    """One that came to be in Azure, as often as it did."""

    arm_id: str
    disk: str
    request_id: str


@dataclass(frozen=True)
class Evidence:
    """Everything in the end, when all rests and everything has expired."""

    asked: Sequence[Asked]
    rows: Sequence[Row]
    came: Sequence[Snapshot]
    there: frozenset[str]  #: ids of the bot's resources that Azure still has
    undeleted: frozenset[str]  #: ids that the ledger still has
    unsent: int
    unanswered_clicks: int
    unanswered: Sequence[str]
    chain: str  #: why the audit does not verify


REFUSED = "refused"
LIVE = frozenset({"planning", "waiting", "approved", "running", "half done"})


def lost(evidence: Evidence) -> list[str]:
    """What was taken and not done, as sentences."""
    by_id = {row.id: row for row in evidence.rows}
    found = [*_lost_requests(evidence.asked, by_id), *_lost_snapshots(evidence)]
    found += [f"{words}: no answer came" for words in evidence.unanswered]
    if evidence.unsent:
        found.append(f"{evidence.unsent} messages never reached Slack")
    if evidence.unanswered_clicks:
        found.append(f"{evidence.unanswered_clicks} clicks were never judged")
    found += [f"{each} expired and is still there" for each in sorted(evidence.there)]
    found += [f"{each} is gone, and the ledger has it" for each in sorted(evidence.undeleted)]
    if evidence.chain:
        found.append(f"the audit does not verify: {evidence.chain}")
    return found


def _lost_requests(asked: Sequence[Asked], by_id: Mapping[str, Row]) -> Iterator[str]:
    for each in asked:
        if not each.request_id:
            yield f"soak {each.number} was typed {each.typed} times and never taken"
            continue
        for promised in {each.request_id, *each.promised} - by_id.keys():
            yield f"{promised} was promised and is not in the database"
        row = by_id.get(each.request_id)
        if row is None:
            continue
        if row.state in LIVE:
            yield f"{row.id} never ended: it is {row.state}"
        elif row.state != each.ending:
            yield f"{row.id} was to be {each.ending} and is {row.state}: {row.why}"


def _lost_snapshots(evidence: Evidence) -> Iterator[str]:
    made: defaultdict[str, set[str]] = defaultdict(set)
    for each in evidence.came:
        made[each.request_id].add(each.disk)
    for row in evidence.rows:
        if row.state == Ending.DONE and row.disks != made[row.id]:
            yield f"{row.id} is done with {len(made[row.id])} of {len(row.disks)} disks"


def doubled(evidence: Evidence) -> list[str]:
    """What was done more than once, or that nobody asked for, as sentences."""
    found = []
    # One that came twice and is refused for the first one's sake has done nothing.
    taken_up = [row.words for row in evidence.rows if row.state != REFUSED]
    for words, count in Counter(taken_up).items():
        if count > 1:
            found.append(f"“{words}” is {count} requests")
    taken = Counter((each.request_id, each.disk) for each in evidence.came)
    found += [f"{key[0]} took {key[1]} {count} times" for key, count in taken.items() if count > 1]
    wanted = {row.id for row in evidence.rows if row.state == Ending.DONE}
    found += [
        f"{each.arm_id} was made for {each.request_id or 'nobody'}, which is not done"
        for each in evidence.came
        if each.request_id not in wanted
    ]
    return found
