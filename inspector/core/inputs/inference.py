"""Inputs that nobody gave: made from the forward's names and the first layers, and found to run."""

from __future__ import annotations

from typing import Any

from torch import nn

from inspector.core.inputs.first_guess import first_drafts
from inspector.core.inputs.guesses import Draft, Guess
from inspector.core.inputs.layers import layer_text
from inspector.core.inputs.literals import literal_drafts
from inspector.core.inputs.polish import polished
from inspector.core.inputs.profile import Profile, profile_of
from inspector.core.inputs.search import Outcome, Search, Trial
from inspector.core.inputs.signature import forward_parameters
from inspector.core.inputs.transformers_models import configured_drafts, is_transformers_model
from inspector.core.source import OpenedSource


def infer(model: nn.Module, source: OpenedSource | None) -> Outcome:
    """Seek inputs that the model runs with; it is left as it was, whatever happens."""
    plain: Any = getattr(model, "_orig_mod", model)
    parameters = forward_parameters(plain)
    profile = profile_of(plain)
    drafts = first_drafts(plain, parameters, profile)
    if is_transformers_model(plain):
        drafts = [*configured_drafts(plain, parameters, profile), *drafts]
    if source is not None:
        drafts = [drafts[0], *literal_drafts(source, drafts[0]), *drafts[1:]]
    outcome = Search(plain, parameters, profile).run(drafts)
    if outcome.found is not None:
        outcome.found = polished(plain, outcome.found)
    return outcome


def reason_of(model: nn.Module, trial: Trial) -> str:
    """Why these inputs, in one sentence."""
    draft, count = trial.draft, len(trial.draft.guesses)
    if not count:
        return "The forward takes no inputs; the model ran without."
    it = "it" if count == 1 else "them"
    return f"{_origin(model, trial)}{_remarks(draft)}; the model ran with {it}."


def _origin(model: nn.Module, trial: Trial) -> str:
    if is_transformers_model(model) and all(guess.keyword for guess in trial.draft.guesses):
        return f"Made from the configuration of {type(model).__name__}"
    owners = [trial.findings.uses[index].owner for index in sorted(trial.findings.uses)]
    texts = list(dict.fromkeys(_owner_text(owner, model) for owner in owners))
    if not texts:
        return "Found by trying"
    if len(texts) == 1:
        return f"Made from {texts[0]}" if model in owners else f"Made from the first layer, {texts[0]}"
    return f"Made from the layers that take them, {', '.join(texts[:-1])} and {texts[-1]}"


def _owner_text(owner: nn.Module, model: nn.Module) -> str:
    own = owner is model and not type(model).__module__.startswith("torch.nn")
    return "the model's own parameters" if own else layer_text(owner)


def _remarks(draft: Draft) -> str:
    remarks = []
    if draft.measured:
        remarks.append("of the size that the later layers need")
    if draft.sizes["B"] > 1 and any("B" in guess.dims for guess in draft.guesses):
        remarks.append("two samples because a norm in train mode needs them")
    if draft.grad:
        remarks.append("with autograd on because the forward uses it")
    return "".join(f", {remark}" for remark in remarks)


def input_text(draft: Draft) -> str:
    """The draft in words: `1 × 13 float32`, `src 1 × 13 int64 and mask 1 × 13 bool`."""
    texts = [_guess_text(draft, guess, len(draft.guesses) > 1) for guess in draft.guesses]
    return " and ".join(texts) if texts else "no inputs"


def _guess_text(draft: Draft, guess: Guess, named: bool) -> str:
    if guess.is_value:
        return f"{guess.name} = {guess.value!r}"
    kind = {"float": "floats", "int": f"integers below {draft.bounds(guess)[1]}", "bool": "flags"}[guess.kind]
    shape = " × ".join(map(str, draft.shape(guess))) or "scalar"
    return f"{guess.name + ' ' if named else ''}{shape} {kind}"


__all__ = ["Profile", "infer", "input_text", "reason_of"]
