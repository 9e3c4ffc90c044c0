"""Chooses a model's inputs: as typed, as declared, or as inferred; and runs the model once to see whether they fit."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from inspector.core.inputs.chosen import ChosenInputs, Entry, entries_of, place_entries, specs_of
from inspector.core.inputs.declared import Declared, declared_inputs
from inspector.core.inputs.grammar import Typed, parse_typed
from inspector.core.inputs.inference import infer, input_text, reason_of
from inspector.core.inputs.probe import Findings
from inspector.core.inputs.protected import same_parameters
from inspector.core.inputs.search import Outcome
from inspector.core.inputs.signature import has_forward
from inspector.core.inputs.troubles import failed_problem, no_forward_problem, none_found_problem
from inspector.core.inputs.trying import try_values
from inspector.core.inputs.typed import typed_inputs
from inspector.core.source import OpenedSource
from inspector.core.source.frames import exception_title
from inspector.records.inputs import InputPlan, InputSpec, Origin


def choose_inputs(
    model: nn.Module, source: OpenedSource | None, text: str = "", specs: tuple[InputSpec, ...] = ()
) -> ChosenInputs:
    """The inputs of `model`: what was typed, else what is declared, else what is inferred from names and layers.

    The model is run to check them, at most 24 times, and is left as it was: parameters, buffers, modes, attributes,
    and everybody's random state. Its prints are dropped meanwhile.

    Args:
        model: on any device, `meta` included.
        source: its file, for what is declared there.
        text: inputs as typed (see `grammar`), or a file's path.
        specs: inputs as the form has them; `given` ones keep the value that is declared or inferred.

    Returns:
        Inputs that the model ran with. Otherwise the plan has a `problem` that says what was tried, and the inputs are
        those that were typed, or those that got furthest; there are none when none could be made (no forward).

    Raises:
        InspectorError: what was typed cannot be read (`inputs.bad-text`, `inputs.missing-file`,
            `inputs.unreadable-file`, `inputs.missing-package`) or does not fit into memory (`inputs.too-large`).
    """
    with same_parameters(model):
        if text.strip():
            return _chosen_as_typed(model, source, parse_typed(text))
        if specs:
            typed = tuple(Typed(spec, typed_dtype=spec.dtype == "float64") for spec in specs)
            return _chosen_as_typed(model, source, typed)
        return _found(model, source)


def _found(model: nn.Module, source: OpenedSource | None) -> ChosenInputs:
    if not has_forward(model):
        return _nothing(InputPlan((), "none", "The model has no forward.", problem=no_forward_problem(model)))
    failed: tuple[Declared, Findings] | None = None
    for declared in declared_inputs(model, source):
        findings = _findings(model, declared.entries)
        if findings.ran:
            return _ready(
                model, declared.entries, "declared", f"As declared by {declared.title}; the model ran with it."
            )
        failed = failed or (declared, findings)
    outcome = infer(model, source)
    if outcome.found is not None:
        reason = reason_of(model, outcome.found)
        if failed is not None:
            reason = f"{reason} What {failed[0].title} declares does not run: {_title(failed[1])}."
        return _ready(model, entries_of(outcome.found.draft, model), "inferred", reason)
    if failed is not None:
        return _with_problem(model, failed[0].entries, "declared", f"As declared by {failed[0].title}.", failed[1])
    return _nearest(model, outcome)


def _chosen_as_typed(model: nn.Module, source: OpenedSource | None, typed: tuple[Typed, ...]) -> ChosenInputs:
    def base() -> tuple[Entry, ...]:
        return _found(model, source).entries

    entries, origin, reason = typed_inputs(model, source, typed, base)
    findings = _findings(model, entries)
    if findings.ran:
        return _ready(model, entries, origin, f"{reason}; the model ran with {'it' if len(entries) == 1 else 'them'}.")
    return _with_problem(model, entries, origin, f"{reason}.", findings)


def _findings(model: nn.Module, entries: tuple[Entry, ...]) -> Findings:
    """A run with these; once more with autograd when the forward needs that."""
    args, kwargs = place_entries(entries, model)
    findings = try_values(model, args, kwargs)
    if not findings.ran and "grad" in str(findings.error):
        again = try_values(model, args, kwargs, grad=True)
        return again if again.ran else findings
    return findings


def _ready(model: nn.Module, entries: tuple[Entry, ...], origin: Origin, reason: str) -> ChosenInputs:
    args, kwargs = place_entries(entries, model)
    specs = specs_of(entries, args, kwargs)
    return ChosenInputs(InputPlan(specs, origin, reason, checked=True), args, kwargs, _with_specs(entries, specs))


def _with_problem(
    model: nn.Module, entries: tuple[Entry, ...], origin: Origin, reason: str, findings: Findings
) -> ChosenInputs:
    args, kwargs = place_entries(entries, model)
    specs = specs_of(entries, args, kwargs)
    plan = InputPlan(specs, origin, reason, problem=failed_problem(model, findings))
    return ChosenInputs(plan, args, kwargs, _with_specs(entries, specs))


def _with_specs(entries: tuple[Entry, ...], specs: tuple[InputSpec, ...]) -> tuple[Entry, ...]:
    return tuple(replace(entry, spec=spec) for entry, spec in zip(entries, specs, strict=True))


def _nothing(plan: InputPlan) -> ChosenInputs:
    return ChosenInputs(plan, (), {})


def _nearest(model: nn.Module, outcome: Outcome) -> ChosenInputs:
    """The inputs that got furthest, with the problem: running with them shows where the model fails."""
    if outcome.nearest is None:
        problem = none_found_problem(model, None, "", outcome)
        return _nothing(InputPlan((), "none", "No inputs could be made.", problem=problem))
    draft, findings = outcome.nearest.draft, outcome.nearest.findings
    entries = entries_of(draft, model)
    args, kwargs = place_entries(entries, model)
    specs = specs_of(entries, args, kwargs)
    problem = none_found_problem(model, findings, input_text(draft), outcome)
    plan = InputPlan(specs, "inferred", "The nearest that was found; the model fails with it.", problem=problem)
    return ChosenInputs(plan, args, kwargs, _with_specs(entries, specs))


def _title(findings: Findings) -> str:
    return exception_title(findings.error) if findings.error is not None else ""
