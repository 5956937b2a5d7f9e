"""Options of a group that may stand anywhere behind it: `weiting wechat menu diff --account demo` as well as before `menu`."""

from typing import Any

from typer.core import TyperGroup, TyperOption


class HoistingGroup(TyperGroup):
    """Moves its own options to the front of what follows it; what comes after `--` stays."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {
            name: one.is_flag for one in self.params if isinstance(one, TyperOption) for name in one.opts if name != "--help"
        }
        front: list[str] = []
        rest: list[str] = []
        left = list(args)
        while left:
            word = left.pop(0)
            if word == "--":
                rest += [word, *left]
                break
            name = word.partition("=")[0]
            if name not in own:
                rest.append(word)
                continue
            front.append(word)
            if "=" not in word and not own[name] and left:
                front.append(left.pop(0))
        return super().parse_args(ctx, front + rest)
