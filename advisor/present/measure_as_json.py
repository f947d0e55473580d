"""What was measured as JSON: decimal strings, null for what is not known; docs/measuring.md."""

from __future__ import annotations

from advisor.model import Advice, Measurements, RestoreMeasured, SizeMeasured
from advisor.model.measure_report import MeasureReport
from advisor.present.json_values import Json, maybe, moment, monthly_of, range_of
from advisor.present.measure_document import measure_more
from advisor.quantities import iso_duration, plain


def measure_to_dict(report: MeasureReport) -> Json:
    """The first of `used` and of `changed` is what the advice takes."""
    known = report.after.known
    measured, writes = known.measured, known.writes
    return {
        "vm": known.vm.id,
        "name": known.vm.name,
        "read_at": maybe(moment, measured.read_at),
        "before": _priced(report.before),
        "after": _priced(report.after),
        "used": [_size(one, measured) for one in report.used],
        "changed_per_day": [_size(one, measured) for one in report.changed],
        "written": writes
        and {
            "gb_per_day": plain(round(writes.written_gib_per_day, 4)),
            "peak_mb_per_s": plain(round(writes.peak_mb_per_s, 4)),
            "days": writes.days,
        },
        "restores": [_restore(one, measured) for one in measured.restores],
        "not_measured": [
            {"what": each.what, "why": each.why, "remedy": each.remedy, "failed": each.failed}
            for each in report.unread
        ],
        "would_tell_more": list(measure_more(report)),
    }


def _priced(advice: Advice) -> Json | None:
    plan = advice.decision.plan
    return None if plan is None else {"options": list(plan.options), **monthly_of(plan.monthly)}


def _size(one: SizeMeasured, measured: Measurements) -> Json:
    return {
        "gb": range_of(type(one.gib)(*(round(end, 4) for end in one.gib))),
        "source": one.source.value,
        "by": one.said,
        "on": moment(one.on),
        "age_days": measured.age_days(one.on),
    }


def _restore(one: RestoreMeasured, measured: Measurements) -> Json:
    return {
        "from": one.place.name.lower(),
        "vm": one.vm,
        "own": one.is_own,
        "what": one.what,
        "by": one.by,
        "took": iso_duration(one.took),
        "ended": moment(one.ended),
        "age_days": measured.age_days(one.ended),
        "makes_vm": one.makes_vm,
        "used_gb": maybe(range_of, one.used_gib),
    }
