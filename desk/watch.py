"""What changed without a word: the second look that makes a lost wake-up cost a sweep and no more.

The core and the desks say on the bus what they committed. Whoever leads the router compares what it sees with what it saw, and
writes the events that nobody asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conversations.adapters.reading import Waiting
from desk import events
from desk.standing import Standing

Missing = tuple[str, str, str | None]


@dataclass
class Watch:
    """What the leader saw last: places in the queue, and how long the transcripts of live conversations are."""

    places: dict[tuple[str, int], str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def queue(self, waiting: Iterable[Waiting], told: frozenset[str]) -> list[Missing]:
        """(kind, account, None) for each account whose queue changed by conversations nobody spoke of."""
        seen = {(one.conversation_id, one.epoch): one.account for one in waiting}
        before, self.places = self.places, seen
        changed = [key for key in seen.keys() ^ before.keys() if key[0] not in told]
        return [(events.QUEUE_CHANGED, account, None) for account in sorted({seen.get(key) or before[key] for key in changed})]

    def conversations(self, standings: Mapping[str, Standing], told: frozenset[str]) -> list[Missing]:
        """(kind, account, conversation) for each that has new lines nobody spoke of."""
        before, self.lines = self.lines, {name: standing.lines for name, standing in standings.items()}
        return [
            (events.CONVERSATION_CHANGED, standing.account, name)
            for name, standing in standings.items()
            if name in before and before[name] != standing.lines and name not in told
        ]
