"""The table of actions: the row and the steps of each, found by the name of its folder.

A member of `Action` is the one place where a new folder of `bot/actions` is entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module

from bot.requests.action import Action
from bot.requests.model import Point, RequestPlan, Step
from bot.requests.request import ActionFacts, ActionRow, ActionRows

Steps = Callable[[RequestPlan, Mapping[str, str], Sequence[Point]], Iterable[Step]]


@cache
def action_rows() -> ActionRows:
    """The row of each action: its facts, its words, and how its plan is made."""
    return {action: _row(action) for action in Action}


def action_facts() -> Mapping[Action, ActionFacts]:
    """The facts of each action, with which the rules of the settings are read."""
    return {action: row.facts for action, row in action_rows().items()}


def steps_of(
    plan: RequestPlan, tags: Mapping[str, str], points: Sequence[Point] = ()
) -> tuple[Step, ...]:
    """The steps of a plan, numbered from 1. `tags` are those of its request (`tags.tags_of`).

    `points` are the ledger's rows of a deletion or an extension; the steps touch only those that
    the plan names. Raises RefusedForGood for a plan that names what no step can change.
    """
    steps = _steps(plan.action)(plan, tags, points)
    return tuple(replace(step, number=number) for number, step in enumerate(steps, start=1))


def _row(action: Action) -> ActionRow:
    row = import_module(f"bot.actions.{action}.row").ROW
    if not isinstance(row, ActionRow) or row.facts.action is not action:
        raise TypeError(f"bot.actions.{action}.row.ROW is not the row of {action}.")
    return row


@cache
def _steps(action: Action) -> Steps:
    steps: Steps = import_module(f"bot.actions.{action}.steps").steps
    return steps
