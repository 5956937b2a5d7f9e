"""A stand-in for TensorFlow, so that Rasa starts without it.

Rasa 3.6 imports TensorFlow in the modules of components that Weiting never uses (DIET, TED, the tracker featurizers' relatives).
Installed before the first `import rasa`, the finder below answers those imports with objects that can be subclassed, called
and used as decorators at import time. Nothing can be learnt with them: who configures a TensorFlow component is told so by
`bot.engine.train` before training begins.

`install()` also sets the environment Rasa reads at import. It is idempotent and is a no-op for modules that are really there
already (a stock Rasa for comparisons keeps its own environment).
"""

import importlib.abc
import importlib.machinery
import os
import sys
import types
from typing import Any, Optional, Sequence, Tuple

STOOD_IN_ALWAYS: Tuple[str, ...] = (
    "tensorflow",
    "tensorflow_addons",
    "tensorflow_hub",
    "tensorflow_text",
    "keras",
    "tensorboard",
)
"""Top-level packages that the bot's lock file leaves out."""

STOOD_IN_WHILE_SERVING: Tuple[str, ...] = ("boto3", "botocore", "matplotlib", "pymongo")
"""Installed, slow to import (1.5 s together), and used only by stores and plots that a serving bot has not."""

ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


class StandInBase:
    """What a class becomes that names a stand-in among its bases."""

    def __init_subclass__(cls, **_kwargs: Any) -> None:
        super().__init_subclass__()


class StandIn:
    """Any attribute of a stood-in module: a base class, a decorator, a constant, a namespace."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, name: str) -> "StandIn":
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.__name__}.{name}")

    def __mro_entries__(self, bases: Sequence[Any]) -> Tuple[type, ...]:
        # Two stand-ins among the bases of one class must not make it inherit twice from the same class.
        first = next(base for base in bases if isinstance(base, StandIn))
        return (StandInBase,) if first is self else ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            return args[0]
        return self

    def __getitem__(self, _key: Any) -> "StandIn":
        return self

    def __repr__(self) -> str:
        return f"<stand-in {self.__name__}>"


class StandInModule(types.ModuleType):
    """A module whose every name exists. Its path is empty, so that submodules are looked for by the finder."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.__name__}.{name}")


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the stood-in packages and everything below them."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = set(packages)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname.split(".", 1)[0] not in self.packages:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


def install(serving: bool = False) -> None:
    """Puts the finder first on `sys.meta_path` and sets Rasa's environment.

    `serving` stands in for the slow packages a serving bot never calls too; training and Rasa's own command line keep them.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    wanted = STOOD_IN_ALWAYS + (STOOD_IN_WHILE_SERVING if serving else ())
    missing = [package for package in wanted if package not in sys.modules]
    present = [finder for finder in sys.meta_path if isinstance(finder, StandInFinder)]
    if present:
        present[0].packages.update(missing)
        return
    sys.meta_path.insert(0, StandInFinder(missing))
