"""What can go wrong in the engine.

EngineError
├── RequestRefused      the caller's fault: answered with a status and a code, nothing is logged
│   ├── BadRequest      400 bad_request: a missing or wrong field
│   │   └── UnknownIntent   400 unknown_intent: a menu key names none of this industry's
│   ├── BadSecret       401 bad_secret
│   ├── UnknownIndustry 404 unknown_industry: no model was started for it
│   └── BadState        409 bad_state: the state cannot be read; ask again with `state: null`
├── TurnFault           500 fault: the turn could not be finished; logged with its traceback
├── StartRefused        the process cannot start: one sentence, exit 2
├── TrainingRefused     the data cannot be trained: one sentence, exit 1
└── WrongRasa           a patch met another Rasa than the one it was proved against
"""


class EngineError(Exception):
    """The root: its text is one sentence for whoever reads the log or the terminal."""


class RequestRefused(EngineError):
    """An answer to the caller, not a fault."""

    status = 400
    code = "bad_request"


class BadRequest(RequestRefused):
    """A field is missing or wrong."""


class UnknownIntent(BadRequest):
    """A menu key names an intent that this industry does not have."""

    code = "unknown_intent"


class BadSecret(RequestRefused):
    """The shared secret is missing or wrong."""

    status = 401
    code = "bad_secret"


class UnknownIndustry(RequestRefused):
    """This process was started without a model of that industry."""

    status = 404
    code = "unknown_industry"


class BadState(RequestRefused):
    """The state is of another version, too large or not readable."""

    status = 409
    code = "bad_state"


class TurnFault(EngineError):
    """The turn could not be finished."""


class StartRefused(EngineError):
    """The process cannot start."""


class TrainingRefused(EngineError):
    """The data cannot be trained."""


class WrongRasa(EngineError):
    """A patch is pinned to one version of Rasa."""


def first_line(error: BaseException) -> str:
    """The root cause in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:3]) if lines else type(error).__name__
