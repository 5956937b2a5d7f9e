"""/metrics in Prometheus' text format."""

from collections.abc import Mapping, Sequence


def describe(desk: Mapping[str, float], counts: Sequence[Mapping[str, float]]) -> str:
    """Gauges of the desk and counters of the other parts, one of a name, with the product's prefix."""
    sums: dict[str, float] = {}
    for counted in counts:
        for name, value in counted.items():
            full = f"weiting_{_plain(name)}_total"
            sums[full] = sums.get(full, 0) + value
    lines = [line for name, value in sorted(desk.items()) for line in _lines(f"weiting_desk_{_plain(name)}", "gauge", value)]
    lines += [line for name, value in sorted(sums.items()) for line in _lines(name, "counter", value)]
    return "\n".join(lines) + "\n"


def _lines(name: str, kind: str, value: float) -> tuple[str, str]:
    return f"# TYPE {name} {kind}", f"{name} {value:g}"


def _plain(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in str(name).lower())
