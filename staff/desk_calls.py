"""What an agent sees and does."""

import base64
import unicodedata

from conversations.media_types import SENT, SHOWN, type_of
from conversations.rows import Line
from staff.api import Call, FileBody, Reply
from staff.errors import BadRequest, EmptyText, NoPicture, TooLong
from staff.models import (
    AtEpoch,
    ConversationsAnswer,
    Detail,
    Message,
    PictureBody,
    Purse,
    QueueAnswer,
    ReplyAnswer,
    ReplyBody,
    ResolveBody,
)
from staff.services import Services, Trace, viewer_of

_SUFFIXES = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "audio/amr": ".amr", "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/speex": ".speex", "video/mp4": ".mp4",
}  # fmt: skip


class DeskCalls:
    """Handlers of /queue, /conversations and /offers."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._desk = services.desk

    async def queue(self, call: Call) -> Reply:
        return Reply(QueueAnswer.model_validate(await self._desk.queue(viewer_of(call.member))))

    async def conversations(self, call: Call) -> Reply:
        recent = call.parameter("state", "mine", ("mine", "recent")) == "recent"
        found = await self._desk.conversations(viewer_of(call.member), recent=recent)
        return Reply(ConversationsAnswer.model_validate({"conversations": found}))

    async def conversation(self, call: Call) -> Reply:
        return Reply(await self._open(call))

    async def accept(self, call: Call) -> Reply:
        body: AtEpoch = call.body
        await self._desk.accept(viewer_of(call.member), call.path_id, body.epoch, self._trace(call))
        return Reply(await self._open(call))

    async def reply(self, call: Call) -> Reply:
        body: ReplyBody = call.body
        check_text(body.text, self._services.settings.longest_text)
        line = await self._desk.reply(
            viewer_of(call.member),
            call.path_id,
            epoch=body.epoch,
            text=body.text,
            client_id=body.client_id,
            seen_position=body.seen_position,
            witness=self._trace(call),
        )
        return await self._queued(call, line)

    async def picture(self, call: Call) -> Reply:
        body: PictureBody = call.body
        content = read_picture(body.content)
        line = await self._desk.reply(
            viewer_of(call.member), call.path_id, epoch=body.epoch, text="", client_id=body.client_id, seen_position=body.seen_position,
            witness=self._trace(call), picture=content,
        )  # fmt: skip
        return await self._queued(call, line)

    async def resolve(self, call: Call) -> Reply:
        body: ResolveBody = call.body
        if len(body.note) > self._services.settings.longest_note:
            raise TooLong("note")
        viewer = viewer_of(call.member)
        await self._desk.resolve(viewer, call.path_id, body.epoch, body.note, body.learned, self._trace(call))
        return Reply(await self._open(call))

    async def release(self, call: Call) -> Reply:
        body: AtEpoch = call.body
        await self._desk.release(viewer_of(call.member), call.path_id, body.epoch, self._trace(call))
        return Reply(await self._open(call))

    async def typing(self, call: Call) -> Reply:
        await self._desk.typing(viewer_of(call.member), call.path_id)
        return Reply()

    async def media(self, call: Call) -> Reply:
        row, content = await self._desk.files.open(viewer_of(call.member), call.path_id, self._trace(call))
        name = f"{row.kind}-{row.media_id[-6:]}{_SUFFIXES.get(row.content_type, '')}"
        return Reply(file=FileBody(content, row.content_type, name, inline=row.content_type in SHOWN))

    async def decline(self, call: Call) -> Reply:
        await self._desk.decline(viewer_of(call.member), call.path_id, self._trace(call))
        return Reply()

    async def _queued(self, call: Call, line: Line) -> Reply:
        purse = await self._desk.purse(viewer_of(call.member), call.path_id)
        return Reply(ReplyAnswer(message=Message.model_validate(line), purse=None if purse is None else Purse.model_validate(purse)))

    async def _open(self, call: Call) -> Detail:
        found = await self._desk.open(viewer_of(call.member), call.path_id, self._trace(call))
        agent = {"agent_id": found.agent_id, "name": found.agent_name or ""} if found.agent_id is not None else None
        return Detail.model_validate({**vars(found), "agent": agent})

    def _trace(self, call: Call) -> Trace:
        return Trace(self._services.clock, call.member.member_id, call.address)


def read_picture(encoded: str) -> bytes:
    """A picture that can be sent. Raises BadRequest, NoPicture."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise BadRequest("content") from None
    if type_of(content) not in SENT:
        raise NoPicture("content")
    return content


def check_text(text: str, longest: int) -> None:
    """A text that can be sent: something visible, and not too much of it. Raises EmptyText, TooLong."""
    if all(unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Cc", "Cf") for letter in text):
        raise EmptyText("text")
    if len(text) > longest:
        raise TooLong("text")
