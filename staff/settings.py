"""What the staff side can be told, small and frozen."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StaffSettings:
    """Limits of the staff side. Times in seconds, sizes in bytes, texts in characters (code points)."""

    session_s: int = 12 * 3600
    login_attempts: int = 5
    address_attempts: int = 60
    login_window_s: float = 60.0
    largest_body: int = 64 * 1024
    longest_text: int = 2_000
    longest_note: int = 2_000
    heartbeat_s: float = 15.0
    # how often a stream looks into the log when no bell rings
    look_s: float = 2.0
    streams_per_member: int = 12
    # behind TLS the cookie must not travel without it; on a loopback desk there is no TLS to demand
    secure_cookie: bool = False
