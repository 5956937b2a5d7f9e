"""`weiting wechat materials`: permanent pictures, voices and videos."""

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from cli.deployment import Deployment
from cli.wechat.listing import print_one, print_rows
from cli.wechat.session import run
from connectors.wechat.account import materials
from runtime.errors import Refusal
from runtime.settings import AccountSettings


def show(deployment: Deployment, account: AccountSettings, kind: str, offset: int, *, as_json: bool) -> int:
    """A page of twenty."""
    if kind not in materials.KINDS:
        raise Refusal(f"--kind is one of {', '.join(materials.KINDS)}")
    items, total = run(deployment, account, lambda api: materials.read_page(api, kind, offset))
    zone = deployment.clock().now().tzinfo
    print_rows([_row(one, zone) for one in items], ("media_id", "name", "updated_at", "url"), as_json=as_json, nothing=f"no {kind}")
    if not as_json and offset + len(items) < total:
        print_one({"more": f"{total - offset - len(items)}; --offset {offset + len(items)}"}, as_json=False)
    return 0


def upload(
    deployment: Deployment, account: AccountSettings, file: Path, *, thumb: bool, title: str, introduction: str, as_json: bool
) -> int:
    """Checked before it is sent."""
    wanted = materials.read_upload(file, thumb=thumb, title=title, introduction=introduction)
    made = run(deployment, account, lambda api: materials.upload(api, wanted))
    print_one({"kind": wanted.kind, "name": wanted.name, **made}, as_json=as_json)
    return 0


def count(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    counts: dict[str, Any] = run(deployment, account, materials.count)
    print_one(counts, as_json=as_json)
    return 0


def delete(deployment: Deployment, account: AccountSettings, media_id: str, *, as_json: bool) -> int:
    run(deployment, account, lambda api: materials.delete(api, media_id))
    print_one({"media_id": media_id, "deleted": True}, as_json=as_json)
    return 0


def _row(item: dict[str, Any], zone: tzinfo | None) -> dict[str, object]:
    moment = item.get("update_time")
    updated = datetime.fromtimestamp(moment, zone).isoformat(timespec="seconds") if isinstance(moment, int) else None
    return {"media_id": item.get("media_id"), "name": _name(item), "updated_at": updated, "url": item.get("url") or None}


def _name(item: dict[str, Any]) -> object:
    """A file's name, or the title of an article's first page."""
    content = item.get("content")
    pages = content.get("news_item") if isinstance(content, dict) else None
    first = pages[0] if isinstance(pages, list) and pages and isinstance(pages[0], dict) else {}
    return item.get("name") or first.get("title")
