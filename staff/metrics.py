"""/metrics of the staff side alone; the composer gives the page of the whole core."""

from desk.desk import Desk
from runtime.metrics import labelled, one, render


async def describe(desk: Desk) -> str:
    """Agents by status, who waits, what is offered and served."""
    counts = await desk.counts()
    agents = {name.removeprefix("agents_"): count for name, count in counts.items() if name.startswith("agents_")}
    return render(
        (
            labelled("weiting_agents", "gauge", "Agents by status.", "status", agents),
            one("weiting_queue_length", "gauge", "Conversations that wait for a person.", counts["waiting"]),
            one("weiting_offers", "gauge", "Offers an agent has not answered yet.", counts["offers"]),
            one("weiting_assignments", "gauge", "Conversations a person serves now.", counts["assignments"]),
        )
    )
