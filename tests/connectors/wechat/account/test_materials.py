"""Material: what a file is, is read from its bytes; what WeChat would refuse does not set out."""

import json
from pathlib import Path

import pytest

from connectors.wechat.account import materials
from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault
from runtime.errors import Refusal
from tests.connectors.wechat.account.platform import PNG, Platform

_JPG = b"\xff\xd8\xff\xe0" + b"\0" * 20
_MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 20


def _file(folder: Path, content: bytes, name: str = "图.bin") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (PNG, "png"), (_JPG, "jpg"), (b"GIF89a..", "gif"), (b"#!AMR\n..", "amr"), (b"ID3\x03", "mp3"), (b"\xff\xfb\x90\x00", "mp3"),
        (_MP4, "mp4"), (b"\xff\xf1\x50\x80", ""), (b"", ""), (b"\xff", ""), (b"<svg/>", ""), (b"GIF8", ""), (b"RIFF....WAVE", ""),
    ],
)  # fmt: skip
def test_a_kind_by_its_first_bytes(content: bytes, suffix: str) -> None:
    assert materials.suffix_of(content) == suffix


async def test_a_picture_is_kept_listed_counted_and_deleted(api: AccountApi, platform: Platform, tmp_path: Path) -> None:
    upload = materials.read_upload(_file(tmp_path, PNG, "图片.jpg"))
    assert (upload.kind, upload.name, upload.content_type) == ("image", "图片.png", "image/png")
    made = await materials.upload(api, upload)
    assert made == {"media_id": "media-1", "url": "http://mmbiz.qpic.cn/1"}
    assert platform.materials == {"media-1": ("image", PNG)}
    items, total = await materials.read_page(api, "image", 0)
    assert ([one["media_id"] for one in items], total) == (["media-1"], 1)
    assert await materials.count(api) == {"image": 1, "voice": 0, "video": 0, "news": 0}
    await materials.delete(api, "media-1")
    with pytest.raises(CallRefused) as caught:
        await materials.delete(api, "media-1")
    assert caught.value.errcode == 40007


async def test_a_video_takes_its_words_along_in_the_form(api: AccountApi, platform: Platform, tmp_path: Path) -> None:
    upload = materials.read_upload(_file(tmp_path, _MP4), title="怎么充值", introduction="一分钟看懂")
    await materials.upload(api, upload)
    assert json.loads(platform.bodies[0]["description"]) == {"title": "怎么充值", "introduction": "一分钟看懂"}
    assert platform.materials == {"media-1": ("video", _MP4)}


async def test_a_large_upload_reaches_the_other_side_whole(api: AccountApi, platform: Platform, tmp_path: Path) -> None:
    content = PNG + b"x" * (9 * 1024 * 1024)
    await materials.upload(api, materials.read_upload(_file(tmp_path, content)))
    assert platform.materials["media-1"][1] == content


@pytest.mark.parametrize(
    ("content", "options", "word"),
    [
        (b"<svg/>", {}, "by its content"),
        (PNG, {"thumb": True}, "JPG as a thumb"),
        (_JPG + b"x" * 65_536, {"thumb": True}, "64 KB"),
        (b"#!AMR\n" + b"x" * (2 * 1024 * 1024), {}, "2,048 KB"),
        (PNG + b"x" * (10 * 1024 * 1024), {}, "10,240 KB"),
        (_MP4, {}, "--title"),
        (_MP4, {"title": "只有标题"}, "--title"),
        (PNG, {"title": "不要", "introduction": "标题"}, "nothing else"),
        (b"", {}, "by its content"),
    ],
)
def test_what_wechat_would_refuse_does_not_set_out(tmp_path: Path, content: bytes, options: dict[str, object], word: str) -> None:
    with pytest.raises(Refusal, match=word):
        materials.read_upload(_file(tmp_path, content), **options)  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="nowhere"):
        materials.read_upload(tmp_path / "nowhere")
    with pytest.raises(Refusal):
        materials.read_upload(tmp_path)


async def test_an_upload_that_is_refused_for_its_token_is_sent_again_whole(api: AccountApi, platform: Platform, tmp_path: Path) -> None:
    platform.tokens = {"TOKEN-1"}
    await materials.upload(api, materials.read_upload(_file(tmp_path, PNG)))
    assert platform.materials["media-1"] == ("image", PNG)


async def test_an_answer_without_media_id_is_a_fault(api: AccountApi, platform: Platform, tmp_path: Path) -> None:
    platform.orders["/cgi-bin/material/add_material"] = [{"errcode": 0}]
    with pytest.raises(PlatformFault):
        await materials.upload(api, materials.read_upload(_file(tmp_path, PNG)))
