"""files.*: the upload in three steps; the middle one is a POST of the bytes (`upload`)."""

from __future__ import annotations

import mimetypes
from typing import Any

from deploy.local.slack.errors import SlackError
from deploy.local.slack.methods.method import Answer, Call, Method
from deploy.local.slack.people import BOT
from deploy.local.slack.posting import blocks_of, parsed
from deploy.local.slack.workspace import File, Message, Workspace

UPLOAD_PATH = "/upload/v1"
_WRITE = ("files:write",)
_LARGEST_BYTES = 1024**3  #: of one file (Slack's help, 2026)
_ALT_CHARACTERS = 1000


def upload_url(call: Call) -> Answer:
    length = call.text("length")
    if not length.isdecimal() or int(length) == 0:
        raise SlackError("invalid_arguments")
    if int(length) > _LARGEST_BYTES:
        raise SlackError("file_upload_size_restricted")
    alt_text, workspace = call.text("alt_txt"), call.workspace
    if len(alt_text) > _ALT_CHARACTERS:
        raise SlackError("alt_txt_too_large")
    file = File(workspace.new_id("F"), call.text("filename"), int(length), workspace.new_secret())
    file.alt_text = alt_text
    workspace.files[file.id] = file
    url = f"{call.url}{UPLOAD_PATH}/{file.id}/{file.secret}"
    return {"upload_url": url, "file_id": file.id}


def upload(workspace: Workspace, file_id: str, secret: str, content: bytes) -> None:
    """The bytes arrive. Raises SlackError."""
    file = workspace.files.get(file_id)
    if file is None or file.secret != secret or file.content is not None:
        raise SlackError("file_not_found")
    if len(content) != file.length:
        raise SlackError("length_mismatch")
    file.content = content


async def complete(call: Call) -> Answer:
    files = [_uploaded(call, entry) for entry in _entries(call)]
    for file in files:
        file.is_shared = True
    shown = [as_slack(file) for file in files]
    if target := call.text("channel_id") or call.text("channels"):
        await _share(call, target, shown)
    return {"files": shown}


def as_slack(file: File) -> Answer:
    """The file object of answers and messages."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "filetype": file.name.rpartition(".")[2].lower(),
        "size": file.length,
        "user": BOT.id,
        **({"alt_txt": file.alt_text} if file.alt_text else {}),
    }


def _entries(call: Call) -> list[dict[str, Any]]:
    entries = parsed(call.args.get("files"), "invalid_arguments")
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise SlackError("invalid_arguments")
    return entries


def _uploaded(call: Call, entry: dict[str, Any]) -> File:
    file = call.workspace.files.get(str(entry.get("id")))
    if file is None or file.content is None or file.is_shared:
        raise SlackError("file_not_found")
    file.title = str(entry.get("title") or "")
    return file


async def _share(call: Call, channel_id: str, files: list[Answer]) -> None:
    channel = call.joined(call.workspace.channel(channel_id))
    blocks = blocks_of(call.args.get("blocks"))
    message = Message(
        channel.id,
        call.workspace.new_ts(),
        BOT.id,
        call.text("initial_comment"),
        blocks,
        thread_ts=call.text("thread_ts"),
        files=files,
    )
    await call.workspace.post(message)


METHODS = (
    Method(
        "files.getUploadURLExternal",
        upload_url,
        4,
        _WRITE,
        ("filename", "length"),
        takes_json=False,
    ),
    Method("files.completeUploadExternal", complete, 4, _WRITE, ("files",)),
)
