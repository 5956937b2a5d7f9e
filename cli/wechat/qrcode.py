"""`weiting wechat qrcode`: codes with a scene."""

import sys
from pathlib import Path

from cli.deployment import Deployment
from cli.staff import print_json
from cli.wechat.session import run
from connectors.wechat.account.api import AccountApi
from connectors.wechat.account.codes import Code, create, fetch_picture, request_of
from connectors.wechat.errors import PlatformFault
from runtime.errors import Refusal
from runtime.settings import AccountSettings

_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".svg")


def make(deployment: Deployment, account: AccountSettings, scene: str, days: int | None, out: Path | None) -> int:
    """Prints the code as one JSON line; 1 when it was made but its picture could not be had. Raises Refusal, Fault."""
    request_of(scene, days)
    if out is not None:
        # before the call: a code that lasts for ever cannot be taken back
        _check_out(out)
    now = deployment.clock().now()

    async def work(api: AccountApi) -> tuple[Code, tuple[bytes, str] | None, str]:
        code = await create(api, scene, days, now)
        if out is None:
            return code, None, ""
        try:
            return code, await fetch_picture(api, code), ""
        except PlatformFault as fault:
            return code, None, str(fault)

    code, picture, failure = run(deployment, account, work)
    file = None
    if out is not None and picture is not None:
        content, suffix = picture
        # the name says what the file is: WeChat chooses the format
        file = out if _same(out.suffix, suffix) else out.with_suffix(suffix)
        try:
            file.write_bytes(content)
        except OSError as error:
            file, failure = None, f"{out}: {error.strerror}"
    print_json(_as_json(account, code, file))
    if failure:
        sys.stderr.write(f"the code is made, but its picture is not written ({failure}); it lies at picture_url\n")
    return 1 if failure else 0


def _check_out(out: Path) -> None:
    if out.suffix.lower() not in _SUFFIXES:
        raise Refusal(f"--out {out}: the name must end in one of {', '.join(_SUFFIXES)}")
    if not out.parent.is_dir():
        raise Refusal(f"--out {out}: the folder is not there")
    taken = next((one for suffix in _SUFFIXES if (one := out.with_suffix(suffix)).exists()), None)
    if taken is not None:
        raise Refusal(f"--out {out}: {taken.name} is there already; choose another name")


def _same(one: str, other: str) -> bool:
    return one.lower().replace(".jpeg", ".jpg") == other


def _as_json(account: AccountSettings, code: Code, file: Path | None) -> dict[str, object]:
    return {
        "account": account.key,
        "scene": code.scene,
        "scene_is": "number" if code.is_number else "text",
        "permanent": code.expires_at is None,
        "expires_at": code.expires_at.isoformat() if code.expires_at else None,
        "ticket": code.ticket,
        "url": code.url,
        "picture_url": code.picture_url,
        "file": str(file) if file else None,
    }
