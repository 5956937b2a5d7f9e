"""All calls of the staff API, in one list: the app's routes and /api/openapi.json are made from it."""

from conversations.media import LARGEST_PICTURE
from staff.api import Route
from staff.desk_calls import DeskCalls
from staff.event_stream import EventStream
from staff.models import (
    Agent,
    AtEpoch,
    ConversationsAnswer,
    Detail,
    PictureBody,
    PresenceChange,
    QueueAnswer,
    ReplyAnswer,
    ReplyBody,
    ResolveBody,
    SessionAnswer,
    SignIn,
)
from staff.services import Services
from staff.session_calls import SessionCalls

V1 = "/api/v1"
_DESK = ("agent", "supervisor")
_PICTURE_BODY = LARGEST_PICTURE * 3 // 2
_ONE = f"{V1}/conversations/<path_id:str>"


def make_routes(services: Services, calls: DeskCalls, stream: EventStream) -> tuple[Route, ...]:
    """The registry. Roles: trainers have no business at the desk."""
    session = SessionCalls(services)
    return (
        Route("POST", f"{V1}/session", session.sign_in, "Sign in", SessionAnswer, SignIn, open=True,
              refusals=("bad_credentials", "too_many_attempts")),
        Route("GET", f"{V1}/session", session.read_session, "Who is signed in", SessionAnswer),
        Route("DELETE", f"{V1}/session", session.sign_out, "Sign out"),
        Route("PUT", f"{V1}/presence", session.set_presence, "Come to the desk, take a break, leave", Agent, PresenceChange,
              roles=_DESK),
        Route("POST", f"{V1}/presence/heartbeat", session.heartbeat, "A sign of life, every 10 s", Agent, roles=_DESK),
        Route("GET", f"{V1}/queue", calls.queue, "Who waits, and what is offered to me", QueueAnswer, roles=_DESK),
        Route("GET", f"{V1}/conversations", calls.conversations, "My conversations", ConversationsAnswer, roles=_DESK,
              parameters=(("state", "mine or recent", False),)),
        Route("GET", _ONE, calls.conversation, "Open a conversation", Detail, roles=_DESK, refusals=("not_found",)),
        Route("POST", f"{_ONE}/accept", calls.accept, "Take a waiting conversation", Detail, AtEpoch, roles=_DESK,
              refusals=("not_found", "taken", "epoch_moved", "no_free_slot")),
        Route("POST", f"{_ONE}/reply", calls.reply, "Write to the subscriber", ReplyAnswer, ReplyBody, roles=_DESK,
              refusals=("not_found", "epoch_moved", "not_owner", "newer_message", "text_empty", "text_too_long")),
        Route("POST", f"{_ONE}/pictures", calls.picture, "Send the subscriber a picture", ReplyAnswer, PictureBody, roles=_DESK,
              refusals=("not_found", "epoch_moved", "not_owner", "newer_message", "no_picture", "too_large"), largest_body=_PICTURE_BODY),
        Route("POST", f"{_ONE}/resolve", calls.resolve, "Give the subscriber back to the bot", Detail, ResolveBody, roles=_DESK,
              refusals=("not_found", "epoch_moved", "not_owner")),
        Route("POST", f"{_ONE}/release", calls.release, "Put the conversation back into the queue", Detail, AtEpoch, roles=_DESK,
              refusals=("not_found", "epoch_moved", "not_owner")),
        Route("POST", f"{_ONE}/typing", calls.typing, "Show that someone writes", roles=_DESK, refusals=("not_found",)),
        Route("GET", f"{V1}/media/<path_id:str>", calls.media, "A picture, voice or video that came with a message", roles=_DESK, file=True,
              refusals=("not_found",)),
        Route("POST", f"{V1}/offers/<path_id:str>/decline", calls.decline, "Give an offer back", roles=_DESK,
              refusals=("offer_over",)),
        Route("GET", f"{V1}/events", stream.serve, "Server-sent events", roles=_DESK, stream=True, refusals=("too_many_streams",),
              parameters=(("after", "number of the last event seen; without it the first event is a resync", False),)),
    )  # fmt: skip
