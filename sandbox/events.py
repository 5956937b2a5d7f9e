"""Events: what a subscriber does beside writing, and what WeChat itself tells an account.

Names and fields: developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_event_pushes.html,
…/doc/service/guide/product/menu/… (menu events), …/Template_Message_Interface.html and the page of subscribe notifications. `event` fires
any other with fields of the script's own.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.errors import ScriptRefusal
from sandbox.kinds import Action, SentMedia, event, given, message_from, number, place
from sandbox.rendering import Fields

_PICTURES_MOST = 9


def _subscribe(data: Mapping[str, Any], _media: SentMedia) -> Action:
    scene = given(data, "scene", "")
    fields: Fields = [("EventKey", f"qrscene_{scene}" if scene else ""), *_ticket(data, scene)]
    return event("subscribe", fields, "关注了公众号", "event", scene=scene)


def _unsubscribe(_data: Mapping[str, Any], _media: SentMedia) -> Action:
    return event("unsubscribe", [("EventKey", "")], "取消了关注")


def _scan(data: Mapping[str, Any], _media: SentMedia) -> Action:
    scene = given(data, "scene", "") or given(data, "key", "") or "1"
    return event("SCAN", [("EventKey", scene), *_ticket(data, scene)], f"扫描了二维码 {scene}", "event")


def _click(data: Mapping[str, Any], _media: SentMedia) -> Action:
    return event("CLICK", [("EventKey", _key(data))], _tapped(data), "event")


def _view(data: Mapping[str, Any], _media: SentMedia) -> Action:
    # A tap on a link is no allowance: only click, scancode_push and scancode_waitmsg are.
    return event("VIEW", [("EventKey", _key(data)), ("MenuId", given(data, "menu_id", "400000001"))], _tapped(data))


def _view_miniprogram(data: Mapping[str, Any], _media: SentMedia) -> Action:
    return event("view_miniprogram", [("EventKey", _key(data)), ("MenuId", given(data, "menu_id", "400000001"))], _tapped(data))


def _scancode(name: str) -> Callable[[Mapping[str, Any], SentMedia], Action]:
    def make(data: Mapping[str, Any], _media: SentMedia) -> Action:
        scanned: Fields = [("ScanType", given(data, "scan_type", "qrcode")), ("ScanResult", given(data, "result", "1"))]
        return event(name, [("EventKey", _key(data)), ("ScanCodeInfo", scanned)], _tapped(data), "event")

    return make


def _pictures(name: str) -> Callable[[Mapping[str, Any], SentMedia], Action]:
    def make(data: Mapping[str, Any], media: SentMedia) -> Action:
        count = int(number(data, "count", 1, _PICTURES_MOST))
        if count < 1:
            raise ScriptRefusal(f"count must be from 1 to {_PICTURES_MOST}.")
        md5 = hashlib.md5(media.media_id.encode(), usedforsecurity=False).hexdigest()
        items: Fields = [("item", [("PicMd5Sum", md5)]) for _ in range(count)]
        info: Fields = [("Count", count), ("PicList", items)]
        pictures = tuple(message_from("image", {}, media) for _ in range(count))
        return event(name, [("EventKey", _key(data)), ("SendPicsInfo", info)], _tapped(data), then=_following(data, pictures))

    return make


def _location_select(data: Mapping[str, Any], media: SentMedia) -> Action:
    x, y, label, scale = place(data)
    # WeChat sends these as texts, unlike those of the message that follows.
    info: Fields = [("Location_X", str(x)), ("Location_Y", str(y)), ("Scale", str(scale)), ("Label", label)]
    info.append(("Poiname", given(data, "poi", "")))
    then = _following(data, (message_from("location", data, media),))
    return event("location_select", [("EventKey", _key(data)), ("SendLocationInfo", info)], _tapped(data), then=then)


def _enter_location(data: Mapping[str, Any], _media: SentMedia) -> Action:
    latitude, longitude, _, _ = place(data)
    fields: Fields = [("Latitude", latitude), ("Longitude", longitude), ("Precision", number(data, "precision", 30))]
    return event("LOCATION", fields, "上报了地理位置")


def _template_done(data: Mapping[str, Any], _media: SentMedia) -> Action:
    return event("TEMPLATESENDJOBFINISH", [("MsgID", _number(data, "msgid")), ("Status", given(data, "status", "success"))])


def _mass_done(data: Mapping[str, Any], _media: SentMedia) -> Action:
    names = (("TotalCount", "total"), ("FilterCount", "filtered"), ("SentCount", "sent"), ("ErrorCount", "failed"))
    counts = [(name, _number(data, key)) for name, key in names]
    return event("MASSSENDJOBFINISH", [("MsgID", _number(data, "msgid")), ("Status", given(data, "status", "send success")), *counts])


def _popup(name: str, group: str) -> Callable[[Mapping[str, Any], SentMedia], Action]:
    def make(data: Mapping[str, Any], _media: SentMedia) -> Action:
        template = given(data, "template_id", "sandbox-template-0001")
        if name == "subscribe_msg_sent_event":
            done: Fields = [("MsgID", str(_number(data, "msgid"))), ("ErrorCode", str(_number(data, "errcode")))]
            row: Fields = [("TemplateId", template), *done, ("ErrorStatus", given(data, "status", "success"))]
        else:
            row = [("TemplateId", template), ("SubscribeStatusString", given(data, "status", "accept"))]
        if name == "subscribe_msg_popup_event":
            row.append(("PopupScene", str(_number(data, "popup_scene") or 2)))
        return event(name, [(group, [("List", row)])])

    return make


def _any(data: Mapping[str, Any], _media: SentMedia) -> Action:
    """`{"event": NAME, "fields": {…}}`: numbers, texts, and objects of them."""
    name = given(data, "event", "")
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise ScriptRefusal("event must be the event's name: letters, digits and _.")
    fills = data.get("fills", "none")
    if fills not in ("none", "message", "event"):
        raise ScriptRefusal("fills must be none, message or event.")
    return event(name, _free(data.get("fields", {})), fills=fills)


EVENTS: Mapping[str, Callable[[Mapping[str, Any], SentMedia], Action]] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "scan": _scan,
    "click": _click,
    "view": _view,
    "view_miniprogram": _view_miniprogram,
    "scancode_push": _scancode("scancode_push"),
    "scancode_waitmsg": _scancode("scancode_waitmsg"),
    "pic_sysphoto": _pictures("pic_sysphoto"),
    "pic_photo_or_album": _pictures("pic_photo_or_album"),
    "pic_weixin": _pictures("pic_weixin"),
    "location_select": _location_select,
    "enter_location": _enter_location,
    "templatesendjobfinish": _template_done,
    "masssendjobfinish": _mass_done,
    "subscribe_msg_popup_event": _popup("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"),
    "subscribe_msg_change_event": _popup("subscribe_msg_change_event", "SubscribeMsgChangeEvent"),
    "subscribe_msg_sent_event": _popup("subscribe_msg_sent_event", "SubscribeMsgSentEvent"),
    "event": _any,
}


def _free(fields: Any) -> Fields:
    if not isinstance(fields, dict):
        raise ScriptRefusal("fields must be an object.")
    made: Fields = []
    for name, value in fields.items():
        if not name.replace("_", "").isalnum() or not name.isascii() or name[0].isdigit():
            raise ScriptRefusal("A field's name must be letters, digits and _.")
        if isinstance(value, dict):
            made.append((name, _free(value)))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            made.append((name, given({name: value}, name, "") if isinstance(value, str) else value))
        else:
            raise ScriptRefusal("A field's value must be a text, a number or an object.")
    return made


def _following(data: Mapping[str, Any], then: tuple[Action, ...]) -> tuple[Action, ...]:
    """The client sends the pictures or the place after the event, unless the script says `"alone": true`."""
    return () if data.get("alone") is True else then


def _ticket(data: Mapping[str, Any], scene: str) -> Fields:
    return [("Ticket", given(data, "ticket", f"sandbox-ticket-{scene}"))] if scene else []


def _key(data: Mapping[str, Any]) -> str:
    key = given(data, "key", "")
    if not key:
        raise ScriptRefusal(f"kind {data.get('kind')} needs the key of the menu entry.")
    return key


def _tapped(data: Mapping[str, Any]) -> str:
    return f"点击了菜单「{given(data, 'name', given(data, 'key', ''))}」"


def _number(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name, 0)
    # Not through a float: a MsgID has more digits than one holds.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise ScriptRefusal(f"{name} must be a whole number that fits 64 bits.")
    return value
