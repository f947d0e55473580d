"""Every answer that the rules can give: a reason, and the sentence that a person reads for it.

The table in the documentation is made from `SENTENCES`; a word in braces is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from advisor.words import clean


class RulingReason(StrEnum):
    """The reason of a yes or a no. `SENTENCES` has a sentence for people about each."""

    # --- the person
    PERSON_UNREADABLE = "person unreadable"
    DEACTIVATED = "deactivated"
    BOT = "bot"
    STRANGER = "stranger"
    GUEST = "guest"
    GROUP_UNREADABLE = "group unreadable"
    # --- asking
    NOBODY_MAY = "nobody may"
    MAY_ASK = "may ask"
    NOT_A_REQUESTER = "not a requester"
    # --- rules and channels
    NO_RULE = "no rule"
    NO_RULE_NAMES_IT = "no rule names it"
    CHANNEL_FINE = "channel fine"
    CHANNEL_UNREADABLE = "channel unreadable"
    CHANNEL_MISSING = "channel missing"
    CHANNEL_ARCHIVED = "channel archived"
    CHANNEL_NOT_JOINED = "channel not joined"
    CHANNEL_EXTERNAL = "channel external"
    # --- answers for a whole channel
    PUBLIC_FINE = "public fine"
    PUBLIC_UNREADABLE = "public unreadable"
    PUBLIC_EXTERNAL = "public external"
    # --- deciding
    ALLOWED = "allowed"
    OWN_REQUEST = "own request"
    NOT_AN_APPROVER = "not an approver"
    ENOUGH = "enough"
    MORE_NEEDED = "more needed"
    # --- a click
    UNKNOWN_BUTTON = "unknown button"
    OTHER_CHANNEL = "other channel"
    OTHER_REVISION = "other revision"
    STILL_PLANNED = "still planned"
    EXPIRED = "expired"
    ALREADY_DECIDED = "already decided"
    ALREADY_APPROVED_BY_YOU = "already approved by you"
    DENIED = "denied"
    DENIAL_WITHOUT_REASON = "denial without reason"
    CANCELLED = "cancelled"
    CANCELLING = "cancelling"
    ROLLING_BACK = "rolling back"
    ALREADY_CANCELLING = "already cancelling"
    NOT_YOURS = "not yours"
    NOT_YOURS_YET = "not yours yet"
    OVER = "over"
    HALF_DONE = "half done"
    NOT_HALF_DONE = "not half done"
    GOES_ON = "goes on"
    CLEANS_UP = "cleans up"
    NOTHING_TO_DELETE = "nothing to delete"
    DELETES_OWN = "deletes own"
    ASKS_TO_DELETE = "asks to delete"
    LOOKED = "looked"
    OWN_GLASS = "own glass"
    ALREADY_LOOKED = "already looked"
    NOTHING_TO_LOOK_AT = "nothing to look at"
    # --- beginning
    MAY_BEGIN = "may begin"
    NOT_APPROVED = "not approved"
    APPROVAL_TOO_OLD = "approval too old"
    # --- budgets
    WITHIN_BUDGET = "within budget"
    NO_BUDGET = "no budget"
    OVER_BUDGET = "over budget"
    COST_UNKNOWN = "cost unknown"
    OTHER_CURRENCY = "other currency"
    # --- break-glass
    BREAK_GLASS = "break-glass"
    NO_BREAK_GLASS = "no break-glass"
    NOT_FOR_BREAK_GLASS = "not for break-glass"
    SNAPSHOT_ONLY = "snapshot only"
    KEPT_TOO_LONG = "kept too long"
    KEPT_TOO_SHORT = "kept too short"
    USED_UP = "used up"


_R = RulingReason
SENTENCES: Mapping[RulingReason, str] = {
    _R.PERSON_UNREADABLE: "Slack does not say now who {who} is, so the answer is no and nothing "
    "was recorded. Try again in a minute.",
    _R.DEACTIVATED: "The account of {who} is deactivated.",
    _R.BOT: "{who} is an app; only people may do this.",
    _R.STRANGER: "{who} belongs to another workspace; only people of this one may do this.",
    _R.GUEST: "{who} is a guest in this workspace; guests may not do this.",
    _R.GROUP_UNREADABLE: "Slack does not say now who belongs to {groups}, so the answer is no "
    "and nothing was recorded. Try again in a minute.",
    _R.NOBODY_MAY: "Nobody may {verb} yet: the settings do not say who. Whoever runs this bot "
    "names them in vmbackup.toml, in [{table}]: groups, users, or everybody = true.",
    _R.MAY_ASK: "{who} may {verb}: {why}.",
    _R.NOT_A_REQUESTER: "{who} may not {verb}. {circle} may; [{table}] of vmbackup.toml says so.",
    _R.NO_RULE: "No rule says who approves a {action} of {vm}, so nobody may. Whoever runs this "
    "bot adds one to vmbackup.toml, under [[requests.rules]], for the subscription "
    "{subscription} or the resource group {resource_group}: its channel and who approves. "
    "A rule with tags only tightens others; it does not count here.",
    _R.NO_RULE_NAMES_IT: "No rule names the action {action} in its `actions`, so nobody may ask "
    "for it of {vm}. Whoever runs this bot adds one to vmbackup.toml, under [[requests.rules]], "
    "for the subscription {subscription} or the resource group {resource_group}: its channel and "
    "who approves. A rule that names no actions does not hold for this one.",
    _R.CHANNEL_FINE: "The card can be posted there.",
    _R.CHANNEL_UNREADABLE: "Slack does not say now what the channel {channel} is, so nothing is "
    "posted there. Try again in a minute.",
    _R.CHANNEL_MISSING: "The rule {rule} names the channel {channel}, which does not exist or "
    "which this bot may not see. Invite the bot there, or correct vmbackup.toml.",
    _R.CHANNEL_ARCHIVED: "The rule {rule} names the channel {channel}, which is archived. Name "
    "another one in vmbackup.toml.",
    _R.CHANNEL_NOT_JOINED: "This bot is not a member of the channel {channel} that the rule "
    "{rule} names. Invite it there and ask again.",
    _R.CHANNEL_EXTERNAL: "The channel {channel} is shared with another workspace, and the rule "
    "{rule} does not allow that. Name another one, or set external_channel = true.",
    _R.PUBLIC_FINE: "Everybody in this channel may read it.",
    _R.PUBLIC_UNREADABLE: "Slack does not show this bot who reads this channel, so only you see "
    "it. Try again in a minute, invite the bot here, or ask whoever runs it to name {channel} in "
    "[channels] of vmbackup.toml.",
    _R.PUBLIC_EXTERNAL: "This channel is shared with another company, so only you see it. Whoever "
    "runs this bot can allow it: {channel} in [channels] of vmbackup.toml.",
    _R.ALLOWED: "{who} may decide: {why}.",
    _R.OWN_REQUEST: "This is your own request; somebody else has to decide it. You can cancel it.",
    _R.NOT_AN_APPROVER: "{who} may not decide this. {circle} may; the rule {rule} says so.",
    _R.ENOUGH: "Approved: {why}. It begins now, if the plan is still the same.",
    _R.MORE_NEEDED: "Your approval is recorded: {why}. Still needed: {needed}.",
    _R.UNKNOWN_BUTTON: "This button belongs to no request that this bot knows. Nothing was done.",
    _R.OTHER_CHANNEL: "This request is not decided here, but in its own channel. Nothing was done.",
    _R.OTHER_REVISION: "The plan changed since this button was shown. Look at the new card and "
    "decide there; nothing was done.",
    _R.STILL_PLANNED: "The plan is still being made; there is nothing to decide yet.",
    _R.EXPIRED: "The time to decide is over. Whoever needs it still asks again.",
    _R.ALREADY_DECIDED: "This is decided already: {first}",
    _R.ALREADY_APPROVED_BY_YOU: "You approved this already. Still needed: {needed}.",
    _R.DENIED: "Denied. It is said in the thread, with your reason.",
    _R.DENIAL_WITHOUT_REASON: "A denial needs a reason for whoever asked. Nothing was done; deny "
    "again and say why.",
    _R.CANCELLED: "Cancelled. Nothing was made.",
    _R.CANCELLING: "It stops before the next disk. What exists by then is said in the thread.",
    _R.ROLLING_BACK: "It stops before the next step, and what was done is rolled back. The card "
    "says then how the VM stands.",
    _R.ALREADY_CANCELLING: "It is being cancelled already; it stops before the next disk.",
    _R.NOT_YOURS: "Only whoever asked may cancel this. Those who may decide can deny it while it "
    "waits, and stop it once it is approved.",
    _R.NOT_YOURS_YET: "Only whoever asked may cancel this while its plan is being made. Nothing "
    "was done.",
    _R.OVER: "This request is over: {first}",
    _R.HALF_DONE: "Some of it exists already, so it cannot be cancelled any more. Go on with it, "
    "or clean up.",
    _R.NOT_HALF_DONE: "This request is not half done: {first}",
    _R.GOES_ON: "It goes on with what is missing, if the plan is still the same.",
    _R.CLEANS_UP: "The deletion of what exists is asked for. It begins at once, unless it is a "
    "disk or somebody else asked for it: then another person approves the deletion first.",
    _R.NOTHING_TO_DELETE: "There is nothing of this request that could be deleted. Nothing was "
    "done.",
    _R.DELETES_OWN: "It is being deleted. The thread says when it is gone.",
    _R.ASKS_TO_DELETE: "The deletion is asked for. It is not yours alone, or it is a disk: another "
    "person approves it first, on a card of its own.",
    _R.LOOKED: "Noted: you looked at it. Thank you.",
    _R.OWN_GLASS: "You broke this glass, so somebody else looks at it.",
    _R.ALREADY_LOOKED: "Somebody looked at this already.",
    _R.NOTHING_TO_LOOK_AT: "This request was decided in the usual way; nobody has to look at it "
    "afterwards.",
    _R.MAY_BEGIN: "It may begin.",
    _R.NOT_APPROVED: "The approvals do not suffice any more. Still needed: {needed}.",
    _R.APPROVAL_TOO_OLD: "It was not begun within {within} of its approval, so the approval is "
    "void.",
    _R.WITHIN_BUDGET: "It fits into the budget of {team}: {left} of {budget} are left this month.",
    _R.NO_BUDGET: "No budget applies.",
    _R.OVER_BUDGET: "It costs up to {cost}, and of the budget of {team} only {left} of {budget} "
    "are left this month. Keep it shorter, wait for the next month, or ask for a larger "
    "budget.",
    _R.COST_UNKNOWN: "A price is missing, so nobody can say whether it fits into the budget of "
    "{team}. Try again when the price is known.",
    _R.OTHER_CURRENCY: "It is priced in {currency} and the budget of {team} is in {budget}, so "
    "they cannot be compared. Whoever runs this bot makes them the same in vmbackup.toml.",
    _R.BREAK_GLASS: "{who} may break the glass: {why}.",
    _R.NO_BREAK_GLASS: "The settings name nobody who may break the glass. Ask in the usual way; "
    "[requests.break_glass] of vmbackup.toml would name them.",
    _R.NOT_FOR_BREAK_GLASS: "{who} may not break the glass. {circle} may; ask one of them, or ask "
    "in the usual way.",
    _R.SNAPSHOT_ONLY: "Breaking the glass is for taking snapshots only. Ask for this in the "
    "usual way.",
    _R.KEPT_TOO_LONG: "What is taken by breaking the glass is kept for at most {longest}. Ask "
    "with --keep {flag} or less, and extend it later in the usual way.",
    _R.KEPT_TOO_SHORT: "What is taken by breaking the glass is kept for at least {shortest}: until "
    "then somebody else has to look at it. Ask with --keep {flag} or more.",
    _R.USED_UP: "{who} broke the glass {used} this week, and the settings allow {per_week}. Ask "
    "in the usual way.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """An answer: yes or no, the reason, and the sentence for the requester or approver."""

    allowed: bool
    reason: RulingReason
    sentence: str
    why: str = ""  #: of a yes: "member of vm-approvers"

    @property
    def is_unknown(self) -> bool:
        """Whether the answer is no only because a fact could not be read: try again later."""
        return self.reason in UNKNOWN


#: The reasons that mean no for now: a fact that decides could not be read.
UNKNOWN = frozenset(
    {
        _R.PERSON_UNREADABLE,
        _R.GROUP_UNREADABLE,
        _R.CHANNEL_UNREADABLE,
        _R.PUBLIC_UNREADABLE,
    }
)


def sentence_of(reason: RulingReason, **words: str) -> str:
    """The sentence of a reason, filled in; names lose only characters that move a cursor."""
    return SENTENCES[reason].format(**{name: clean(word) for name, word in words.items()})


def yes(reason: RulingReason, **words: str) -> Ruling:
    return Ruling(
        allowed=True, reason=reason, sentence=sentence_of(reason, **words), why=words.get("why", "")
    )


def no(reason: RulingReason, **words: str) -> Ruling:
    return Ruling(allowed=False, reason=reason, sentence=sentence_of(reason, **words))
