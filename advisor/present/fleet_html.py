"""A fleet as one HTML file that needs no network, whatever its size.

The VMs stand in it as columns: texts as numbers into a list of the different ones, compressed. Ids
of strangers are text everywhere; the page's policy runs its own script alone, by its hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from advisor.model import ZERO, Event, Monthly
from advisor.model.fleet import Bought, FleetFinding, FleetReport, FleetRow
from advisor.options.descriptions import option_name
from advisor.present.fleet_text import (
    PROTECTION,
    WORST,
    bought_words,
    finding_words,
    kinds_words,
    money_words,
    protection_costs,
    small_print,
    wasted,
)
from advisor.present.fleet_words import KIND_WORDS, if_words, saves_words, where_words
from advisor.words import brief_money, capital, clean, counted

#: Findings of one kind that are listed beneath the VMs; the others are counted.
MOST_OTHERS = 500
TITLE = "How these VMs are protected"


class FleetColumns:
    """The rows as columns, each added as it passes: none is kept."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, int]] = defaultdict(dict)
        self._codes: dict[str, list[int]] = defaultdict(list)
        self._numbers: dict[str, list[float | None]] = defaultdict(list)
        self._option_vms: Counter[str] = Counter()
        self._option_costs: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.count = 0

    def passing(self, rows: Iterable[FleetRow]) -> Iterator[FleetRow]:
        """Each row, once it is added."""
        for row in rows:
            self._add(row)
            yield row

    def packed(self, need_hours: Decimal) -> str:
        """All columns as JSON, compressed, in base64; `need_hours`: what the chart's line asks."""
        whole: dict[str, Any] = {
            "count": self.count,
            "words": {
                name: {"values": list(self._words[name]), "codes": codes}
                for name, codes in self._codes.items()
            },
            "numbers": self._numbers,
            "options": [
                {
                    "name": capital(option_name(option)),
                    "vms": vms,
                    "monthly": float(self._option_costs[option]),
                }
                for option, vms in sorted(self._option_vms.items())
            ],
            "needHours": float(need_hours),
        }
        text = json.dumps(whole, ensure_ascii=True, separators=(",", ":"))
        return base64.b64encode(gzip.compress(text.encode("ascii"), mtime=0)).decode("ascii")

    def _add(self, row: FleetRow) -> None:
        self.count += 1
        for name, text in (
            ("name", row.name),
            ("group", row.group),
            ("subscription", row.subscription_id),
            ("region", row.region),
            ("tier", row.tier),
            ("state", row.state.value),
            ("todo", row.todo),
        ):
            known = self._words[name]
            self._codes[name].append(known.setdefault(clean(text), len(known)))
        for name, value in (
            ("today", _likely(row.today)),
            ("after", _likely(row.after)),
            ("difference", row.difference),
            ("lostToday", row.lost_hours_today.get(Event.DELETION)),
            ("lostAfter", row.lost_hours_after.get(Event.DELETION)),
        ):
            self._numbers[name].append(None if value is None else round(float(value), 2))
        for option in row.options:
            self._option_vms[option.option] += 1
            self._option_costs[option.option] += option.monthly.likely or ZERO


def fleet_html(
    report: FleetReport,
    columns: FleetColumns,
    need_hours: Decimal,
    bought: Sequence[Bought] | None = None,
) -> str:
    """The whole page. `need_hours`: the data that the chart's tier may lose, in hours. `bought`:
    what a budget buys; None: nobody asked."""
    style, script = _part("style.css"), _part("script.js")
    return Template(_part("page.html")).substitute(
        title=html.escape(TITLE),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        headline=html.escape(f"{counted(report.sums.vms, 'VM')}. {protection_costs(report)}"),
        worst=_worst(report),
        kinds=html.escape(_kinds(report)),
        savings=_savings(report),
        others=_others(report),
        apart=_apart(report),
        bought="" if bought is None else _bought(bought, report.currency),
        currency=html.escape(report.currency),
        need_hours=f"{need_hours.normalize():f}",
        chart_label=html.escape(
            f"{counted(report.sums.vms, 'VM')} by the data that deletion costs and by price;"
            " the table below has the figures"
        ),
        small_print="".join(f"<p>{html.escape(line)}</p>" for line in small_print(report)),
        columns=columns.packed(need_hours),
    )


