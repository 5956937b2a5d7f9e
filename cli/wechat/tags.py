"""`weiting wechat tags`: the tags of followers."""

import sys
from pathlib import Path

from cli.deployment import Deployment
from cli.staff import print_json
from cli.wechat.errcodes import explain
from cli.wechat.listing import print_one, print_rows
from cli.wechat.session import run, tell
from connectors.wechat.account import tags
from connectors.wechat.account.tags import Tag
from runtime.errors import Refusal
from runtime.settings import AccountSettings

_LONGEST_OPENID = 64


def show(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    """All tags with their followers counted."""
    found = run(deployment, account, tags.read_tags)
    print_rows([_row(one) for one in found], ("id", "name", "count", "kept_by"), as_json=as_json, nothing="no tags")
    return 0


def create(deployment: Deployment, account: AccountSettings, name: str, *, as_json: bool) -> int:
    tags.check_name(name)
    print_one(_row(run(deployment, account, lambda api: tags.create(api, name))), as_json=as_json)
    return 0


def rename(deployment: Deployment, account: AccountSettings, tag: str, name: str, *, as_json: bool) -> int:
    tags.check_name(name)
    print_one(_row(run(deployment, account, lambda api: tags.rename(api, tag, name))), as_json=as_json)
    return 0


def delete(deployment: Deployment, account: AccountSettings, tag: str, *, force: bool, as_json: bool) -> int:
    gone = run(deployment, account, lambda api: tags.delete(api, tag, also_worn=force))
    print_one({**_row(gone), "deleted": True}, as_json=as_json)
    return 0


def of(deployment: Deployment, account: AccountSettings, openid: str, *, as_json: bool) -> int:
    """The tags of one follower."""
    found = run(deployment, account, lambda api: tags.tags_of(api, openid))
    print_rows([_row(one) for one in found], ("id", "name"), as_json=as_json, nothing="no tags")
    return 0


def put_on(
    deployment: Deployment, account: AccountSettings, tag: str, openids: list[str], file: Path | None, *, off: bool, as_json: bool
) -> int:
    """0 when all were done; 1 when some were refused or left, each of them named."""
    wanted = _openids(openids, file)
    result = run(deployment, account, lambda api: tags.put_on(api, tag, wanted, off=off))
    if as_json:
        stopped = str(result.stopped_by) if result.stopped_by else None
        print_json({"done": len(result.done), "refused": result.refused, "left": list(result.left), "stopped_by": stopped})
    else:
        sys.stdout.write(f"{len(result.done)} of {len(set(wanted))} done\n")
        for openid, errcode in result.refused.items():
            sys.stdout.write(f"refused  {openid}  errcode {errcode}: {explain(errcode)[0]}\n")
        if result.stopped_by is not None:
            sys.stdout.write(f"{len(result.left)} left: {tell(result.stopped_by, account)}; running it again does no harm\n")
    return 1 if result.refused or result.left else 0


def _openids(given: list[str], file: Path | None) -> list[str]:
    listed: list[str] = []
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refusal(f"{file} cannot be read ({type(error).__name__})") from error
        listed = text.split()
    wanted = [*given, *listed]
    if not wanted:
        raise Refusal("name at least one openid, or a file of them with --file")
    for one in wanted:
        if not one.isascii() or not one.replace("-", "a").replace("_", "a").isalnum() or len(one) > _LONGEST_OPENID:
            raise Refusal(f'"{one[:80]}" is no openid')
    return wanted


def _row(tag: Tag) -> dict[str, object]:
    return {"id": tag.id, "name": tag.name, "count": tag.count, "kept_by": "wechat" if tag.is_wechats else "you"}
