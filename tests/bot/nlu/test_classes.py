"""A model is the one that was trained, or an error."""

import json
from pathlib import Path

import jieba
import numpy as np
import pytest

from bot.nlu import classes
from bot.nlu.classes import DESCRIPTION_FILE, WEIGHTS_FILE, Classes
from bot.nlu.errors import ModelError
from bot.nlu.model import Reader


@pytest.fixture
def folder(learnt: Classes, tmp_path: Path) -> Path:
    classes.save(learnt, tmp_path)
    return tmp_path


def change(folder: Path, **changes: object) -> None:
    path = folder / DESCRIPTION_FILE
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def test_reads_back_what_it_wrote(learnt: Classes, segmenter: jieba.Tokenizer, folder: Path) -> None:
    again = classes.load(folder)
    for text in ("查余额", "帮我看看上个月的账单", "今天天气", "xyz"):
        assert Reader(again, segmenter).rank(text) == Reader(learnt, segmenter).rank(text)
    assert again.report == learnt.report


@pytest.mark.parametrize("name", [DESCRIPTION_FILE, WEIGHTS_FILE])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match="missing"):
        classes.load(folder)


def test_a_description_cut_short(folder: Path) -> None:
    path = folder / DESCRIPTION_FILE
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cut short"):
        classes.load(folder)


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": 1}'])
def test_another_format(folder: Path, content: str) -> None:
    (folder / DESCRIPTION_FILE).write_text(content)
    with pytest.raises(ModelError, match="format"):
        classes.load(folder)


def test_a_key_left_out(folder: Path) -> None:
    path = folder / DESCRIPTION_FILE
    description = json.loads(path.read_text("utf-8"))
    del description["judge"]
    path.write_text(json.dumps(description))
    with pytest.raises(ModelError, match="judge"):
        classes.load(folder)


def test_weights_of_another_training(folder: Path) -> None:
    path = folder / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="not the file that was trained"):
        classes.load(folder)


def test_intents_that_do_not_fit_the_weights(learnt: Classes, folder: Path) -> None:
    change(folder, intents=list(learnt.intents[:-1]))
    with pytest.raises(ModelError, match="do not fit"):
        classes.load(folder)


def test_weights_that_are_no_numbers(learnt: Classes, tmp_path: Path) -> None:
    broken = Classes(**{**learnt.__dict__, "biases": np.full_like(learnt.biases, np.nan)})
    classes.save(broken, tmp_path)
    with pytest.raises(ModelError, match="biases"):
        classes.load(tmp_path)


def test_a_package_that_is_missing_is_named(folder: Path) -> None:
    change(folder, packages={"a-package-nobody-has": "1.0"})
    with pytest.raises(ModelError, match="a-package-nobody-has"):
        classes.load(folder)


def test_another_version_of_a_package_is_named(folder: Path) -> None:
    change(folder, packages={"jieba": "0.1"})
    with pytest.raises(ModelError, match="jieba 0.1"):
        classes.load(folder)
