"""The doctor's looks, in the order they are said."""

from collections.abc import Awaitable, Callable, Iterable

from cli.checks.bots import check_bots
from cli.checks.database import check_database
from cli.checks.finding import Finding
from cli.checks.folder import check_folder, check_keys
from cli.checks.machine import check_bot, check_font, check_models, check_pages, check_ports, check_web_chat
from cli.checks.redis import check_redis
from cli.checks.wechat import check_wechat
from cli.deployment import Deployment

Check = Callable[[Deployment], Awaitable[Iterable[Finding]]]

CHECKS: tuple[Check, ...] = (
    check_folder,
    check_keys,
    check_database,
    check_redis,
    check_bot,
    check_models,
    check_bots,
    check_pages,
    check_web_chat,
    check_font,
    check_ports,
    check_wechat,
)
