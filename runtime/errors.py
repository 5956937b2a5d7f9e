"""The errors every part shares.

    WeitingError
    ├── SettingsError      a setting is missing or wrong: names the key and the mend; the command exits 2
    ├── Refusal            an expected business refusal (taken, too soon, not proved): never logged as a fault
    └── Fault              something broke: logged, counted, alarmed
        ├── StorageFault   the database or Redis did not do what was asked
        └── SourceFault    a source of figures failed or is stale
"""


class WeitingError(Exception):
    """Root of every error this product raises on purpose."""


class SettingsError(WeitingError):
    """A setting is missing or wrong. The message is one sentence that names the key and the mend."""

    def __init__(self, key: str, mend: str) -> None:
        self.key = key
        self.mend = mend
        super().__init__(f"{key}: {mend}")


class Refusal(WeitingError):
    """An expected refusal. `code` is the stable name that callers and pages act on."""

    code = "refused"

    def __init__(self, message: str = "", code: str | None = None) -> None:
        if code is not None:
            self.code = code
        super().__init__(message or self.code)


class Fault(WeitingError):
    """Something that should work did not."""


class StorageFault(Fault):
    """The database or Redis did not do what was asked; nothing was half done."""


class SourceFault(Fault):
    """A source of figures failed or is stale; the subscriber is told which and since when."""
