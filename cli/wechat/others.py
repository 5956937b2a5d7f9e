"""`weiting wechat kf · users · quota`: who serves at WeChat's desk, who follows, what is left of the day's calls."""

from dataclasses import asdict
from datetime import datetime

from cli.deployment import Deployment
from cli.wechat.listing import print_one, print_rows
from cli.wechat.session import run
from connectors.wechat.account import people
from connectors.wechat.account.api import AccountApi
from connectors.wechat.account.quota import WATCHED, Left, read_left
from runtime.settings import AccountSettings


def show_agents(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    """The customer-service accounts of WeChat's own desk."""
    rows = [asdict(one) for one in run(deployment, account, people.read_agents)]
    columns = ("kf_account", "nickname", "bound", "invited", "online", "sessions")
    print_rows(rows, columns, as_json=as_json, nothing="no customer-service accounts")
    return 0


def show_follower(deployment: Deployment, account: AccountSettings, openid: str, *, as_json: bool) -> int:
    found = run(deployment, account, lambda api: people.read_follower(api, openid))
    since = found.pop("subscribe_time", None)
    if isinstance(since, int):
        found["subscribed_at"] = datetime.fromtimestamp(since, deployment.clock().now().tzinfo).isoformat(timespec="seconds")
    print_one(found, as_json=as_json)
    return 0


def count_followers(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    print_one({"followers": run(deployment, account, people.count_followers)}, as_json=as_json)
    return 0


def show_quota(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    """What WeChat itself has counted; calls it tells nothing of are left out."""

    async def work(api: AccountApi) -> list[Left]:
        return [one for path in WATCHED if (one := await read_left(api, path)) is not None]

    rows = [asdict(one) for one in run(deployment, account, work)]
    print_rows(rows, ("path", "limit", "used", "left"), as_json=as_json, nothing="WeChat tells no counts")
    return 0
