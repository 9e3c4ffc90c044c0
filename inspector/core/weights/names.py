"""Which tensor of a file belongs to which of a model, by name, shape and place. Pure functions on names and shapes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Parts of names that wrappers put in: torch.compile, FSDP, activation checkpointing, DataParallel.
_WRAPPERS = re.compile(r"(^|\.)(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)(?=\.)")


@dataclass(frozen=True)
class Named:
    """A tensor as far as matching needs it.

    Attributes:
        name: dotted.
        shape: None when it has none yet.
        dtype: as torch calls it.
    """

    name: str
    shape: tuple[int, ...] | None
    dtype: str


def unwrapped(name: str) -> str:
    """The name without what wrappers put into it."""
    return _WRAPPERS.sub("", name).removeprefix(".")


def best_prefix(longer: Iterable[str], shorter: Iterable[str]) -> tuple[str, int]:
    """The prefix that, taken from the longer names, gives the most of the shorter ones, and how many."""
    wanted = set(shorter)
    counts: Counter[str] = Counter()
    for name in longer:
        at = -1
        while True:
            if name[at + 1 :] in wanted:
                counts[name[: at + 1]] += 1
            at = name.find(".", at + 1)
            if at < 0:
                break
    if not counts:
        return "", 0
    prefix = min(counts, key=lambda found: (-counts[found], len(found), found))
    return prefix, counts[prefix]


def match_by_name(model: Sequence[str], file: Sequence[str]) -> tuple[dict[str, str], str]:
    """Pairs of names that are the same but for one common prefix and wrappers' parts.

    Returns:
        Model name → file name, and the prefix: `state_dict.` when the file's names have it before them, `-module.`
        when the model's names have it.
    """
    plain_model = {unwrapped(name): name for name in reversed(model)}
    plain_file = {unwrapped(name): name for name in reversed(file)}
    more, count_more = best_prefix(plain_file, plain_model)
    less, count_less = best_prefix(plain_model, plain_file)
    if count_less > count_more:
        pairs = {
            name: plain_file.get(plain.removeprefix(less))
            for plain, name in plain_model.items()
            if plain.startswith(less)
        }
        return {name: found for name, found in pairs.items() if found is not None}, f"-{less}" if less else ""
    pairs = {name: plain_file.get(more + plain) for plain, name in plain_model.items()}
    return {name: found for name, found in pairs.items() if found is not None}, more


def match_by_place(model: Sequence[Named], file: Sequence[Named]) -> dict[str, str]:
    """Likely renames among what has no partner: the same last part of the name and the same shape, in the same order.

    Only groups that are of one size on both sides are paired, so that nothing shifts by one.
    """
    groups: dict[tuple[str, tuple[int, ...] | None], tuple[list[str], list[str]]] = {}
    for side, tensors in enumerate((model, file)):
        for tensor in tensors:
            key = (tensor.name.rpartition(".")[2], tensor.shape)
            groups.setdefault(key, ([], []))[side].append(tensor.name)
    pairs: dict[str, str] = {}
    for ours, theirs in groups.values():
        if len(ours) == len(theirs):
            pairs.update(zip(ours, theirs, strict=True))
    return pairs
