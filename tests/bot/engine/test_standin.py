"""The stand-in answers whatever Rasa does with TensorFlow while it is imported."""

import importlib
import sys
from typing import Iterator, Optional, Union

import pytest

from bot.engine.standin import STOOD_IN_ALWAYS, StandInFinder


@pytest.fixture
def absent() -> Iterator[str]:
    """A package that exists nowhere, stood in for."""
    finder = StandInFinder(("nowhere_at_all",))
    sys.meta_path.insert(0, finder)
    yield "nowhere_at_all"
    sys.meta_path.remove(finder)
    for name in [name for name in sys.modules if name.split(".")[0] == "nowhere_at_all"]:
        del sys.modules[name]


def test_a_module_below_can_be_imported_and_named(absent: str) -> None:
    deep = importlib.import_module(f"{absent}.keras.layers")
    assert deep.Layer is not None
    from nowhere_at_all.python.framework import ops  # type: ignore[import-not-found]

    assert "nowhere_at_all" in repr(ops.Tensor)


def test_its_objects_are_base_classes_also_two_at_once(absent: str) -> None:
    module = importlib.import_module(absent)

    class Layer(module.keras.Layer, module.Mixin, module.Other):
        def __init__(self, units: int) -> None:
            super().__init__()
            self.units = units

    class Deeper(Layer, metaclass=type):
        pass

    assert Deeper(3).units == 3


def test_its_objects_are_decorators_bare_and_with_arguments(absent: str) -> None:
    module = importlib.import_module(absent)

    @module.function
    def bare() -> int:
        return 1

    @module.function(autograph=False)
    def with_arguments() -> int:
        return 2

    assert (bare(), with_arguments()) == (1, 2)


def test_its_objects_stand_in_annotations(absent: str) -> None:
    module = importlib.import_module(absent)

    def typed(_value: Optional[module.Tensor], _other: Union[int, module.data.Dataset]) -> module.RaggedTensor:
        return None

    assert typed(None, 1) is None


def test_a_dunder_is_not_made_up(absent: str) -> None:
    module = importlib.import_module(absent)
    assert not hasattr(module.Tensor, "__array__")
    assert not hasattr(module, "__file__")


def test_rasa_was_imported_without_tensorflow() -> None:
    import rasa.core.agent  # noqa: F401

    assert "tensorflow" in STOOD_IN_ALWAYS
    loaded = sys.modules.get("tensorflow")
    assert loaded is None or loaded.__spec__.loader.__class__ is StandInFinder
