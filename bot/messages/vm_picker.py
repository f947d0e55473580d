"""The fields of a form in which a VM is chosen while typing its name, or typed whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.messages.blocks import Block, Element
from bot.messages.inputs import OPTIONS, Choice, external_input, option, text_input

#: block_ids, and the action_ids in them.
CHOSEN_VM, VM = "chosen_vm", "vm"
#: An ARM id has at most about 280 characters.
VM_LIMIT = 400


class VmChoice(NamedTuple):
    """A VM that is offered. Its token stands for its full id and says nothing by itself."""

    token: str
    name: str
    where: str  #: what tells it from others of its name


def vm_fields(typed: str) -> list[Block]:
    """A list that is searched while typing, and a plain field for a VM that it does not show."""
    return [
        external_input(
            CHOSEN_VM,
            "Which VM?",
            placeholder="Type a part of its name",
            hint="Only VMs that you may ask for. The list is a few minutes old.",
        ),
        text_input(
            VM,
            "Or type its name",
            initial=typed,
            placeholder="web-01",
            hint="Its name, resource-group/name, or its full id.",
            most=VM_LIMIT,
            optional=True,
        ),
    ]


def vm_options(choices: Sequence[VmChoice]) -> list[Element]:
    """The choices as Slack takes them, at most 100."""
    return [option(Choice(one.token, one.name, one.where)) for one in choices[:OPTIONS]]
