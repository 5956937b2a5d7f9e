"""`python -m sandbox --config FILE`: serves until SIGTERM or SIGINT. Exit 2 with one sentence when it cannot start."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

from sandbox.app import start_sandbox
from sandbox.config import SandboxConfig, read_config
from sandbox.errors import ConfigError


def main() -> int:
    """Reads the arguments, serves, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The WeChat platform, a phone page and an SMS gateway.")
    parser.add_argument("--config", type=Path, required=True, help="JSON file, see docs/sandbox.md")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        asyncio.run(_serve(read_config(parser.parse_args().config)))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


async def _serve(config: SandboxConfig) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    running = await start_sandbox(config)
    sys.stdout.write(json.dumps({"ready": True, "url": running.url}) + "\n")
    sys.stdout.flush()
    await ended.wait()
    await running.stop()


if __name__ == "__main__":
    sys.exit(main())
