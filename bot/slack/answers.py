"""What Slack's refusals mean for a message that is to be sent: one table, by Slack's words.

The words are those of chat.postMessage, chat.postEphemeral and chat.update (docs.slack.dev,
2026-06).
"""

from __future__ import annotations

#: The message to edit is not there, or may not be edited: post it anew.
UNEDITABLE = frozenset(
    {
        "edit_window_closed",
        "message_not_found",
        "cant_update_message",
        "block_mismatch",
        "update_failed",
    }
)
#: The message to answer is not there: post in the channel itself.
UNANSWERABLE = frozenset(
    {"thread_not_found", "cannot_reply_to_message", "message_not_found", "invalid_thread_ts"}
)
#: Slack does not take the blocks; the text alone carries the whole meaning.
UNSHOWABLE = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "slack_connect_canvas_sharing_blocked",
        "slack_connect_clip_sharing_blocked",
    }
)
#: The channel does not let the bot in, or not this person; people may change that.
CLOSED = frozenset(
    {
        "channel_not_found",
        "channel_is_limited_access",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "user_not_in_channel",
    }
)
#: The token itself is at fault: it is mistyped, of another kind, or no longer valid.
BAD_TOKEN = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
#: The app itself is at fault: no message gets through before an operator mends it.
OURS = BAD_TOKEN | {
    "access_denied",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "missing_scope",
    "no_permission",
    "org_login_required",
    "team_access_not_granted",
}
