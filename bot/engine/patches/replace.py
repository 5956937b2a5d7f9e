"""Changing one attribute of one of Rasa's classes, and back."""

from typing import Any

from bot.engine.patches import Undo


def replaced(owner: Any, name: str, new: Any) -> Undo:
    """Sets `owner.name`; the returned function restores it. The attribute must exist: a missing one is another Rasa."""
    old = owner.__dict__.get(name)
    inherited = name not in owner.__dict__
    getattr(owner, name)
    setattr(owner, name, new)

    def undo() -> None:
        if inherited:
            delattr(owner, name)
        else:
            setattr(owner, name, old)

    return undo
