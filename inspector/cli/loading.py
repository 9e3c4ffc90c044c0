"""From the words of the command line to a model and its inputs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.cli.content import content_of
from inspector.cli.errors import tell_problem
from inspector.cli.output import progress
from inspector.records.problem import Problem, failure

if TYPE_CHECKING:
    from torch import nn

    from inspector.cli.parser import Options
    from inspector.core.inputs import ChosenInputs
    from inspector.core.source import OpenedSource


@dataclass(frozen=True)
class Loaded:
    """A model that was built as asked.

    Attributes:
        source: the file it is from.
        model: on the device that was asked for.
        title: `mlp.MLP`, the file's module name and the offer's name.
    """

    source: OpenedSource
    model: nn.Module
    title: str


def load(options: Options) -> Loaded:
    """Open the file, choose and build the model, put it where it is wanted.

    Raises:
        InspectorError: whatever hinders it, in words.
    """
    if content_of(options.path) == "checkpoint":
        name = Path(options.path).name
        raise failure(
            "file.not-python", f"{name} is a checkpoint, and this command takes a Python file with a model in it."
        )
    require_torch()
    from inspector.core.source import build_model, choose_offer, open_source

    source = open_source(options.path)
    for warning in source.record.warnings:
        tell_problem(warning)
    name = choose_offer(source.record, options.model or None)
    model = build_model(source, name, options.args)
    if options.weights:
        _load_weights(model, options.weights)
    if options.device:
        from inspector.core.devices import move

        move(model, options.device)
    return Loaded(source, model, f"{source.record.module_name}.{name}")


def _load_weights(model: nn.Module, path: str) -> None:
    """Load a checkpoint into the model and tell how far it fits, beside the result."""
    from inspector.core.weights import load_weights_file

    progress("Loading weights…")
    try:
        loaded = load_weights_file(model, path)
    finally:
        progress("")
    tell_problem(Problem("weights.loaded", "warning" if loaded.missing else "note", loaded.sentence, where=path))


def inputs_for(loaded: Loaded, options: Options) -> ChosenInputs:
    """What the model is run with; its plan says why there is nothing when there is nothing.

    Raises:
        InspectorError: `--input` makes no sense or its file cannot be read.
    """
    from inspector.core.inputs import choose_inputs

    return choose_inputs(loaded.model, loaded.source, options.input)


def require_torch() -> None:
    """Import torch.

    Raises:
        InspectorError: `torch.missing`, with the line that installs it; `torch.broken`.
    """
    progress("Loading PyTorch…")
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise failure("torch.broken", f"PyTorch cannot be imported: {error}.") from error
        raise failure(
            "torch.missing",
            "PyTorch is not installed for this Python.",
            advice=f"Install it: {sys.executable} -m pip install torch",
        ) from error
    except (ImportError, OSError) as error:
        raise failure("torch.broken", f"PyTorch cannot be imported: {error}.") from error
    finally:
        progress("")
