"""`weiting wechat`: its commands and their options; what they do is imported when they are called."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.deployment import Deployment, load_deployment
from cli.options import Config, Data, PortsOption
from cli.wechat.hoisting import HoistingGroup
from runtime.errors import Refusal
from runtime.settings import AccountSettings

wechat = typer.Typer(help="The WeChat account itself: menu, QR codes, tags, material, quotas.", no_args_is_help=True, cls=HoistingGroup)
menu = typer.Typer(help="The menu below the chat, from [[account.menu]] of weiting.toml.", no_args_is_help=True)
qrcode = typer.Typer(help="QR codes that carry a scene.", no_args_is_help=True)
tags = typer.Typer(help="The tags of followers. TAG is a name or an id.", no_args_is_help=True)
materials = typer.Typer(help="Permanent pictures, voices and videos.", no_args_is_help=True)
kf = typer.Typer(help="The accounts of WeChat's own customer service.", no_args_is_help=True)
users = typer.Typer(help="Who follows.", no_args_is_help=True)
for _name, _group in (("menu", menu), ("qrcode", qrcode), ("tags", tags), ("materials", materials), ("kf", kf), ("users", users)):
    wechat.add_typer(_group, name=_name)

_Openids = Annotated[list[str] | None, typer.Argument(help="Whom; 50 go in one call.")]
_File = Annotated[Path | None, typer.Option("--file", help="A file with an openid a line, or - for standard input.")]


@dataclass(frozen=True)
class _Given:
    """What stands before the command."""

    deployment: Callable[[], Deployment]
    account: str | None
    as_json: bool


@wechat.callback()
def given(
    context: typer.Context,
    account: Annotated[str | None, typer.Option("--account", help="Which account (default: the only one).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")] = False,
    config: Config = None,
    data: Data = None,
    ports: PortsOption = None,
) -> None:
    """The WeChat account itself: menu, QR codes, tags, material, quotas. These options may also stand at the end of a command."""
    context.obj = _Given(lambda: load_deployment(config, data, ports, os.environ), account, as_json)


def _done(context: typer.Context, work: Callable[..., int], *args: Any, **options: Any) -> None:
    from cli.wechat.session import find_account

    asked: _Given = context.obj
    deployment = asked.deployment()
    account: AccountSettings = find_account(deployment, asked.account)
    raise typer.Exit(work(deployment, account, *args, **options))


def _shown(context: typer.Context, work: Callable[..., int], *args: Any, **options: Any) -> None:
    _done(context, work, *args, as_json=context.obj.as_json, **options)


@menu.command("show")
def menu_show(context: typer.Context) -> None:
    """The menu that phones show now."""
    from cli.wechat import menu as work

    _shown(context, work.show)


@menu.command("diff")
def menu_diff(context: typer.Context) -> None:
    """What differs between WeChat and weiting.toml; exit 0: nothing, 1: something."""
    from cli.wechat import menu as work

    _shown(context, work.diff)


@menu.command("push")
def menu_push(
    context: typer.Context,
    delete: Annotated[bool, typer.Option("--delete", help="Take the menu away, with the personalised ones.")] = False,
) -> None:
    """Show what differs, put the file's menu there and read it back."""
    from cli.wechat import menu as work

    _shown(context, work.take_away if delete else work.put)


@qrcode.command("create")
def qrcode_create(
    context: typer.Context,
    scene: Annotated[str, typer.Option(help="What comes in when somebody scans it: 1 to 64 characters.")],
    days: Annotated[int | None, typer.Option(help="How long it lives, 1 to 30 (default 30).")] = None,
    permanent: Annotated[bool, typer.Option("--permanent", help="For ever; an account has 100,000 of these.")] = False,
    out: Annotated[Path | None, typer.Option(help="Also write the picture; its ending becomes that of what WeChat gives.")] = None,
) -> None:
    """Make a code; prints one JSON line with ticket, address and end."""
    from cli.wechat import qrcode as work

    if permanent and days is not None:
        raise Refusal("--days and --permanent: give one of them")
    _done(context, work.make, scene, None if permanent else 30 if days is None else days, out)


