"""Answered twice: a bubble on the phone that no row accounts for, be it passive and custom, two customs or two passives."""

from collections import Counter

from chaos.evidence import Evidence, Finding

_MAY_BE_SEEN = ("sent", "unknown", "sending")


def find_twice(evidence: Evidence) -> list[Finding]:
    """Must be empty. Counted text by text: a phone may show each as often as rows say, not once more."""
    by_conversation, conversations = evidence.outbounds_of(), evidence.conversation_of()
    passives: dict[str, Counter[str]] = {}
    for row in evidence.inbounds:
        if row.reply == "passive" and row.passive_text is not None:
            passives.setdefault(row.openid, Counter())[row.passive_text.strip()] += 1
    found = []
    for openid, lines in evidence.chats.items():
        conversation = conversations.get(openid)
        rows = by_conversation.get(conversation.conversation_id, []) if conversation else []
        allowed = {
            "custom": Counter(row.text.strip() for row in rows if row.status in _MAY_BE_SEEN),
            "passive": passives.get(openid, Counter()),
        }
        for kind, texts in allowed.items():
            shown = Counter(line.text.strip() for line in lines if line.kind == kind)
            surplus = sum((shown - texts).values())
            if surplus:
                found.append(Finding("twice", openid, f"{surplus} {kind} bubbles more than its rows"))
    return [*found, *_shown_twice(evidence)]


def _shown_twice(evidence: Evidence) -> list[Finding]:
    shown = Counter((one.openid, one.msg_id) for one in evidence.deliveries if one.outcome == "passive" and one.msg_id is not None)
    return [
        Finding("twice", openid, f"message {msg_id} had {count} passive replies") for (openid, msg_id), count in shown.items() if count > 1
    ]
