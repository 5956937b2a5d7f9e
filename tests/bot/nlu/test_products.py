"""Names of products and places."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.nlu.errors import CatalogueError
from bot.nlu.normalise import normalise
from bot.nlu.places import find_places
from bot.nlu.products import PRODUCTS_FILE, REPOSITORY, Catalogue, read_catalogue
from bot.nlu.values import SHANGHAI, find_values

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
NAMES = Catalogue({"畅享59": "plan_59", "畅享59元套餐": "plan_59", "彩铃": "ring", "视频流量包": "video", "流量包": "pack"})


def said(sent: str) -> list:
    values = find_values(sent, normalise(sent), NOW, NAMES).values
    return [(value.value, value.text) for value in values if value.entity == "product"]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("我要办畅享59元套餐", [("plan_59", "畅享59元套餐")]),
        ("暢享５９", [("plan_59", "暢享５９")]),
        ("场想59多少钱", [("plan_59", "场想59")]),
        ("退订彩铃和视频流量包", [("ring", "彩铃"), ("video", "视频流量包")]),
        ("采铃", []),
        ("畅享599", []),
        ("", []),
    ],
)
def test_names_as_written_and_as_they_sound(sent: str, found: list) -> None:
    assert said(sent) == found


def test_a_price_in_a_name_is_no_sum() -> None:
    values = find_values("畅享59元套餐充50元", normalise("畅享59元套餐充50元"), NOW, NAMES).values
    assert [(value.entity, value.value) for value in values] == [("product", "plan_59"), ("amount", 5000)]


def test_the_products_file_reads() -> None:
    catalogue = read_catalogue(REPOSITORY / PRODUCTS_FILE)
    assert [code for _, _, code in catalogue.find("59套餐")] == ["plan_59"]


@pytest.mark.parametrize("content", ["products: [{code: a}]", "products: [x]", "- 1", "a: [", "\x00"])
def test_a_malformed_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "names.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(CatalogueError, match="names.yml"):
        read_catalogue(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="none.yml"):
        read_catalogue(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("我去日本出差", ["日本"]),
        ("天河体育中心附近有营业厅吗", ["天河体育中心"]),
        ("在人民广场没信号", ["人民广场"]),
        ("深圳市和广州的营业厅", ["深圳市", "广州"]),
        ("在路上没信号", []),
        ("北京移动的客服", ["北京"]),
    ],
)
def test_places(sent: str, found: list) -> None:
    assert [sent[start:end] for start, end in find_places(sent)] == found
