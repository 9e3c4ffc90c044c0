"""What hooks can see of a model, found out before any is attached, and in words what they cannot."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import nn

from inspector.records.problem import Problem


@dataclass
class Survey:
    """The distinct modules of a model.

    Attributes:
        names: full names in torch's order; a shared module bears its first one.
        modules: the modules, in the same order.
        hidden: numbers of the modules whose calls no hook sees.
        problems: why, and what else makes a record less than whole.
    """

    names: list[str] = field(default_factory=list)
    modules: list[nn.Module] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def survey(model: nn.Module) -> Survey:
    """List a model's modules and what stands in the way of hooks."""
    found = Survey()
    for name, module in model.named_modules():
        found.names.append(name)
        found.modules.append(module)
    numbers = {id(module): number for number, module in enumerate(found.modules)}
    for name, module in zip(found.names, found.modules, strict=True):
        _note_compiled(found, numbers, name, module)
        _note_scripted(found, numbers, name, module)
        _note_replicas(found, name, module)
    _note_fused(found)
    _note_lazy(found)
    return found


def can_be_called(module: nn.Module) -> bool:
    """False for `ModuleList`, `ModuleDict` and other containers that have no forward of their own."""
    return getattr(type(module), "forward", None) is not nn.Module.forward


def never_called(found: Survey, called: set[int]) -> tuple[list[str], tuple[Problem, ...]]:
    """Names of the modules that never ran, and a note on those that torch never calls by design.

    Modules that hooks cannot see, and containers without a forward, are not counted among them.
    """
    quiet = [
        number
        for number, module in enumerate(found.modules)
        if number not in called and number not in found.hidden and can_be_called(module)
    ]
    projections = {id(each.out_proj) for each in found.modules if isinstance(each, nn.MultiheadAttention)}
    weights_only = [number for number in quiet if id(found.modules[number]) in projections]
    notes = []
    if weights_only:
        name = found.names[weights_only[0]]
        others = f" and {len(weights_only) - 1} more" if len(weights_only) > 1 else ""
        notes.append(
            Problem(
                "run.weights-only",
                "note",
                f"“{name}”{others} is never called: nn.MultiheadAttention reads the weights of its out_proj directly.",
                module=name,
            )
        )
    return [found.names[number] for number in quiet], tuple(notes)


def _note_compiled(found: Survey, numbers: dict[int, int], name: str, module: nn.Module) -> None:
    if _is_compiled(module):
        inside = [each for each in module.modules() if each is not module]
    elif module._compiled_call_impl is not None:
        inside = list(module.modules())
    elif _has_compiled_forward(module):
        inside = [each for each in module.modules() if each is not module]
    else:
        return
    found.problems.append(
        Problem(
            "run.compiled",
            "warning",
            f"“{name or 'The model'}” is compiled by torch.compile: calls inside it cannot be seen.",
            advice="Run the model without torch.compile to see them.",
            module=name,
        )
    )
    _hide(found, numbers, inside)


def _is_compiled(module: nn.Module) -> bool:
    """Without importing the compiler, which takes a second: where it was not imported nothing is compiled."""
    compiler = sys.modules.get("torch._dynamo.eval_frame")
    return compiler is not None and isinstance(module, compiler.OptimizedModule)


def _has_compiled_forward(module: nn.Module) -> bool:
    forward = module.__dict__.get("forward") or getattr(type(module), "forward", None)
    return hasattr(forward, "_torchdynamo_orig_callable")


def _note_scripted(found: Survey, numbers: dict[int, int], name: str, module: nn.Module) -> None:
    if not isinstance(module, torch.jit.ScriptModule) or numbers[id(module)] in found.hidden:
        return
    if type(module).__name__ == "TopLevelTracedModule":
        inside = [each for each in module.modules() if each is not module]
        sentence = "was traced by torch.jit.trace: calls inside it cannot be seen"
    else:
        inside = list(module.modules())
        sentence = "is a TorchScript module: it takes no hooks, so neither its own calls nor those inside can be seen"
    found.problems.append(Problem("run.scripted", "warning", f"“{name or 'The model'}” {sentence}.", module=name))
    _hide(found, numbers, inside)


def _hide(found: Survey, numbers: dict[int, int], modules: Iterable[nn.Module]) -> None:
    found.hidden.update(numbers[id(module)] for module in modules if id(module) in numbers)


def _note_replicas(found: Survey, name: str, module: nn.Module) -> None:
    if isinstance(module, nn.DataParallel) and len(module.device_ids) > 1:
        found.problems.append(
            Problem(
                "run.replicas",
                "warning",
                f"“{name or 'The model'}” runs on {len(module.device_ids)} devices in threads of its own: "
                "calls inside these are not shown.",
                module=name,
            )
        )


def _note_fused(found: Survey) -> None:
    """`nn.TransformerEncoderLayer` looks for hooks and then leaves out its fused path."""
    fused = [
        number
        for number, module in enumerate(found.modules)
        if isinstance(module, nn.TransformerEncoderLayer) and not module.training and number not in found.hidden
    ]
    if not fused or not torch.backends.mha.get_fastpath_enabled():
        return
    found.problems.append(
        Problem(
            "run.fused-path",
            "warning",
            f"{len(fused)} nn.TransformerEncoderLayer ran step by step: torch leaves out the fused path, "
            "which it takes in eval mode without gradients, as soon as a layer has hooks. Values agree but for "
            "rounding, times are longer.",
            module=found.names[fused[0]],
        )
    )


def _note_lazy(found: Survey) -> None:
    lazy = [
        name
        for name, module in zip(found.names, found.modules, strict=True)
        if isinstance(module, nn.modules.lazy.LazyModuleMixin) and module.has_uninitialized_params()
    ]
    if lazy:
        found.problems.append(
            Problem(
                "run.lazy",
                "note",
                f"{len(lazy)} lazy module{'s' * (len(lazy) > 1)} took their shapes from this run's inputs, "
                "and keep them.",
                module=lazy[0],
            )
        )
