"""Several Sanic apps on one event loop: each its own port, all stopped together."""

import asyncio
from typing import Any

from sanic import Sanic

from runtime.errors import SettingsError


async def listen(app: Sanic[Any, Any], host: str, port: int) -> Any:
    """Serves in this process. Raises SettingsError for a taken port."""
    try:
        server: Any = await app.create_server(host=host, port=port, return_asyncio_server=True, access_log=False)
    except OSError as error:
        raise SettingsError("base_port", f"port {port} is taken; stop what uses it or choose another base with --ports") from error
    if server is None:
        raise SettingsError("base_port", f"port {port} cannot be served")
    await server.startup()
    await server.start_serving()
    return server


async def stop_listening(server: Any) -> None:
    """No new connections; those open get a moment to end."""
    await server.before_stop()
    server.close()
    for connection in list(server.connections or ()):
        if hasattr(connection, "close_if_idle"):
            connection.close_if_idle()
    await asyncio.sleep(0)
    await server.after_stop()
