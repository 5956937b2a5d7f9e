"""WeChat's side of the customer-service interface: every check it makes, in its order, over the sandbox's own chats.

Sources: developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html and …/api_typing; the meaning of the
codes is in sandbox/errors.py. Nothing here does I/O.
"""

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.chats import TYPING_S, Chat, Phones
from sandbox.clock import SandboxClock
from sandbox.config import OPENID, Account
from sandbox.errors import PlatformRefusal
from sandbox.faults import PlatformSettings
from sandbox.tokens import TokenDesk

TEXT_BYTES = 2048
EXCHANGE_S = 30.0
# An escape counts only behind an even number of backslashes; \\u4e2d in JSON is a backslash and four letters.
_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u([0-9a-fA-F]{4})")
_KF_ACCOUNT = re.compile(r"[^@\s]{1,10}@\S{1,64}")
_MEDIA_TYPES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "mpnews": "[图文]", "mpnewsarticle": "[图文]"}
_OTHER_TYPES = {"music": "[音乐]", "news": "[图文]", "wxcard": "[卡券]", "miniprogrampage": "[小程序]"}


def read_body(raw: bytes) -> dict[str, Any]:
    """The JSON of a call; raises PlatformRefusal 44002, 40033, 47001.

    WeChat stores the bytes as they are, so a character outside ASCII must be sent as UTF-8 and not as an escape.
    """
    if not raw.strip():
        raise PlatformRefusal(44002)
    if any(int(code, 16) > 0x7F for code in _ESCAPE.findall(raw)):
        raise PlatformRefusal(40033)
    try:
        data = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PlatformRefusal(47001) from error
    if not isinstance(data, dict):
        raise PlatformRefusal(47001)
    return data


class Platform:
    """Token, sending and typing."""

    def __init__(self, phones: Phones, clock: SandboxClock, settings: PlatformSettings) -> None:
        self._phones = phones
        self._clock = clock
        self._settings = settings
        self._tokens = TokenDesk()

    def issue_token(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Answer of stable_token; raises PlatformRefusal 40002, 40013, 40125, 41002, 41004, 45009, 45011."""
        if data.get("grant_type") != "client_credential":
            raise PlatformRefusal(40002)
        app_id, secret = data.get("appid"), data.get("secret")
        if not app_id or not secret:
            raise PlatformRefusal(41004 if app_id else 41002)
        account = next((one for one in self._phones.accounts() if one.app_id == app_id), None)
        if account is None:
            raise PlatformRefusal(40013)
        if not hmac.compare_digest(str(secret).encode(), account.secret.encode()):
            raise PlatformRefusal(40125)
        value, expires_in = self._tokens.issue(account.key, self._clock.now(), force=data.get("force_refresh") is True)
        return {"access_token": value, "expires_in": expires_in}

    def account_of(self, token: str) -> Account:
        """The account the token speaks for; raises PlatformRefusal 41001, 40014, 40001, 42001."""
        return self._phones.account(self._tokens.check(token, self._clock.now()))

    def send(self, account: Account, data: Mapping[str, Any]) -> None:
        """Shows one customer-service message on the phone; raises PlatformRefusal."""
        if account.kind == "subscription":
            raise PlatformRefusal(48001)
        chat = self._access_chat(account, data)
        msg_type = data.get("msgtype")
        text = _shown_text(msg_type, data)
        speaker = _speaker(data)
        if not chat.following:
            raise PlatformRefusal(43004)
        now = self._clock.seconds()
        chat.purse.charge(now, self._settings.purse_reading)
        chat.typing_until = 0.0
        chat.exchanged_at = now
        at = self._clock.now().isoformat(timespec="milliseconds")
        chat.append("account", "custom", text, at, speaker=speaker, msg_type=str(msg_type), choices=_choices(data))

    def set_typing(self, account: Account, data: Mapping[str, Any]) -> None:
        """Shows or hides 对方正在输入; raises PlatformRefusal 40003, 43004, 45072, 45080, 45081, 48001."""
        if account.kind == "subscription":
            raise PlatformRefusal(48001)
        chat = self._access_chat(account, data)
        command = data.get("command")
        if command not in ("Typing", "CancelTyping"):
            raise PlatformRefusal(45072)
        if not chat.following:
            raise PlatformRefusal(43004)
        now = self._clock.seconds()
        if command == "CancelTyping":
            chat.typing_until = 0.0
        else:
            if now - chat.exchanged_at > EXCHANGE_S:
                raise PlatformRefusal(45080)
            if now < chat.typing_until:
                raise PlatformRefusal(45081)
            chat.typing_until = now + TYPING_S
        chat.touch()

    def _access_chat(self, account: Account, data: Mapping[str, Any]) -> Chat:
        openid = data.get("touser")
        chat = self._phones.chat(account, openid) if isinstance(openid, str) and OPENID.fullmatch(openid) else None
        if chat is None:
            raise PlatformRefusal(40003)
        return chat


def _shown_text(msg_type: object, data: Mapping[str, Any]) -> str:
    if not isinstance(msg_type, str):
        raise PlatformRefusal(40008)
    part = data.get(msg_type)
    if msg_type == "text":
        content = part.get("content") if isinstance(part, dict) else None
        if not isinstance(content, str) or not content:
            raise PlatformRefusal(44004)
        return _check_size(content)
    if msg_type == "msgmenu":
        return _check_size(_menu_text(part))
    if msg_type in _MEDIA_TYPES:
        if not isinstance(part, dict) or not (part.get("media_id") or part.get("article_id")):
            raise PlatformRefusal(40007)
        return _MEDIA_TYPES[msg_type]
    if msg_type in _OTHER_TYPES:
        if not isinstance(part, dict) or not part:
            raise PlatformRefusal(47001)
        return _OTHER_TYPES[msg_type]
    raise PlatformRefusal(40008)


def _check_size(text: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
        raise PlatformRefusal(45002)
    return text


def _menu_text(part: object) -> str:
    if not isinstance(part, dict) or not isinstance(part.get("list"), list) or not part["list"]:
        raise PlatformRefusal(47001)
    entries = [entry for entry in part["list"] if isinstance(entry, dict) and isinstance(entry.get("content"), str)]
    if len(entries) != len(part["list"]):
        raise PlatformRefusal(47001)
    lines = [str(part.get("head_content") or ""), *(str(entry["content"]) for entry in entries), str(part.get("tail_content") or "")]
    return "\n".join(line for line in lines if line)


def _choices(data: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    if data.get("msgtype") != "msgmenu":
        return ()
    return tuple({"id": str(entry.get("id") or ""), "content": str(entry["content"])} for entry in data["msgmenu"]["list"])


def _speaker(data: Mapping[str, Any]) -> str | None:
    service = data.get("customservice")
    if service is None:
        return None
    kf_account = service.get("kf_account") if isinstance(service, dict) else None
    if not isinstance(kf_account, str) or not _KF_ACCOUNT.fullmatch(kf_account):
        raise PlatformRefusal(65401)
    return kf_account.partition("@")[0]
