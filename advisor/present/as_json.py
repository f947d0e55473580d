"""An advice or an estimate as plain dictionaries, in the shape that the JSON Schemas document.

Money and quantities are decimal strings, durations ISO 8601, what is not known is null.
"""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model import (
    Advice,
    Assessment,
    BackupPolicy,
    Configuration,
    Disk,
    DiskSize,
    Estimate,
    Estimated,
    Event,
    EventNeed,
    InPlace,
    Line,
    Meter,
    MonthOfBill,
    Need,
    Plan,
    PointTier,
    Reason,
    Recovery,
    Rto,
    Saving,
    Sizing,
    Vault,
    Verdict,
    Vm,
)
from advisor.options.flags import flag_value
from advisor.present.compared import compared
from advisor.present.decision_as_json import decision_to_dict
from advisor.present.json_values import Json, maybe, moment, monthly_of, range_of
from advisor.quantities import iso_duration, plain

#: Of the shape; a change that could break a reader raises it. 2: only the compared assessments, and
#: where a price comes from instead of whether it was carried over.
VERSION = 2


def advice_to_dict(advice: Advice, details: bool = False) -> Json:
    """An advice, as `advice.schema.json` documents it; with `details` every assessment."""
    shown = advice.assessments if details else compared(advice)
    return {
        "version": VERSION,
        "vm": _vm(advice.known.vm),
        "need": _need(advice.need),
        "sizing": _sizing(advice.sizing),
        "in_place": [_in_place(found) for found in advice.in_place],
        "unprotected": advice.unprotected,
        "not_read": list(advice.not_read),
        "decision": decision_to_dict(advice.decision),
        "recommended": maybe(lambda plan: _recommended(advice, plan), advice.recommended),
        "nearest": [_nearest(plan) for plan in advice.nearest],
        "changes": list(advice.changes),
        "judged": len(advice.assessments),
        "assessments": [assessment_to_dict(each, details) for each in shown],
        "break_evens": list(advice.break_evens),
        "drives_spread": advice.drives_spread,
        "by_month": _by_month(advice.by_month),
        "warnings": list(advice.warnings),
        "prices_as_of": advice.prices_as_of,
        "currency": advice.currency,
    }


def estimated_to_dict(estimated: Estimated) -> Json:
    """One assessment with its sizes and first months, as `estimate.schema.json` documents it."""
    return {
        "version": VERSION,
        **assessment_to_dict(estimated.assessment),
        "sizing": _sizing(estimated.sizing),
        "by_month": _by_month(estimated.by_month),
        "drives_spread": estimated.drives_spread,
        "savings": [_saving(saving) for saving in estimated.savings],
        "prices_as_of": estimated.prices_as_of,
    }


def assessment_to_dict(assessment: Assessment, details: bool = True) -> Json:
    """One option in one configuration; without `details` no reasons that speak for it."""
    proposal = assessment.proposal
    reasons = [each for each in proposal.reasons if details or each.verdict is not Verdict.YES]
    return {
        "option": proposal.option,
        "configuration": _configuration(proposal.configuration),
        "verdict": proposal.verdict.value,
        "reasons": [_reason(reason) for reason in reasons],
        "not_read": [reason.text for reason in proposal.reasons if reason.not_supplied],
        "tiers": [_tier(tier) for tier in proposal.tiers],
        "recovery": {
            event.value: maybe(_recovery, assessment.recovery.get(event)) for event in Event
        },
        "meets_need": assessment.meets_need,
        "unmet": list(assessment.unmet),
        "monthly": monthly_of(assessment.monthly),
        "lines": [_line(line) for line in assessment.lines],
        "in_place": assessment.in_place,
        "notes": list(proposal.notes),
    }


# --- the VM and what it needs ----------------------------------------------------------------


def _vm(vm: Vm) -> Json:
    return {
        "id": vm.id,
        "name": vm.name,
        "resource_group": vm.resource_group,
        "subscription_id": vm.subscription_id,
        "region": vm.region,
        "zones": list(vm.zones),
        "size": vm.size,
        "os_type": vm.os_type,
        "power_state": vm.power_state,
        "tags": dict(vm.tags),
        "disks": [_disk(disk) for disk in vm.disks],
    }


def _disk(disk: Disk) -> Json:
    return {"name": disk.name, "sku": disk.sku, "size_gib": disk.size_gib, "os": disk.is_os}


def _need(need: Need) -> Json:
    return {
        "tier": need.tier,
        **{event.value: maybe(_event_need, need.of(event)) for event in Event},
        "retention": str(need.retention),
        "isolated": need.isolated,
        "consistency": need.consistency.label,
        "origin": dict(need.origin),
        "stated": sorted(need.stated),
        "notices": list(need.notices),
    }


def _event_need(need: EventNeed) -> Json:
    return {"rpo": iso_duration(need.rpo), "rto": maybe(iso_duration, need.rto)}


