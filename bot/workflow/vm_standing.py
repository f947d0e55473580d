"""How the VM stands after a restore that was stopped or failed: from its steps, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.words import counted
from bot.requests.model import RequestPlan, Step, StepState
from bot.workflow.step_results import NOT_ANSWERED, TOO_LATE

#: The verbs of steps that change the VM itself.
_STOPS, _SWAPS, _STARTS, _ATTACHES = "deallocate", "swap-os-disk", "start-vm", "attach-disk"
_ON_VM = frozenset({_STOPS, _SWAPS, _STARTS, _ATTACHES})


def vm_standing(plan: RequestPlan, steps: Sequence[Step], *, is_unsure: bool = False) -> str:
    """`The VM web-01 runs on the OS disk that it had, and no new disk is attached to it.`

    Empty where no step changes the VM. A step that is undone changed nothing any more; each step
    was stored after a look at Azure. `is_unsure`: something else that was sent may come about.
    """
    on_vm = [step for step in steps if step.verb in _ON_VM]
    if not on_vm:
        return ""
    done = [step for step in on_vm if step.state is StepState.THERE]
    attached = sum(step.verb == _ATTACHES for step in done)
    disks = f"{counted(attached, 'new disk')}" if attached else "no new disk"
    verb = "are" if attached > 1 else "is"
    sentence = f"The VM {plan.vm_name} {_power(on_vm, done)}, and {disks} {verb} attached to it."
    is_unsure = is_unsure or any(_is_unsure(step) for step in on_vm)
    return f"{sentence} {_UNSURE}" if is_unsure else sentence


_UNSURE = "What Azure was asked for last may still come about: look at the VM in Azure."


def _power(on_vm: Sequence[Step], done: Sequence[Step]) -> str:
    """Whether the VM runs, and on which OS disk; a restore beside the OS disk changes neither."""
    stop = next((step for step in on_vm if step.verb == _STOPS), None)
    if stop is None:
        return "was not stopped"
    verbs = {step.verb for step in done}
    ran = bool(stop.body["expect"].get("ran"))
    runs = _STARTS in verbs or (ran and _STOPS not in verbs)
    state = "runs" if runs else "is stopped (deallocated)"
    disk = "its new OS disk" if _SWAPS in verbs else "the OS disk that it had"
    return f"{state} {'on' if runs else 'with'} {disk}"


def _is_unsure(step: Step) -> bool:
    """Whether the step was sent to Azure and given up before Azure showed a result."""
    is_given_up = step.state is StepState.REFUSED and step.why.startswith((TOO_LATE, NOT_ANSWERED))
    return step.attempts > 0 and is_given_up
