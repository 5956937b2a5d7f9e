"""`python -m bot.engine.serve --port 8004 --model carrier=PATH --actions-url http://127.0.0.1:8003`, from the repository's root.

Prints one JSON line with `"ready": true` when it answers. A taken port or a model that cannot be read: one sentence, exit 2.
"""

import argparse
import asyncio
import gc
import ipaddress
import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from bot.engine.errors import EngineError, StartRefused
from bot.engine.parent import follow_parent
from bot.engine.quiet import keep_quiet
from bot.engine.standin import install

START_S = 0.02
"""Seconds between Sanic's start-up and its serving loop, in which a stop would be lost."""


def main(argv: Optional[List[str]] = None) -> int:
    """The exit code: 0 after a clean end, 2 when it could not start."""
    options = _options(argv)
    # Until the server has its own handler: ended while loading is ended cleanly too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    follow_parent()
    try:
        models = _models(options.model)
        secret = _secret(options)
        listening = _bind(options.host, options.port)
        with listening:
            _serve(options, models, secret, listening)
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _options(argv: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.engine.serve", description="Serves Rasa models, statelessly.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8004)
    parser.add_argument("--model", action="append", required=True, metavar="NAME=PATH", help="an industry and its archive; may be repeated")
    parser.add_argument("--actions-url", default="", help="the action server; /NAME/webhook is put after it")
    parser.add_argument("--secret-file", type=Path, help="the shared secret, needed on any address but loopback")
    parser.add_argument("--stock", action="store_true", help="without the patches (for comparisons)")
    return parser.parse_args(argv)


def _models(pairs: List[str]) -> Dict[str, Path]:
    models: Dict[str, Path] = {}
    for pair in pairs:
        name, _, path = pair.partition("=")
        if not name or not path:
            raise StartRefused(f"--model wants NAME=PATH, not {pair!r}.")
        if not Path(path).is_file():
            raise StartRefused(f"There is no model of {name} at {path}: train it first.")
        models[name] = Path(path)
    return models


def _secret(options: argparse.Namespace) -> str:
    secret = ""
    if options.secret_file is not None:
        try:
            secret = options.secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise StartRefused(f"The secret file {options.secret_file} cannot be read.") from error
        if not secret:
            raise StartRefused(f"The secret file {options.secret_file} is empty.")
    if not secret and not _is_loopback(options.host):
        raise StartRefused(f"Listening on {options.host} needs a shared secret: give --secret-file.")
    return secret


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bind(host: str, port: int) -> socket.socket:
    """Bound before the seconds of importing and loading, so that a taken port is told at once; connections wait for `listen`."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise StartRefused(f"Port {port} on {host} is taken or not ours to use.") from error
    return listening


def _serve(options: argparse.Namespace, models: Dict[str, Path], secret: str, listening: socket.socket) -> None:
    install(serving=True)
    keep_quiet()
    from bot.engine.actions import ActionEndpoint
    from bot.engine.bot import load_bot
    from bot.engine.patches import apply_all
    from bot.engine.server import create_app

    if not options.stock:
        apply_all()
    base = options.actions_url.rstrip("/")
    endpoints = {name: ActionEndpoint(f"{base}/{name}/webhook", secret) if base else None for name in models}
    bots = {}
    for name, path in models.items():
        try:
            bots[name] = load_bot(name, path, endpoints[name])
        except EngineError:
            raise
        except Exception as error:
            raise StartRefused(f"The model of {name} at {path} cannot be loaded: {_first_line(error)}") from error
    app = create_app(bots, secret)

    async def live(app: Any, loop: Any) -> None:
        ended = asyncio.Event()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, ended.set)
        ready = {"ready": True, "port": listening.getsockname()[1], "models": {name: bot.model for name, bot in bots.items()}}
        app.ctx.life = loop.create_task(_life(json.dumps(ready), ended, loop))

    async def close(_app: Any, _loop: Any) -> None:
        for endpoint in endpoints.values():
            if endpoint is not None:
                await endpoint.close()

    app.register_listener(live, "after_server_start")
    app.register_listener(close, "after_server_stop")
    # What was loaded lives as long as the process: the collector need not walk it.
    gc.collect()
    gc.freeze()
    app.run(sock=listening, access_log=False, motd=False, debug=False)


async def _life(ready: str, ended: asyncio.Event, loop: Any) -> None:
    """Says that it is ready, and ends the loop when told to: Sanic's own handler loses a signal that comes before its last loop runs."""
    await asyncio.sleep(START_S)
    sys.stdout.write(ready + "\n")
    sys.stdout.flush()
    await ended.wait()
    loop.stop()


def _first_line(error: BaseException) -> str:
    cause = error.__cause__ or error
    text = str(cause).strip() or type(cause).__name__
    return text.splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
