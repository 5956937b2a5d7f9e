"""What a developer would write first: wechatpy on Sanic, one process, nothing kept. `python -m bench.callback.peer PORT`."""

import sys
from typing import Any

from sanic import Request, Sanic
from sanic.response import HTTPResponse, text
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from bench.callback.calls import AES_KEY, APP_ID, PATH, TOKEN

_crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)


async def receive(request: Request) -> HTTPResponse:
    """Both signatures, the cipher, wechatpy's message object; then "success"."""
    query = request.args
    signature, timestamp, nonce = (query.get(name, "") for name in ("signature", "timestamp", "nonce"))
    try:
        check_signature(TOKEN, signature, timestamp, nonce)
        opened = _crypto.decrypt_message(request.body, query.get("msg_signature", ""), timestamp, nonce)
    except InvalidSignatureException:
        return text("", status=403)
    message = parse_message(opened)
    return text("success" if message.source and message.id else "")


def make_app() -> Sanic[Any, Any]:
    """Sanic as it is set up when it is served with access_log=False."""
    app = Sanic("peer", configure_logging=False)
    app.add_route(receive, PATH, methods=["POST"])
    return app


if __name__ == "__main__":
    # Sanic's own way to serve: uvloop, where it is installed
    make_app().run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False, motd=False)
