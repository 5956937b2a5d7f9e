"""What is filled in before Rasa's own command line takes over."""

from argparse import Namespace
from pathlib import Path
from typing import List

import pytest

from bot.engine.errors import StartRefused
from bot.engine.shell import complete, main


@pytest.fixture
def options(tmp_path: Path) -> Namespace:
    (tmp_path / "bot" / "kiosk" / "rules").mkdir(parents=True)
    (tmp_path / "bot" / "kiosk" / "config.yml").write_text("recipe: default.v1")
    (tmp_path / "data" / "nlu" / "kiosk").mkdir(parents=True)
    model = tmp_path / "kiosk.tar.gz"
    model.write_bytes(b"model")
    return Namespace(industry="kiosk", model=model, root=tmp_path, actions_url="http://127.0.0.1:8003/")


def value(arguments: List[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def test_training_gets_the_industrys_folders(options: Namespace, tmp_path: Path) -> None:
    arguments = complete(options, ["train"], tmp_path)
    assert value(arguments, "--config").endswith("bot/kiosk/config.yml")
    assert value(arguments, "--fixed-model-name") == "kiosk"
    assert arguments[arguments.index("--data") + 1 : arguments.index("--data") + 3] == [
        str(tmp_path / "data" / "nlu" / "kiosk"),
        str(tmp_path / "bot" / "kiosk" / "rules"),
    ]


def test_what_is_given_by_hand_wins(options: Namespace, tmp_path: Path) -> None:
    arguments = complete(options, ["train", "--config=other.yml", "--out", "elsewhere"], tmp_path)
    assert "--config" not in arguments
    assert arguments.count("--out") == 1


def test_talking_gets_the_model_and_the_action_server(options: Namespace, tmp_path: Path) -> None:
    arguments = complete(options, ["shell"], tmp_path)
    assert value(arguments, "--model") == str(options.model)
    assert "http://127.0.0.1:8003/kiosk/webhook" in Path(value(arguments, "--endpoints")).read_text(encoding="utf-8")


def test_understanding_alone_needs_no_action_server(options: Namespace, tmp_path: Path) -> None:
    (options.root / "m.tar.gz").write_bytes(b"")
    options.model = options.root / "m.tar.gz"
    assert complete(options, ["shell", "nlu"], tmp_path) == ["shell", "nlu", "--model", str(options.model)]


@pytest.mark.parametrize("command", ["shell", "test", "run"])
def test_without_a_model_it_says_so(options: Namespace, tmp_path: Path, command: str) -> None:
    options.model = tmp_path / "none.tar.gz"
    with pytest.raises(StartRefused, match="train"):
        complete(options, [command], tmp_path)


def test_help_needs_nothing(options: Namespace, tmp_path: Path) -> None:
    options.model = tmp_path / "none.tar.gz"
    assert complete(options, ["shell", "--help"], tmp_path) == ["shell", "--help"]
    assert complete(options, ["--help"], tmp_path) == ["--help"]


def test_elsewhere_than_in_the_products_folder_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--industry", "kiosk", "--root", str(tmp_path), "train"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
