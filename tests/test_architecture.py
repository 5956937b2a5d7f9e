"""House rules as checks. Each says what it keeps from happening."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("cli", "staff", "connectors", "desk", "actions", "conversations", "business", "runtime", "sandbox", "bot")
ALLOWED: dict[str, set[str]] = {
    "cli": {"staff", "connectors", "desk", "actions", "conversations", "business", "runtime"},
    "staff": {"connectors", "desk", "conversations", "business", "runtime"},
    "connectors": {"conversations", "runtime"},
    "desk": {"conversations", "runtime"},
    "actions": {"business", "runtime"},
    "conversations": {"runtime"},
    "business": {"runtime"},
    "runtime": set(),
    "sandbox": set(),
    "bot": set(),
}
MADE = {"node_modules", "dist", "var", "artifacts", "models", "__pycache__"}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _modules(part: str) -> Iterator[Path]:
    for path in sorted((ROOT / part).rglob("*.py")):
        inside = path.relative_to(ROOT).parts
        if ".venv" not in inside and "node_modules" not in inside:
            yield path


def _all_modules() -> Iterator[Path]:
    for part in (*PARTS, "tests", "scripts", "bench", "chaos"):
        yield from _modules(part)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("part", PARTS)
def test_imports_go_one_way(part: str) -> None:
    """A step may be skipped, none runs back up; bot and sandbox know none of ours."""
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _modules(part)
        for name in _imports(path) & set(PARTS)
        if name != part and name not in ALLOWED[part]
    }
    assert not wrong


def test_no_module_is_long() -> None:
    """A module one cannot read in one sitting hides a second one."""
    long = {str(path.relative_to(ROOT)): lines for path in _all_modules() if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE}
    assert not long


def test_no_function_is_long() -> None:
    """Counted with its decorators and docstring."""
    long = []
    for path in _all_modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.name} {lines}")
    assert not long


def test_no_drawers() -> None:
    """utils, helpers and common are where things go that nobody named."""
    drawers = [path for path in _all_modules() if path.stem in {"utils", "util", "helpers", "helper", "common", "misc"}]
    assert not drawers


def test_every_public_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for part in PARTS
        for path in _modules(part)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_sentences_for_subscribers_lie_in_yaml() -> None:
    """Code holds no Chinese string but what understanding needs to recognise and what operators read."""
    wrong = []
    for part in ("conversations", "business", "actions", "connectors", "staff"):
        for path in _modules(part):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            wrong += [
                f"{path.relative_to(ROOT)}:{node.lineno} {node.value[:20]}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in documented
                and CHINESE.search(node.value)
            ]
    assert not wrong


def _topics(folder: Path, suffix: str) -> set[str]:
    return {path.stem for path in folder.glob(f"*{suffix}") if not path.stem.startswith("_")}


def test_a_topic_is_spelt_the_same_in_every_folder() -> None:
    """data/nlu, domain and rules have equal topics; each but core has its actions and their test."""
    data = _topics(ROOT / "data/nlu/carrier", ".yml")
    assert data
    assert _topics(ROOT / "bot/carrier/domain", ".yml") == data
    assert _topics(ROOT / "bot/carrier/rules", ".yml") == data
    needed = data - {"core"}
    assert needed <= _topics(ROOT / "actions/carrier", ".py")
    assert {f"test_{name}" for name in needed} <= _topics(ROOT / "tests/actions/carrier", ".py")
    catalogue = yaml.safe_load((ROOT / "data/catalogue/carrier.yml").read_text(encoding="utf-8"))
    assert data <= set(catalogue["topics"])


def _domain(key: str) -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "bot/carrier/domain").glob("*.yml"):
        for one in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(key, []) or []:
            found.add(one if isinstance(one, str) else next(iter(one)))
    return found


def test_every_action_of_the_domain_has_its_class_and_the_reverse() -> None:
    from actions.carrier.registry import ACTIONS

    # default actions are Rasa's own; an override of one would have a class and still need no line in the domain
    declared = {name for name in _domain("actions") if not name.startswith("utter_")}
    forms = {f"validate_{name}" for name in _forms()}
    built = {action.NAME for action in ACTIONS}
    assert declared == built | (declared & forms)
    assert {name for name in built if name.startswith("validate_")} <= forms


def _forms() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "bot/carrier/domain").glob("*.yml"):
        found |= set((yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("forms", {}) or {})
    return found


def test_every_intent_of_the_data_is_in_the_catalogue() -> None:
    catalogue = yaml.safe_load((ROOT / "data/catalogue/carrier.yml").read_text(encoding="utf-8"))
    for path in (ROOT / "data/nlu/carrier").glob("*.yml"):
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        intents = {one["intent"] for one in body["nlu"] if "intent" in one}
        assert intents <= set(catalogue["topics"][path.stem]), path.name
        for one in body["nlu"]:
            if "intent" in one:
                assert len(one["examples"].splitlines()) >= 40, (path.name, one["intent"])


def test_no_path_of_a_machine_and_no_index_address() -> None:
    """What is written here must hold on any machine."""
    paths = "/(home|root|Users|work)/"
    indexes = r"--(extra-)?index-url|registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org/simple"
    pattern = re.compile(f"{paths}|{indexes}")
    wrong = []
    for path in _written_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        if path != Path(__file__) and (found := pattern.search(text)):
            wrong.append(f"{path.relative_to(ROOT)}: {found[0]}")
    assert not wrong


def _written_files() -> Iterator[Path]:
    kinds = {".py", ".md", ".yml", ".toml", ".lock", ".json", ".ts", ".vue", ".txt", ".in", ".sh", ".service"}
    for folder, inside, names in os.walk(ROOT):
        # what is made, not written, is not gone into
        inside[:] = [one for one in inside if one not in MADE and not one.startswith(".")]
        yield from (Path(folder) / name for name in names if Path(name).suffix in kinds)


def test_few_patches() -> None:
    """Fakes, not mocks: under 5 patches in 100 tests."""
    tests = patches = 0
    for path in _modules("tests"):
        text = path.read_text(encoding="utf-8")
        tests += len(re.findall(r"^\s*(?:async )?def test_", text, re.MULTILINE))
        patches += len(re.findall(r"monkeypatch\.set|mock\.patch|@patch", text))
    assert patches * 20 < max(tests, 1)


def test_no_wait_that_swallows_a_cancellation() -> None:
    """asyncio.wait_for of Python 3.11 drops a cancellation that meets what it waits for: whoever stops such a loop waits for ever."""
    found = [str(path) for part in PARTS for path in _modules(part) if "asyncio.wait_for(" in path.read_text(encoding="utf-8")]
    assert found == []
