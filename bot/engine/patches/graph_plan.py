"""The order in which a model's components run, worked out once for each target.

Rasa reduces the graph, builds a dask graph and lets dask sort it at every message and every prediction; the order never changes.
Inputs of a node are handed over as Rasa hands them, by the node's own call, with its hooks and its error messages.
"""

from typing import Any, Dict, List, Optional, Tuple

from bot.engine.patches import Undo
from bot.engine.patches.replace import replaced

Plan = List[Tuple[str, Any, List[str]]]


def plan_graph() -> Undo:
    """DaskGraphRunner.run gives the same results and raises the same errors."""
    from rasa.engine.exceptions import GraphRunError
    from rasa.engine.runner.dask import DaskGraphRunner

    def run(self: DaskGraphRunner, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None) -> Dict[str, Any]:
        wanted = tuple(targets) if targets else tuple(self._graph_schema.target_names)
        outputs: Dict[str, Any] = {}
        for name, value in (inputs or {}).items():
            if isinstance(value, str) and value in self._instantiated_nodes:
                raise GraphRunError(f"Input value '{value}' clashes with a node name ({name}).")
            outputs[name] = (name, value)
        try:
            for name, node, needs in _plan_of(self, wanted):
                outputs[name] = node(*[outputs.get(need, need) for need in needs])
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(outputs[name] for name in wanted)

    return replaced(DaskGraphRunner, "run", run)


def _plan_of(runner: Any, targets: Tuple[str, ...]) -> Plan:
    plans: Dict[Tuple[str, ...], Plan] = runner.__dict__.setdefault("_weiting_plans", {})
    if targets not in plans:
        schema = runner._graph_schema.minimal_graph_schema(list(targets))
        plans[targets] = [(name, runner._instantiated_nodes[name], list(schema.nodes[name].needs.values())) for name in _sorted(schema)]
    return plans[targets]


def _sorted(schema: Any) -> List[str]:
    """Each node after those it needs."""
    done: List[str] = []

    def visit(name: str) -> None:
        if name in done or name not in schema.nodes:
            return
        for need in schema.nodes[name].needs.values():
            visit(need)
        done.append(name)

    for name in schema.nodes:
        visit(name)
    return done
