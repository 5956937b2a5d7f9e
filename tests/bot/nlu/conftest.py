"""A small trained model, made once for the whole run."""

import json
import tarfile
from datetime import datetime
from pathlib import Path

import jieba
import pytest

from bot.nlu import classes
from bot.nlu.classes import Classes
from bot.nlu.features import shared_segmenter
from bot.nlu.learning import Recipe, learn
from bot.nlu.model import CLASSIFIER, Reader, Understander
from bot.nlu.values import SHANGHAI

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)

SAID = {
    "query_balance": ["查余额", "余额还有多少", "话费剩多少", "我还剩多少话费", "卡里还有多少钱", "查话费余额", "账户余额多少", "看下余额"],
    "query_bill": ["查账单", "上个月账单", "看看10月的账单", "上月花了多少钱", "这个月账单", "话费账单发我", "账单明细", "9月账单多少"],
    "request_human": ["转人工", "人工客服", "我要人工", "找个真人", "接客服", "帮我转人工", "叫人工来", "我找客服"],
    "bind_line": ["绑定手机号", "绑定17900000001", "我要绑定号码", "怎么绑定", "17900000002", "把号码绑上", "绑号", "绑定一下手机"],
}
OUTSIDE = ["今天天气怎么样", "讲个笑话", "外卖到哪了", "电费还剩多少", "帮我买张火车票", "附近有什么好吃的", "银行卡余额多少", "股票涨了吗"]


MESSAGES = [(text, intent) for intent, texts in SAID.items() for text in texts]


@pytest.fixture(scope="session")
def segmenter() -> jieba.Tokenizer:
    return shared_segmenter()


@pytest.fixture(scope="session")
def learnt(segmenter: jieba.Tokenizer) -> Classes:
    return learn(MESSAGES, OUTSIDE, Recipe(), segmenter)


@pytest.fixture(scope="session")
def understander(learnt: Classes, segmenter: jieba.Tokenizer) -> Understander:
    return Understander(Reader(learnt, segmenter))


@pytest.fixture
def archive(learnt: Classes, tmp_path: Path) -> Path:
    """A model archive laid out as Rasa lays it out (tests/bot/nlu/test_model.py compares with one that Rasa wrote)."""
    resource = "train_BandedClassifier2"
    folder = tmp_path / "components" / resource
    folder.mkdir(parents=True)
    classes.save(learnt, folder)
    node = {"uses": CLASSIFIER, "resource": {"name": resource, "output_fingerprint": "0"}}
    (tmp_path / "metadata.json").write_text(json.dumps({"predict_schema": {"nodes": {"run_BandedClassifier2": node}}}))
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(tmp_path / "components", "components")
        tar.add(tmp_path / "metadata.json", "metadata.json")
    return path
