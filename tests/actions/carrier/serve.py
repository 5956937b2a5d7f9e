"""`python -m tests.actions.carrier.serve`: the real action server over the fakes, with a few doors for a test of another process.

Prints its port as one JSON line. `/fakes/reset`, `/fakes/bind`, `/fakes/code/PHONE`, `/fakes/advance` and `/fakes/fail` move what a test
needs moved; `/fakes/asked` tells what was read.
"""

import json
import socket
import sys

from sanic import HTTPResponse, Request
from sanic import json as answer

from actions.app import make_app
from business.carrier.errors import SourceFailed
from business.identity.fakes import MemoryUnit
from tests.actions.carrier.desk import ACCOUNT, CarrierDesk, at


def main() -> None:
    """Serves until its process is ended."""
    desk = CarrierDesk()
    app = make_app({"carrier": desk.actions})

    @app.post("/fakes/reset")
    async def reset(_: Request) -> HTTPResponse:
        desk.identity.store.unit = MemoryUnit()
        desk.identity.sms.sent.clear()
        desk.source.failing = None
        desk.source.asked.clear()
        return answer({"now": desk.clock.now().isoformat()})

    @app.post("/fakes/bind")
    async def bind(request: Request) -> HTTPResponse:
        asked = request.json
        line = await desk.identity.bind(ACCOUNT, asked["openid"], asked["phone"], fresh=asked.get("fresh", False))
        return answer({"masked": line.masked})

    @app.get("/fakes/code/<phone:str>")
    async def code(_: Request, phone: str) -> HTTPResponse:
        return answer({"code": desk.identity.sms.code_for(phone)})

    @app.post("/fakes/advance")
    async def advance(request: Request) -> HTTPResponse:
        desk.clock.advance(request.json["s"])
        return answer({"now": desk.clock.now().isoformat()})

    @app.post("/fakes/fail")
    async def fail(request: Request) -> HTTPResponse:
        desk.source.failing = SourceFailed("carrier.fake", at(11, 22, 7, 30)) if request.json["failing"] else None
        return answer({})

    @app.get("/fakes/asked")
    async def asked(_: Request) -> HTTPResponse:
        return answer([{"query": query, "openid": access.openid, "line": access.line.masked} for query, access in desk.source.asked])

    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(json.dumps({"port": listening.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    app.run(sock=listening, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
