"""Whether everybody in a channel may read an answer about a VM. Pure.

What another company reads, or what cannot be read, is no: an answer about a VM then goes to whoever
asked, unless the settings name that channel.
"""

from __future__ import annotations

from bot.requests.approval.people import ChannelFacts
from bot.requests.approval.rules import RequestRules
from bot.requests.approval.rulings import Ruling, RulingReason, no, yes


def may_be_public(channel_id: str, facts: ChannelFacts | None, rules: RequestRules) -> Ruling:
    """Whether the channel may read about VMs; `facts` None: Slack could not be read."""
    if channel_id in rules.public_channels:
        return yes(RulingReason.PUBLIC_FINE)
    if facts is None or not facts.exists:
        return no(RulingReason.PUBLIC_UNREADABLE, channel=channel_id)
    if facts.is_ext_shared:
        return no(RulingReason.PUBLIC_EXTERNAL, channel=channel_id)
    return yes(RulingReason.PUBLIC_FINE)
