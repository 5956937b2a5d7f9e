"""Bubbles of which nobody knows whether they were sent: allowed, and listed one by one."""

from chaos.evidence import Evidence, Finding


def find_unknown(evidence: Evidence) -> list[Finding]:
    """Each with whether the phone shows a bubble of its text."""
    openids = {row.conversation_id: row.openid for row in evidence.conversations}
    found = []
    for row in evidence.outbounds:
        if row.status == "unknown":
            openid = openids.get(row.conversation_id, "")
            seen = any(line.text.strip() == row.text.strip() for line in evidence.chats.get(openid, ()) if line.kind == "custom")
            found.append(Finding("unknown", openid, f"{row.outbound_id} of {row.author}: {row.reason}, {'seen' if seen else 'not seen'}"))
    return found