@tags.command("list")
def tags_list(context: typer.Context) -> None:
    """All tags and how many followers carry each."""
    from cli.wechat import tags as work

    _shown(context, work.show)


@tags.command("create")
def tags_create(context: typer.Context, name: Annotated[str, typer.Argument(help="At most 30 bytes: 10 Chinese characters.")]) -> None:
    """Make a tag."""
    from cli.wechat import tags as work

    _shown(context, work.create, name)


@tags.command("rename")
def tags_rename(context: typer.Context, tag: str, name: str) -> None:
    """Give a tag another name."""
    from cli.wechat import tags as work

    _shown(context, work.rename, tag, name)


@tags.command("delete")
def tags_delete(
    context: typer.Context, tag: str, force: Annotated[bool, typer.Option("--force", help="Also when followers carry it.")] = False
) -> None:
    """Delete a tag."""
    from cli.wechat import tags as work

    _shown(context, work.delete, tag, force=force)


@tags.command("add")
def tags_add(context: typer.Context, tag: str, openids: _Openids = None, file: _File = None) -> None:
    """Put a tag on followers."""
    from cli.wechat import tags as work

    _shown(context, work.put_on, tag, openids or [], file, off=False)


@tags.command("remove")
def tags_remove(context: typer.Context, tag: str, openids: _Openids = None, file: _File = None) -> None:
    """Take a tag off followers."""
    from cli.wechat import tags as work

    _shown(context, work.put_on, tag, openids or [], file, off=True)


@tags.command("of")
def tags_of(context: typer.Context, openid: str) -> None:
    """The tags that a follower carries."""
    from cli.wechat import tags as work

    _shown(context, work.of, openid)


@materials.command("list")
def materials_list(
    context: typer.Context,
    kind: Annotated[str, typer.Option(help="image, voice, video or news.")] = "image",
    offset: Annotated[int, typer.Option(help="From which on; a page has twenty.", min=0)] = 0,
) -> None:
    """What there is, the newest first."""
    from cli.wechat import materials as work

    _shown(context, work.show, kind, offset)


@materials.command("upload")
def materials_upload(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="PNG, JPG, GIF, AMR, MP3 or MP4, by its content.")],
    thumb: Annotated[bool, typer.Option("--thumb", help="A JPG of 64 KB as the small picture of an article.")] = False,
    title: Annotated[str, typer.Option(help="Of a video.")] = "",
    introduction: Annotated[str, typer.Option(help="Of a video.")] = "",
) -> None:
    """Keep a file with the account; prints its media_id."""
    from cli.wechat import materials as work

    _shown(context, work.upload, file, thumb=thumb, title=title, introduction=introduction)


@materials.command("count")
def materials_count(context: typer.Context) -> None:
    """How many there are of each kind."""
    from cli.wechat import materials as work

    _shown(context, work.count)


@materials.command("delete")
def materials_delete(context: typer.Context, media_id: str) -> None:
    """Delete one; messages that show it lose it."""
    from cli.wechat import materials as work

    _shown(context, work.delete, media_id)


@kf.command("list")
def kf_list(context: typer.Context) -> None:
    """Who they are, whom they are bound to, who is online."""
    from cli.wechat import others as work

    _shown(context, work.show_agents)


@users.command("show")
def users_show(context: typer.Context, openid: str) -> None:
    """What WeChat tells of a follower."""
    from cli.wechat import others as work

    _shown(context, work.show_follower, openid)


@users.command("count")
def users_count(context: typer.Context) -> None:
    """How many follow."""
    from cli.wechat import others as work

    _shown(context, work.count_followers)


@wechat.command("quota")
def quota(context: typer.Context) -> None:
    """What WeChat says is left of the day's calls."""
    from cli.wechat import others as work

    _shown(context, work.show_quota)
