"""What may be tuned about conversations. Seconds unless the name says otherwise; made once by the composer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ConversationSettings:
    """The values the design names; longer than a callback may wait never helps, shorter loses passive replies."""

    hold_s: float = 4.5
    """How long a callback is held for its passive reply, when the connector does not say."""
    longest_hold_s: float = 20.0
    """After this an undecided message is deferred by the sweep: its caller is gone."""
    bot_timeout_s: float = 8.0
    understand_timeout_s: float = 2.0
    direct_timeout_s: float = 3.0
    lease_s: float = 30.0
    alone: bool = False
    """No other process works on this store: a lease found at the start is a dead process's, and is not waited for."""
    sweep_s: float = 5.0
    behind_s: float = 1.0
    """What came in so lately is not left behind: its own wake-up is under way."""
    audit_s: float = 60.0
    workers: int = 64
    """Conversations that move at the same time in one process."""
    queue_timeout_s: float = 1800.0
    """Who has waited so long gets a ticket instead."""
    native_return_s: float = 1800.0
    """After so long the channel takes a chat back from its own desk by itself (native.py)."""
    agent_idle_s: float = 7200.0
    """An owned conversation in which nothing was said for so long goes back to the bot."""
    breaker_failures: int = 5
    breaker_open_s: float = 2.0
    """How long the bot is left alone before one turn tries it again: no longer than subscribers should miss it once it is back."""
    send_attempts: int = 4
    retry_s: float = 2.0
    """Doubled after every attempt that the channel put off."""
    text_bytes: int = 2048
    """The longest bubble, UTF-8 (WeChat's limit for a passive reply and for a customer-service message)."""
    packet_lines: int = 30
    """How much of the transcript a handoff packet holds."""
    state_bytes: int = 16_384
    """A longer bot state is dropped and counted."""