def _sizing(sizing: Sizing) -> Json:
    return {
        "used_gib": _estimate(sizing.used_gib),
        "changed_gib_per_day": _estimate(sizing.changed_gib_per_day),
        "written_gib_per_day": _estimate(sizing.written_gib_per_day),
        "peak_write_mb_per_s": maybe(_estimate, sizing.peak_write_mb_per_s),
        "disks": [_disk_size(size) for size in sizing.disks],
        "not_known": list(sizing.not_known),
    }


def _estimate(estimate: Estimate) -> Json:
    return {
        **range_of(estimate.range),
        "source": estimate.source.value,
        "basis": estimate.basis,
    }


def _disk_size(size: DiskSize) -> Json:
    return {
        "name": size.disk.name,
        "provisioned_gib": size.provisioned_gib,
        "used_gib": {**range_of(size.used_gib), "source": size.source.value},
    }


# --- what is in place ------------------------------------------------------------------------


def _in_place(found: InPlace) -> Json:
    protection, assessment = found.protection, found.assessment
    return {
        "kind": protection.kind.value,
        "state": protection.state.value,
        "last_point": maybe(moment, protection.last_point),
        "age": maybe(iso_duration, found.age),
        "vault": maybe(_vault, protection.vault),
        "policy": maybe(_policy, protection.policy),
        "target": protection.target,
        "count": protection.count,
        "monthly": maybe(lambda each: monthly_of(each.monthly), assessment),
        "meets_need": maybe(lambda each: each.meets_need, assessment),
        "sentence": found.sentence,
    }


def _vault(vault: Vault) -> Json:
    return {"name": vault.name, "redundancy": vault.redundancy}


def _policy(policy: BackupPolicy) -> Json:
    return {
        "name": policy.name,
        "enhanced": policy.enhanced,
        "every": maybe(iso_duration, policy.every),
        "instant_restore_days": policy.instant_restore_days,
        "retention": maybe(str, policy.retention),
    }


# --- plans -----------------------------------------------------------------------------------


def _recommended(advice: Advice, plan: Plan) -> Json:
    return {
        **_plan(plan),
        "reasons": list(advice.reasons),
        "not_covered": list(advice.not_covered),
    }


def _nearest(plan: Plan) -> Json:
    return {**_plan(plan), "unmet": list(plan.unmet)}


def _plan(plan: Plan) -> Json:
    return {
        "options": list(plan.options),
        "configurations": [_configuration(part.proposal.configuration) for part in plan.parts],
        "monthly": monthly_of(plan.monthly),
    }


def _configuration(configuration: Configuration) -> Json:
    return {key: flag_value(value) for key, value in configuration.items()}


# --- an assessment's parts -------------------------------------------------------------------


def _reason(reason: Reason) -> Json:
    return {
        "rule": reason.rule,
        "verdict": reason.verdict.value,
        "text": reason.text,
        "source": reason.source,
    }


def _tier(tier: PointTier) -> Json:
    return {
        "name": tier.name,
        "events": [event.value for event in tier.events],
        "rpo": iso_duration(tier.rpo),
        "rto": _rto(tier.rto),
        "retention_days": tier.retention_days,
        "consistency": tier.consistency.label,
        "isolated": tier.isolated,
        "note": tier.note,
    }


def _recovery(recovery: Recovery) -> Json:
    return {
        "rpo": iso_duration(recovery.rpo),
        "rto": _rto(recovery.rto),
        "tier": recovery.tier,
    }


def _rto(rto: Rto) -> Json:
    return {
        "low": iso_duration(rto.low),
        "likely": iso_duration(rto.likely),
        "high": iso_duration(rto.high),
        "source": rto.source,
        "basis": rto.basis or None,
    }


def _line(line: Line) -> Json:
    usage = line.usage
    return {
        "name": usage.name,
        "kind": usage.kind.value,
        "optional": usage.optional,
        "meter": _meter(usage.meter),
        "quantity": maybe(
            lambda known: {**range_of(known), "source": usage.source.value}, usage.quantity
        ),
        "unit": usage.unit,
        "unit_price": maybe(plain, line.unit_price),
        "monthly": maybe(range_of, line.monthly),
        "basis": usage.basis,
        "missing": line.missing or None,
        "price_origin": None if line.unit_price is None else line.origin.value,
        "price_why": line.why or None,
        "price_true_on": line.true_on or None,
    }


def _meter(meter: Meter) -> Json:
    target = {"to_region": meter.to_region} if meter.to_region else {}
    return {
        "service": meter.service,
        "product": meter.product,
        "sku": meter.sku,
        "meter": meter.meter,
        "region": meter.region,
        **target,
    }


def _saving(saving: Saving) -> Json:
    return {
        "name": saving.name,
        "gib": plain(saving.gib),
        "terms": [
            {
                "from_gib": term.from_gib,
                "years": term.years,
                "share": plain(term.share),
                "monthly": plain(term.saves),
            }
            for term in saving.terms
        ],
    }


def _by_month(months: Iterable[MonthOfBill]) -> list[Json]:
    return [{"month": each.month, **range_of(each.amount)} for each in months]
