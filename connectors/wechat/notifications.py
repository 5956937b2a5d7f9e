"""Events about what was sent: a template or mass message that is done, and a subscriber's consents to subscription messages.

Source: developers.weixin.qq.com, "Template messages" (TEMPLATESENDJOBFINISH: MsgID, Status), "Mass sending" (MASSSENDJOBFINISH),
"Subscription notifications" (subscribe_msg_popup_event, …_change_event, …_sent_event, each with one List or several).
"""

from collections.abc import Mapping
from typing import Any

from connectors.wechat.elements import Fields

_MOST = 20
_LONGEST = 128
_DIGITS = 15
_JOB_STATUS = {
    "success": "success",
    "send success": "success",
    "failed:user block": "user_block",
    "failed: system failed": "system_failed",
    "failed:system failed": "system_failed",
    "send fail": "failed",
}
_NAMES = ("MsgID", "MsgId")
_COUNTS = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
_GROUPS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}
# (event, what the subscriber chose) → what it does to the consent
_ANSWERS = {
    ("subscribe_msg_popup_event", "accept"): "granted",
    ("subscribe_msg_popup_event", "reject"): "refused",
    ("subscribe_msg_change_event", "accept"): "allowed",
    ("subscribe_msg_change_event", "reject"): "withdrawn",
}


def read_job(name: str, fields: Fields) -> dict[str, Any]:
    """The job's number, its status in few words, and the counts of a mass message."""
    number = next((value for one in _NAMES if isinstance(value := fields.get(one), str) and value.isascii() and value.isdigit()), "")
    status = fields.get("Status")
    told = status.strip().lower() if isinstance(status, str) else ""
    counts = {one: count for one in _COUNTS if (count := _count(fields.get(one))) is not None}
    return {"job": number[:19], "status": _JOB_STATUS.get(told, "other"), "counts": counts}


def read_consents(name: str, fields: Fields) -> list[dict[str, str]]:
    """Each topic (a template's id) with what became of the consent: granted, refused, allowed, withdrawn, used or failed."""
    group = fields.get(_GROUPS[name])
    rows = group.get("List", group) if isinstance(group, dict) else group
    found = rows if isinstance(rows, list) else [rows]
    return [one for one in (_consent(name, row) for row in found[:_MOST]) if one is not None]


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS else None


def _consent(name: str, row: object) -> dict[str, str] | None:
    if not isinstance(row, Mapping):
        return None
    topic, chosen, code = (row.get(one) for one in ("TemplateId", "SubscribeStatusString", "ErrorCode"))
    if not isinstance(topic, str) or not topic.strip():
        return None
    if name == "subscribe_msg_sent_event":
        answer = "used" if code == "0" else "failed"
    else:
        answer = _ANSWERS.get((name, chosen.strip().lower() if isinstance(chosen, str) else ""), "failed")
    return {"topic": topic.strip()[:_LONGEST], "answer": answer}
