"""The bodies of the staff API, as docs/architecture.md has them. OpenAPI is made from these."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from conversations.media import LARGEST_PICTURE

# no control characters in what is looked up: PostgreSQL takes no NUL
_Login = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
_ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
_PICTURE_LETTERS = (LARGEST_PICTURE + 2) // 3 * 4
_Epoch = Annotated[int, Field(ge=0, le=2**53)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_Value = Annotated[str, StringConstraints(max_length=200)] | int | float | bool | None


class Body(BaseModel):
    """What a call takes. Types are strict: "5" is no number. Unknown fields are ignored, so that older servers take newer pages."""

    model_config = ConfigDict(strict=True, extra="ignore")


class SignIn(Body):
    """POST /session."""

    login: _Login
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class PresenceChange(Body):
    """PUT /presence."""

    status: Literal["online", "break", "offline"]


class AtEpoch(Body):
    """accept, release: what the page believes the conversation's epoch to be."""

    epoch: _Epoch


class ReplyBody(AtEpoch):
    """reply. `seen_position` is the transcript's last position on the page; the text's length is judged by the desk."""

    text: str
    client_id: _ClientId
    seen_position: Annotated[int, Field(ge=0, le=2**53)]


class PictureBody(AtEpoch):
    """pictures: one in base64, as it is (PNG, JPEG or GIF)."""

    content: Annotated[str, StringConstraints(min_length=1, max_length=_PICTURE_LETTERS, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
    client_id: _ClientId
    seen_position: Annotated[int, Field(ge=0, le=2**53)]


class ResolveBody(AtEpoch):
    """resolve: what was done, and values the agent learned, for the bot's state."""

    note: str = ""
    learned: Annotated[dict[_Name, _Value], Field(max_length=20)] = Field(default_factory=dict)


class Answer(BaseModel):
    """What a call answers."""

    model_config = ConfigDict(from_attributes=True)


class Agent(Answer):
    """A member of staff at the desk."""

    agent_id: str
    login: str
    name: str
    role: Literal["agent", "supervisor", "trainer"]
    status: Literal["online", "break", "offline"]
    slots_used: int
    slots_max: int
    accounts: list[str]


class SessionAnswer(Answer):
    """Who is signed in, the token the page's calls must carry (a token's session has none), and the service's time, which may be moved."""

    agent: Agent
    csrf: str | None
    now: datetime


class Waiting(Answer):
    """One place in the queue."""

    handoff_id: str
    conversation_id: str
    account: str
    subscriber: str
    reason: str
    skill: str
    priority: int
    position: int
    waiting_s: Annotated[int, BeforeValidator(int)]
    requested_at: datetime
    wish: str
    intent: str | None
    last_text: str
    epoch: int
    offered_to_me: bool


class OfferAnswer(Answer):
    """A conversation held out to whoever asks."""

    offer_id: str
    conversation_id: str
    expires_at: datetime
    expires_in_s: float
    waiting: Waiting


class QueueAnswer(Answer):
    """Who waits, what is offered to me, and how many agents are online in my accounts."""

    waiting: list[Waiting]
    offers: list[OfferAnswer]
    online_agents: int


class Summary(Answer):
    """A conversation in a list."""

    conversation_id: str
    account: str
    subscriber: str
    owner: str
    epoch: int
    last_text: str
    last_at: datetime | None
    unread: int
    purse_left: int | None
    waiting_since: datetime | None


class ConversationsAnswer(Answer):
    """GET /conversations."""

    conversations: list[Summary]


class AgentName(Answer):
    """Who owns a conversation."""

    agent_id: str
    name: str


class Purse(Answer):
    """How many messages may still be sent before the subscriber writes again, and until when."""

    left: int
    of: int
    until: datetime | None


class Handoff(Answer):
    """The packet a conversation was handed over with."""

    handoff_id: str
    reason: str
    intent: str | None
    skill: str
    priority: int
    requested_at: datetime
    accepted_at: datetime | None
    wish: str
    proof_level: int
    ticket: str | None
    slots: dict[str, Any]
    actions: list[dict[str, Any]]
    version: int
    rating: Literal["satisfied", "neutral", "unsatisfied"] | None
    rated_at: datetime | None


class MessageMedia(Answer):
    """A file of a message: at /api/v1/media/ID once it is fetched."""

    media_id: str
    state: Literal["wanted", "fetched", "failed", "expired"]
    content_type: str
    size: int


class MessagePlace(Answer):
    """Where on the map, in degrees (GCJ-02 from WeChat)."""

    latitude: float
    longitude: float
    label: str


class MessageLink(Answer):
    """A link that was sent. It is the subscriber's: shown as text, never opened for anyone."""

    title: str
    description: str
    url: str


class Message(Answer):
    """One line of a transcript. A voice's text is what a machine heard."""

    position: int
    author: Literal["subscriber", "bot", "agent", "notice"]
    name: str | None
    text: str
    at: datetime
    status: Literal["received", "queued", "sending", "handed_over", "sent", "refused", "unknown", "held", "dropped"]
    reason: str | None
    turn_id: str | None
    client_id: str | None
    kind: str
    media: MessageMedia | None
    place: MessagePlace | None
    link: MessageLink | None


class TurnLine(Answer):
    """What the bot made of one message."""

    turn_id: str
    intent: str | None
    confidence: float | None
    decision: str | None
    at: datetime


class Detail(Answer):
    """A conversation, opened."""

    conversation_id: str
    account: str
    subscriber: str
    owner: str
    epoch: int
    agent: AgentName | None
    purse: Purse | None
    handoff: Handoff | None
    transcript: list[Message]
    receipts: list[dict[str, Any]]
    turns: list[TurnLine]
    scene: str


class ReplyAnswer(Answer):
    """The message as it stands in the transcript."""

    message: Message
    purse: Purse | None


class ErrorLines(Answer):
    """Why a call was refused."""

    code: str
    message: str
    message_zh: str


class ErrorAnswer(Answer):
    """The body of every refusal."""

    error: ErrorLines
