"""The public sets, read from a folder that is no part of the product: smp2017, clinc150, nus_sms (their SOURCE.txt names the licences)."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import opencc

from bot.nlu.features import shared_segmenter
from bot.nlu.pinyin import homophones, misheard

Pairs = list[tuple[str, str]]
SEED = 7


@dataclass(frozen=True)
class Clinc:
    """CLINC150 `data_full`: (text, intent) pairs, and texts out of scope."""

    train: Pairs
    validation: Pairs
    test: Pairs
    outside_validation: list[str]
    outside_test: list[str]


def smp(folder: Path, part: str) -> Pairs:
    """`train`, `dev` or `test` of SMP2017-ECDT task 1."""
    lines = (folder / "smp2017" / f"{part}.tsv").read_text("utf-8").split("\n")[1:]
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines if line]


def clinc(folder: Path) -> Clinc:
    parts: Mapping[str, Pairs] = json.loads((folder / "clinc150" / "data_full.json").read_text("utf-8"))
    pairs: dict[str, Pairs] = {name: [(text, intent) for text, intent in rows] for name, rows in parts.items()}
    outside = {name: texts_of(pairs[name]) for name in ("oos_val", "oos_test")}
    return Clinc(pairs["train"], pairs["val"], pairs["test"], outside["oos_val"], outside["oos_test"])


def messages(folder: Path, count: int) -> list[str]:
    """Real Chinese short messages, none of them said to a machine: far out of scope."""
    lines = (folder / "nus_sms" / "sms_zh.txt").read_text("utf-8").split("\n")
    found = sorted({line.strip() for line in lines if len(line.strip()) > 1})
    return random.Random(SEED).sample(found, min(count, len(found)))


def noisy(pairs: Sequence[tuple[str, str]], share: float) -> Pairs:
    """With `share` of the hanzi written as another of the same sound; the seed is not the one of training."""
    sounds, chance = homophones(shared_segmenter().FREQ), random.Random(SEED)
    return [(misheard(text, share, sounds, chance), intent) for text, intent in pairs]


def traditional(pairs: Sequence[tuple[str, str]]) -> Pairs:
    converter = opencc.OpenCC("s2t")
    return [(converter.convert(text), intent) for text, intent in pairs]


def texts_of(pairs: Pairs) -> list[str]:
    return [text for text, _ in pairs]


def held_out(labels: set[str], draw: int, count: int) -> set[str]:
    """`count` classes that training does not see, another draw each time."""
    return set(random.Random(SEED + draw).sample(sorted(labels), count))
