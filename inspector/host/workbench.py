"""The open file, its model, its inputs and its last run: what a model process holds between two requests."""

from __future__ import annotations

from typing import Any

from torch import nn

from inspector.core.inputs import ChosenInputs
from inspector.core.source import OpenedSource
from inspector.core.trace import Trace
from inspector.core.tree import describe, tree_of
from inspector.records.modules import ModelOpened
from inspector.records.problem import InspectorError, failure


class Workbench:
    """What is open. Another model drops the inputs and the run of the one before.

    Attributes:
        source: the open file, or None.
        inputs: for the model, or None before they were chosen.
        run: the last one, or None.
    """

    def __init__(self) -> None:
        self.source: OpenedSource | None = None
        self.inputs: ChosenInputs | None = None
        self.run: Trace | None = None
        self._model: nn.Module | None = None
        self._title = ""
        self._path = ""

    @property
    def model(self) -> nn.Module:
        """The open model.

        Raises:
            InspectorError: `model.none`.
        """
        if self._model is None:
            raise failure("model.none", "No model is open.", advice="Open a Python file and choose one of its models.")
        return self._model

    def put_source(self, source: OpenedSource | None) -> None:
        """Another file, without a model yet."""
        self.source = source
        self._put(None, "", source.record.path if source is not None else "")

    def put_model(self, model: nn.Module, name: str) -> None:
        """Another model of the open file."""
        assert self.source is not None
        self._put(model, f"{self.source.record.module_name}.{name}", self.source.record.path)

    def put_pickled(self, model: nn.Module, title: str, path: str) -> None:
        """A model that came out of a checkpoint, in place of the open file's."""
        self.source = None
        self._put(model, title, path)

    def opened(self) -> ModelOpened:
        """The model as it stands now."""
        return ModelOpened(describe(self.model, self._title, self._path), tree_of(self.model))

    def arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What to call the model with: the chosen inputs, where the model is now.

        Raises:
            InspectorError: `inputs.none`, or why none could be found.
        """
        model, inputs = self.model, self.inputs
        if inputs is None:
            raise failure("inputs.none", "There are no inputs to run the model with yet.", advice="Choose its inputs.")
        if inputs.plan.origin == "none" and inputs.plan.problem is not None:
            raise InspectorError(inputs.plan.problem)
        args, kwargs = inputs.to_model(model)
        return tuple(args), dict(kwargs)

    def _put(self, model: nn.Module | None, title: str, path: str) -> None:
        self._model, self._title, self._path = model, title, path
        self.inputs = self.run = None