def _likely(monthly: Monthly | None) -> Decimal | None:
    return None if monthly is None else monthly.likely


@cache
def _part(name: str) -> str:
    return files("advisor.present.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _worst(report: FleetReport) -> str:
    found = [each for each in report.findings if each.kind in PROTECTION][:WORST]
    return "".join(f"<li>{_named(each)}{_escaped(report, each)}</li>" for each in found)


def _named(each: FleetFinding) -> str:
    where = html.escape(where_words(each))
    return f"<strong>{html.escape(clean(each.subject))}</strong> ({where}): "


def _escaped(report: FleetReport, each: FleetFinding) -> str:
    return html.escape(finding_words(each, report.currency))


def _kinds(report: FleetReport) -> str:
    found = any(each.kind in PROTECTION for each in report.findings)
    return kinds_words(report) if found else "Every VM is protected as its need asks."


def _savings(report: FleetReport) -> str:
    found = wasted(report)
    if not found:
        return "<p>Nothing is advised that costs less.</p>"
    total = html.escape(money_words(report.saves, report.currency))
    items = "".join(
        f"<li>{_named(each)}{html.escape(saves_words(each, report.currency))}</li>"
        for each in found[:WORST]
    )
    more = f"<p>and {len(found) - WORST:,} more</p>" if len(found) > WORST else ""
    return f"<p>{total} a month, and every need that is met stays met.</p><ul>{items}</ul>{more}"


def _others(report: FleetReport) -> str:
    found = [each for each in report.findings if each.kind not in PROTECTION]
    advised = [each for each in found if not _is_apart(each)]
    return _table("others", advised, report.currency) or "<p>Nothing was found.</p>"


def _apart(report: FleetReport) -> str:
    """What would cost less and is not advised: it is in no sum of what is saved."""
    found = [each for each in report.findings if _is_apart(each)]
    table = _table("apart", found, report.currency)
    if not table:
        return "<p>Nothing goes beyond what its need asks.</p>"
    total = html.escape(money_words(report.apart, report.currency))
    why = (
        "more than a stated need asks. Somebody may need it and not have said so: nothing here is"
        " advised away, and what is to be saved does not count it."
    )
    return f"<p>{total} a month in all: {why}</p>{table}"


def _bought(bought: Sequence[Bought], currency: str) -> str:
    """The section of what a budget buys."""
    titles = ("VM", "Where", "What to do", "A month more", "So far")
    rows = [_row(_of_bought(each, currency)) for each in bought[:MOST_OTHERS]]
    table = _table_of("bought", titles, rows) if rows else ""
    more = len(bought) - MOST_OTHERS
    note = f"<p>and {more:,} more, in --json and --csv</p>" if more > 0 else ""
    return Template(_part("bought.html")).substitute(
        said=html.escape(f"{bought_words(bought, currency)}."), table=table + note
    )


def _of_bought(each: Bought, currency: str) -> Sequence[str]:
    row = each.row
    return (
        clean(row.name),
        ", ".join(clean(one) for one in (row.group, row.region) if one),
        f"{clean(row.todo).rstrip('.')}{if_words(row.conditions)}",
        brief_money(each.costs, currency),
        brief_money(each.running, currency),
    )


def _is_apart(each: FleetFinding) -> bool:
    return each.kind not in PROTECTION and each.saves is not None and not each.counted


def _table(name: str, found: Sequence[FleetFinding], currency: str) -> str:
    """Empty where there is nothing."""
    if not found:
        return ""
    rows = [_row(_of_finding(each, currency)) for each in found[:MOST_OTHERS]]
    more = len(found) - MOST_OTHERS
    note = f"<p>and {more:,} more, in --json and --csv</p>" if more > 0 else ""
    return _table_of(name, ("What", "Name", "Where", "Found", "Money"), rows) + note


def _table_of(name: str, titles: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in titles)
    top = f'<table id="{name}" class="found"><thead><tr>{head}</tr></thead>'
    return f"{top}<tbody>{''.join(rows)}</tbody></table>"


def _of_finding(each: FleetFinding, currency: str) -> Sequence[str]:
    return (
        KIND_WORDS[each.kind],
        clean(each.subject),
        where_words(each),
        each.said,
        saves_words(each, currency),
    )


def _row(cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
