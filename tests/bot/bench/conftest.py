"""Tiny sets, made up, laid out as the public ones are."""

import json
import sys
from pathlib import Path
from typing import Tuple

import pytest

SAID = {
    "weather": ["今天下雨吗", "明天天气", "后天会不会冷"],
    "train": ["去上海的火车", "火车几点开", "买一张火车票"],
    "music": ["放一首歌", "来点音乐", "唱首老歌"],
    "news": ["今天的新闻", "有什么大事", "念念头条"],
    "recipe": ["红烧肉怎么做", "教我煮面", "鱼香肉丝的做法"],
    "joke": ["讲个笑话", "逗我笑", "来个段子"],
    "stock": ["股票涨了吗", "大盘多少点", "基金跌了没"],
    "flight": ["飞北京的航班", "飞机晚点吗", "订机票"],
    "hotel": ["附近的酒店", "订一间房", "哪里能住"],
    "translate": ["翻译成英文", "这句英语怎么说", "法语的你好"],
}


def table(rows: "list[Tuple[str, str]]") -> str:
    return "\n".join(["text\tlabel", *(f"{text}\t{intent}" for text, intent in rows), ""])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten classes of three messages; tested on the same with a word more."""
    for name in ("smp2017", "nus_sms", "clinc150"):
        (tmp_path / name).mkdir()
    pairs = [(text, intent) for intent, texts in SAID.items() for text in texts]
    asked = [(f"请问{text}", intent) for text, intent in pairs]
    (tmp_path / "smp2017" / "train.tsv").write_text(table(pairs), "utf-8")
    (tmp_path / "smp2017" / "test.tsv").write_text(table(asked), "utf-8")
    (tmp_path / "nus_sms" / "sms_zh.txt").write_text("晚上一起吃饭\n我到了\n你在哪\n好\n", "utf-8")
    outside = [("谁在敲门", "oos"), ("我的钥匙呢", "oos")]
    parts = {"train": pairs, "val": asked, "test": asked, "oos_val": outside, "oos_test": outside}
    (tmp_path / "clinc150" / "data_full.json").write_text(json.dumps(parts), "utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def worker() -> Tuple[str, ...]:
    """The worker of stock Rasa with a parrot in Rasa's place."""
    return sys.executable, "-m", "bench.stock.fake"
