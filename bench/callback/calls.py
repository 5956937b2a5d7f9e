"""Callbacks as WeChat posts them in safe mode, made by wechatpy's crypto before the clock starts: ours is checked by a stranger's."""

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

ACCOUNT = "demo"
TOKEN, APP_ID = "weitingdemo", "wxdemo0000000000aa"  # noqa: S105 (the demo account's, which guards nothing)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PATH = f"/wechat/{ACCOUNT}"
NONCE = "1372623149"
TEXTS = ("查话费", "还剩多少流量", "上个月账单", "我有多少积分", "你好", "转人工")


class Calls:
    """Text messages of so many subscribers in turn, no MsgId twice."""

    def __init__(self, subscribers: int, first_id: int) -> None:
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        self._subscribers = subscribers
        self._next = first_id

    def make(self, number: int) -> list[tuple[str, bytes]]:
        """So many pairs of path with query, and body; good for as long as the account's time window (300 s)."""
        now = str(int(time.time()))
        return [self._call(self._take(), now) for _ in range(number)]

    def _take(self) -> int:
        self._next += 1
        return self._next

    def _call(self, msg_id: int, now: str) -> tuple[str, bytes]:
        openid = f"oBench{msg_id % self._subscribers:022d}"
        message = (
            f"<xml><ToUserName><![CDATA[gh_weitingdemo]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{TEXTS[msg_id % len(TEXTS)]}]]></Content><MsgId>{msg_id}</MsgId></xml>"
        )
        sealed = self._crypto.encrypt_message(message, NONCE, now)
        query = {
            "signature": _signed(TOKEN, now, NONCE), "timestamp": now, "nonce": NONCE, "openid": openid, "encrypt_type": "aes",
            "msg_signature": sealed.partition("<MsgSignature><![CDATA[")[2].partition("]]")[0],
        }  # fmt: skip
        encrypted = sealed.partition("<Encrypt><![CDATA[")[2].partition("]]")[0]
        body = f"<xml><ToUserName><![CDATA[gh_weitingdemo]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return f"{PATH}?{urlencode(query)}", body.encode()


def chunks(total: int, size: int) -> Iterator[int]:
    """`total` in parts of at most `size`."""
    for begin in range(0, total, size):
        yield min(size, total - begin)


def _signed(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)
