"""How tags are compared: as a reader sees them, and with those that a VM had lately.

Whoever may tag a VM could otherwise escape a rule that tightens: by a trailing blank, by a letter
of another alphabet that looks the same, or by removing the tag before asking. Two texts too many
that count as one only make more rules match, and rules with tags only tighten.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from bot.requests.model import RequestPlan, TagSeen

#: What nobody sees: marks on letters, format characters, and blanks that Unicode calls letters.
_INVISIBLE_KINDS = frozenset({"Mn", "Me", "Cf"})
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
#: Letters that look like a Latin one, from Unicode's confusables (UTS 39, revision 31, 2025): of
#: Greek, Cyrillic and Armenian. Capitals stand apart, because Η looks like H, and η like n.
_CAPITALS = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿАВЕЅІЈКМНОРСТУХҺԌԚԜՏՍՕ", "ABEZHIKMNOPTYXCJABESIJKMHOPCTYXHGQWSUO"
)
_SMALL = str.maketrans(
    "αγηικνορτυωϲϳаеорсухѕіјһԁԛԝӏгкптмвнօսհոցզ", "ayniknoptuwcjaeopcyxsijhdqwlrkntmbhouhngq"
)
#: Signs that many typefaces draw alike: i, l, 1 and |; o and 0; the dashes.
_ALIKE = str.maketrans("ıi1|0\u2010\u2011\u2012\u2013\u2014\u2212", "llllo------")


@lru_cache(maxsize=4096)
def as_read(text: str) -> str:
    """The text as it is compared: equal for all texts that a reader cannot tell apart.

    Compatible characters are one (NFKC), letters have no case and no marks, blanks at the ends do
    not count, and look-alikes of other alphabets are the Latin letter.
    """
    plain = _visible(text).translate(_CAPITALS).casefold()
    alike = _visible(plain).translate(_SMALL).translate(_ALIKE)
    return " ".join(unicodedata.normalize("NFKC", alike).split())


def _visible(text: str) -> str:
    return "".join(
        sign
        for sign in unicodedata.normalize("NFKD", text)
        if sign not in _INVISIBLE and unicodedata.category(sign) not in _INVISIBLE_KINDS
    )


def tags_gone(
    tags: Mapping[str, str], seen: Iterable[TagSeen], since: datetime
) -> tuple[TagSeen, ...]:
    """The tags that the VM was seen with after `since` and has no more, the newest first."""
    has = {(as_read(name), as_read(value)) for name, value in tags.items()}
    gone = (
        one
        for one in seen
        if one.seen_at > since and (as_read(one.name), as_read(one.value)) not in has
    )
    return tuple(sorted(gone, key=lambda one: (one.seen_at, one.name, one.value), reverse=True))


def tags_to_keep(
    tags: Mapping[str, str], seen: Iterable[TagSeen], now: datetime, within: timedelta
) -> tuple[TagSeen, ...]:
    """What to remember of a VM: the tags that it has now, and those that still count."""
    here = [TagSeen(name=name, value=value, seen_at=now) for name, value in tags.items()]
    before = [one for one in seen if tags.get(one.name) != one.value and one.seen_at > now - within]
    return (*here, *before)


def matching_tag(plan: RequestPlan, name: str, values: Sequence[str]) -> TagSeen | str | None:
    """By which tag the VM has one of these values.

    A text: the value of a tag that the VM has. A TagSeen: it had the tag lately. None: neither.
    """
    wanted_name, wanted = as_read(name), {as_read(value) for value in values}
    for its_name, value in plan.vm_tags.items():
        if as_read(its_name) == wanted_name and as_read(value) in wanted:
            return value
    for one in plan.vm_tags_gone:
        if as_read(one.name) == wanted_name and as_read(one.value) in wanted:
            return one
    return None
