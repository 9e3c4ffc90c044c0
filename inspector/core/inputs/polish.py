"""Makes found inputs nice: ids over the whole table, round lengths, pictures where the model flattens them itself."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from inspector.core.inputs.first_guess import flattened_shapes
from inspector.core.inputs.guesses import BEGIN, SETTLED, Draft
from inspector.core.inputs.search import Trial
from inspector.core.inputs.trying import try_draft

_FLATTENINGS = ("flatten", "view", "reshape")


def polished(model: nn.Module, trial: Trial) -> Trial:
    """The nicest draft that still runs; the trial itself when nothing nicer does."""
    for draft in _nicer(trial):
        if draft.key == trial.draft.key:
            continue
        findings = try_draft(model, draft)
        if findings.ran and len(findings.collapsed) <= len(trial.findings.collapsed):
            return Trial(draft, findings)
    return trial


def _nicer(trial: Trial) -> Iterator[Draft]:
    full_range = _with_full_range(trial)
    yield _with_pictures(_with_round_sizes(full_range), trial)
    yield _with_round_sizes(full_range)
    yield full_range


def _with_full_range(trial: Trial) -> Draft:
    """Ids up to the rows of the smallest table that they were looked up in."""
    draft = trial.draft
    for index, rows in {**trial.findings.computed_rows, **trial.findings.rows}.items():
        guess = draft.guesses[index]
        if guess.kind == "int" and guess.low == 0 and not isinstance(guess.high, str):
            draft = draft.changed(index, high=min(rows))
    return draft


def _with_round_sizes(draft: Draft) -> Draft:
    """Free sizes that are still the primes of the search."""
    for name, size in SETTLED.items():
        if draft.sizes[name] == BEGIN[name]:
            draft = draft.resized(name, size)
    return draft.resized("L", 64) if draft.sizes["L"] == 61 else draft


def _with_pictures(draft: Draft, trial: Trial) -> Draft:
    """Pictures instead of rows, where flattening is the first thing that the forward does."""
    for index, use in trial.findings.uses.items():
        dims = draft.guesses[index].dims
        if use.raw_first in _FLATTENINGS and len(dims) == 2 and dims[0] == "B" and isinstance(dims[1], int):
            shapes = flattened_shapes(dims[1])
            if shapes:
                draft = draft.changed(index, dims=shapes[0])
    return draft
