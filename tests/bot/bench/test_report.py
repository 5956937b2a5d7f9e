"""The table."""

from typing import Any, Dict

from bench.nlu.report import markdown

SEPARATED = {"auroc": 0.91494, "fpr_at_95": 0.4564, "acted": 0.25}
OTHER = {"auroc": 0.5, "fpr_at_95": 1.0, "acted": 0.75}


def drawn(*near: Dict[str, float]) -> Dict[str, Any]:
    return {"draws": [{"near": one, "far": one} for one in near]}


def report(**parts: Any) -> Dict[str, Any]:
    ours = {"versions": {"python": "3.10.13"}, "highest_resident_mib": 468}
    peers = {"ours": ours, "stock": {"versions": {"rasa": "3.6.21"}, "start_s": 9.5}}
    head = {"command": "python -m bench.nlu --data FOLDER --stock", "date": "2026-11-22", "commit": "da190a6", "sentence_vectors": True}
    return {**head, **parts, "peers": peers}


def test_says_what_was_run() -> None:
    assert markdown(report()).splitlines() == [
        "`python -m bench.nlu --data FOLDER --stock`, 2026-11-22, commit da190a6. One thread each.",
        "",
        "ours: python 3.10.13.",
        "stock Rasa (jieba, DIET): rasa 3.6.21.",
        "",
        "| | ours | stock Rasa (jieba, DIET) |",
        "|---|---|---|",
        "| start, s | — | 9.50 |",
        "| highest memory, trainings included, MiB | 468 | — |",
    ]


def test_figures_stand_beside_each_other_and_a_missing_one_is_a_dash() -> None:
    test = {"accuracy": 0.943, "macro_f1": 1.0}
    ours = {"test": test, "cpu_ms": {"p50": 5.456, "p99": 10.0, "max": 191.4}, "model_kib": 12345.6}
    lines = markdown(report(smp2017={"ours": ours, "stock": {"test": test}})).splitlines()
    assert "| SMP2017 test, trained on train only: accuracy / macro-F1 | .9430 / 1.0000 | .9430 / 1.0000 |" in lines
    assert "| one message, CPU ms: p50 / p99 / max | 5.46 / 10.00 / 191 | — |" in lines
    assert "| model archive, KiB | 12,346 | — |" in lines
    assert not [line for line in lines if "homophones" in line], "a row in which nobody has a figure"


def test_peers_are_compared_over_the_draws_that_both_made() -> None:
    lines = markdown(report(out_of_scope={"ours": drawn(SEPARATED, OTHER), "stock": drawn(OTHER)})).splitlines()
    title = "AUROC / FPR at 95 % / acted on"
    assert f"| near out of scope, the first draw: {title} | .9149 / .4564 / .2500 | .5000 / 1.0000 / .7500 |" in lines
    assert f"| near out of scope, mean of 2 draws: {title} | .7075 / .7282 / .5000 | — |" in lines
    assert sum("far out of scope" in line for line in lines) == 2


def test_as_many_draws_make_one_row_each() -> None:
    lines = markdown(report(out_of_scope={"ours": drawn(SEPARATED), "stock": drawn(OTHER)})).splitlines()
    assert sum("out of scope" in line for line in lines) == 2


def test_what_failed_is_named_under_the_table() -> None:
    said = "Stock Rasa's worker ended before it had answered; it said last: no memory"
    lines = markdown(report(smp2017={"ours": {"test": {"accuracy": 0.9, "macro_f1": 0.9}}, "stock": {"failed": said}})).splitlines()
    assert "| SMP2017 test, trained on train only: accuracy / macro-F1 | .9000 / .9000 | — |" in lines
    assert lines[-1] == f"stock Rasa (jieba, DIET), smp2017: {said}"


def test_without_a_peer_there_is_one_column() -> None:
    alone = report(smp2017={"ours": {"test": {"accuracy": 0.9, "macro_f1": 0.9}}})
    del alone["peers"]["stock"]
    assert "| SMP2017 test, trained on train only: accuracy / macro-F1 | .9000 / .9000 |" in markdown(alone).splitlines()
