"""`weiting wechat …`: tables for people, JSON for machines, one sentence and an exit code for what is wrong."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from cli.wechat.errcodes import explain
from cli.wechat.listing import print_rows
from tests.cli.wechat.conftest import Weiting
from tests.connectors.wechat.account.platform import PNG, Platform


async def test_a_code_is_printed_and_its_picture_written(weiting: Weiting, tmp_path: Path) -> None:
    out = tmp_path / "shop.svg"
    said = await weiting("wechat", "qrcode", "create", "--scene", "7", "--days", "3", "--out", str(out))
    line = said.json
    assert said.code == 0
    assert (line["ticket"], line["scene_is"], line["permanent"], line["url"]) == ("gQ/+=ticket", "number", False, "http://weixin.qq.com/q/x")
    left = datetime.fromisoformat(line["expires_at"]) - datetime.now().astimezone()
    assert timedelta(days=2, hours=23) < left <= timedelta(days=3)
    # what WeChat gave is a PNG, and so it is called
    assert line["file"] == str(out.with_suffix(".png"))
    assert out.with_suffix(".png").read_bytes() == PNG


async def test_a_code_for_ever(weiting: Weiting, platform: Platform) -> None:
    line = (await weiting("wechat", "qrcode", "create", "--scene", "门店", "--permanent")).json
    assert (line["permanent"], line["expires_at"], line["file"]) == (True, None, None)
    assert platform.bodies[-1] == {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "门店"}}}


@pytest.mark.parametrize(
    "argv",
    [
        ["--scene", "x" * 65],
        ["--scene", ""],
        ["--scene", "7", "--days", "31"],
        ["--scene", "7", "--days", "3", "--permanent"],
        ["--scene", "7", "--out", "x.txt"],
        ["--scene", "7", "--out", "nowhere/x.png"],
        [],
    ],
)
async def test_a_code_that_cannot_be_is_not_asked_for(weiting: Weiting, platform: Platform, argv: list[str]) -> None:
    assert (await weiting("wechat", "qrcode", "create", *argv)).code == 2
    assert not platform.counts


async def test_a_file_that_is_there_is_not_written_over(weiting: Weiting, platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("mine")
    said = await weiting("wechat", "qrcode", "create", "--scene", "7", "--out", str(tmp_path / "x.jpg"))
    assert (said.code, (tmp_path / "x.png").read_text(), platform.counts.total()) == (2, "mine", 0)


async def test_a_code_whose_picture_fails_is_still_printed(weiting: Weiting, platform: Platform, tmp_path: Path) -> None:
    platform.orders["/cgi-bin/showqrcode"] = [{"errcode": 40053}]
    said = await weiting("wechat", "qrcode", "create", "--scene", "7", "--out", str(tmp_path / "x.png"))
    assert (said.code, said.json["ticket"], said.json["file"], said.err.count("\n")) == (1, "gQ/+=ticket", None, 1)


async def test_tags_from_first_to_last(weiting: Weiting, platform: Platform, tmp_path: Path) -> None:
    platform.worn = {f"o{number}": set() for number in range(60)}
    assert (await weiting("wechat", "tags", "create", "贵宾", "--json")).json == {"id": 100, "name": "贵宾", "count": 0, "kept_by": "you"}
    names = tmp_path / "openids"
    names.write_text("\n".join(platform.worn))
    assert (await weiting("wechat", "tags", "add", "贵宾", "--file", str(names))).out == "60 of 60 done\n"
    listed = (await weiting("wechat", "tags", "list")).out.splitlines()
    assert listed == ["id   name    count  kept_by", "2    星标组  0      wechat", "100  贵宾    60     you"]
    partly = await weiting("wechat", "tags", "remove", "100", "o1", "stranger")
    assert (partly.code, "1 of 2 done" in partly.out, "stranger  errcode 40003" in partly.out) == (1, True, True)
    assert (await weiting("wechat", "tags", "of", "o2", "--json")).json["id"] == 100
    kept = await weiting("wechat", "tags", "delete", "贵宾")
    assert (kept.code, "(59)" in kept.err) == (2, True)
    assert (await weiting("wechat", "tags", "rename", "贵宾", "老友")).code == 0
    assert (await weiting("wechat", "tags", "delete", "老友", "--force")).code == 0
    assert set(platform.tags) == {2}


@pytest.mark.parametrize(
    ("errcode", "code", "word"),
    [
        (45157, 2, "of that name"), (45158, 2, "30 bytes"), (45056, 2, "100 tags"),
        (45009, 1, "used up"), (48001, 1, "接口权限"), (99, 1, "全局返回码"),
    ],
)  # fmt: skip
async def test_a_refusal_is_explained(weiting: Weiting, platform: Platform, errcode: int, code: int, word: str) -> None:
    platform.orders["/cgi-bin/tags/create"] = [{"errcode": errcode, "errmsg": "no"}]
    said = await weiting("wechat", "tags", "create", "新")
    assert (said.code, word in said.err, str(errcode) in said.err, said.err.count("\n")) == (code, True, True, 1)


@pytest.mark.parametrize("errcode", [45057, 45058, 45059, 45159, 40003, 40007, 40053, 40164])
def test_codes_that_are_met_have_words_of_their_own(errcode: int) -> None:
    assert explain(errcode) != explain(123_456)


async def test_openids_that_are_none_are_refused_here(weiting: Weiting, platform: Platform, tmp_path: Path) -> None:
    for argv in (["t"], ["t", "张三"], ["t", "o 1"], ["t", "x" * 65], ["t", "--file", str(tmp_path / "nowhere")]):
        assert (await weiting("wechat", "tags", "add", *argv)).code == 2
    assert not platform.counts


async def test_material_from_first_to_last(weiting: Weiting, platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "图.jpg"
    file.write_bytes(PNG)
    made = (await weiting("wechat", "materials", "upload", str(file), "--json")).json
    assert made == {"kind": "image", "name": "图.png", "media_id": "media-1", "url": "http://mmbiz.qpic.cn/1"}
    listed = (await weiting("wechat", "materials", "list", "--json")).json
    assert (listed["media_id"], listed["updated_at"]) == ("media-1", "2023-11-15T06:13:20+08:00")
    assert (await weiting("wechat", "materials", "count", "--json")).json["image"] == 1
    assert (await weiting("wechat", "materials", "delete", "media-1")).code == 0
    assert (await weiting("wechat", "materials", "delete", "media-1")).code == 2
    assert (await weiting("wechat", "materials", "list")).out == "no image\n"
    assert (await weiting("wechat", "materials", "list", "--kind", "song")).code == 2
    file.write_bytes(b"<svg/>")
    assert (await weiting("wechat", "materials", "upload", str(file))).code == 2


async def test_more_than_a_page_says_how_to_go_on(weiting: Weiting, platform: Platform) -> None:
    platform.materials = {f"media-{number}": ("image", PNG) for number in range(25)}
    said = await weiting("wechat", "materials", "list")
    assert (said.out.count("media-") // 2, "5; --offset 20" in said.out) == (20, True)


async def test_who_serves_who_follows_and_what_is_left(weiting: Weiting, platform: Platform) -> None:
    platform.worn = {"o1": {2}}
    agents = (await weiting("wechat", "kf", "list")).out.splitlines()
    assert agents[1].split() == ["lin@shop", "小林", "lin", "yes", "2"]
    assert (await weiting("wechat", "users", "show", "o1", "--json")).json == {
        "openid": "o1", "subscribe": 1, "tagid_list": [2], "subscribed_at": "2023-11-15T06:13:20+08:00",
    }  # fmt: skip
    assert (await weiting("wechat", "users", "count")).out == "followers  1\n"
    left = json.loads((await weiting("wechat", "quota", "--json")).out)
    assert left == {"path": "/cgi-bin/message/custom/send", "limit": 500_000, "used": 0, "left": 500_000}


async def test_a_secret_that_is_wrong_is_a_sentence_and_exit_1(weiting: Weiting, platform: Platform) -> None:
    platform.orders["/cgi-bin/stable_token"] = [{"errcode": 40125, "errmsg": "invalid appsecret"}]
    said = await weiting("wechat", "tags", "list")
    assert (said.code, "AppSecret" in said.err, said.err.count("\n")) == (1, True, 1)


async def test_a_token_that_is_refused_for_ever_ends(weiting: Weiting, platform: Platform) -> None:
    platform.orders["/cgi-bin/tags/get"] = [{"errcode": 40001, "errmsg": "invalid credential"}] * 1000
    said = await weiting("wechat", "tags", "list")
    assert (said.code, "40001" in said.err) == (1, True)
    assert (platform.counts["/cgi-bin/tags/get"], platform.counts["/cgi-bin/stable_token"]) == (2, 2)


async def test_an_answer_that_breaks_off_says_that_it_may_have_been_done(weiting: Weiting, platform: Platform) -> None:
    platform.orders["/cgi-bin/tags/create"] = [web.Response(text="<html>")]
    said = await weiting("wechat", "tags", "create", "新")
    assert (said.code, "not known" in said.err) == (1, True)


def test_what_others_wrote_does_not_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"name": "a\x1b[2Jb\nc"}], ("name",), as_json=False, nothing="")
    assert capsys.readouterr().out == "name\na?[2Jb?c\n"


async def test_the_commands_explain_themselves(weiting: Weiting) -> None:
    for argv in ([], ["menu"], ["menu", "push"], ["qrcode", "create"], ["tags", "add"], ["materials", "upload"], ["quota"]):
        said = await weiting("wechat", *argv, "--help")
        assert (said.code, "Usage: weiting" in said.out) == (0, True)
