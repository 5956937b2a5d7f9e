"""What may be tuned about web chat. Seconds unless the name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """So many at once, and then so many a second."""

    burst: float
    per_s: float


@dataclass(frozen=True)
class WebChatSettings:
    """Addresses are shared: behind one of a mobile carrier's, thousands of subscribers may sit. Their rates are wide."""

    session_s: float = 30 * 86_400.0
    """How long a token is good; every visit makes a new one."""
    longest_text: int = 4_000
    """Characters of one message."""
    page_lines: int = 100
    """Lines that one answer holds at most."""
    look_s: float = 5.0
    """How often a stream looks for lines whose wake-up was lost."""
    heartbeat_s: float = 10.0
    """A stream that is silent for longer is cut by the server's own time-out, and by many a proxy."""
    streams_per_visitor: int = 8
    """In one process; a further one takes the place of the oldest."""
    most_streams: int = 5_000
    """Streams open in one process."""
    visitor_messages: Rate = Rate(15, 0.5)
    visitor_calls: Rate = Rate(60, 4)
    address_sessions: Rate = Rate(60, 2)
    address_calls: Rate = Rate(600, 60)
