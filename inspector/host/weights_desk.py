"""The operations that bring a checkpoint and the open model together: a record in, a record out."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from inspector.core.checkpoint import Checkpoint, open_checkpoint
from inspector.core.trusted import load_trusted, module_in
from inspector.core.weights import load_weights, plan_weights, require_fitting, save_weights
from inspector.host.workbench import Workbench
from inspector.records.checkpoint_requests import LoadWeights, PlanWeights, RunPickled, SaveWeights, WeightsApplied
from inspector.records.modules import ModelOpened
from inspector.records.problem import InspectorError, failure
from inspector.records.weights import WeightsPlan, WeightsSaved


@dataclass(frozen=True)
class _Planned:
    """A plan that a person was shown, with what it is about."""

    asked: PlanWeights
    model: nn.Module
    checkpoint: Checkpoint
    plan: WeightsPlan


class WeightsDesk:
    """Loads and saves the weights of the workbench's model, and puts pickled modules on the workbench."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._planned: _Planned | None = None

    def table(self) -> Mapping[str, Callable[[Any], Any]]:
        """The functions by their operation."""
        return {
            "checkpoint.run": self._run,
            "weights.plan": lambda record: self._plan(record).plan,
            "weights.load": self._load,
            "weights.save": self._save,
        }

    def _plan(self, asked: PlanWeights) -> _Planned:
        model = self._bench.model
        self._forget()
        checkpoint = open_checkpoint(asked.path)
        try:
            self._planned = _Planned(asked, model, checkpoint, plan_weights(model, checkpoint, asked.section))
        except BaseException:
            checkpoint.close()
            raise
        return self._planned

    def _load(self, record: LoadWeights) -> WeightsApplied:
        """Load what was planned; the file stays open between the two, so that it is the one that was shown."""
        asked, planned = PlanWeights(record.path, record.section), self._planned
        if planned is None or planned.asked != asked or planned.model is not self._bench.model:
            planned = self._plan(asked)
        if record.chosen is not None and len(record.chosen) != len(planned.plan):
            raise failure(
                "weights.plan_changed",
                "The checkpoint or the model is no longer the one that was compared; nothing was loaded.",
                where=record.path,
                advice="Compare them again.",
            )
        try:
            if record.chosen is None:
                require_fitting(planned.plan)
            loaded = load_weights(planned.model, planned.checkpoint, planned.plan, record.chosen)
        finally:
            self._forget()
        try:
            opened = self._bench.opened()
        except KeyboardInterrupt:  # too late: they are loaded, and that is what the person is told
            opened = self._bench.opened()
        return WeightsApplied(loaded, opened)

    def _save(self, record: SaveWeights) -> WeightsSaved:
        return save_weights(self._bench.model, record.path, record.format)

    def _run(self, record: RunPickled) -> ModelOpened:
        content = _loaded(record)
        module = module_in(content)
        if module is None:
            message = f"The file holds no module, but {_article(type(content).__name__)}."
            raise failure("checkpoint.no_module", message, where=record.path)
        self._bench.put_pickled(module, f"{Path(record.path).name}: {type(module).__name__}", record.path)
        return self._bench.opened()

    def _forget(self) -> None:
        planned, self._planned = self._planned, None
        if planned is not None:
            planned.checkpoint.close()


def _loaded(record: RunPickled) -> Any:
    try:
        return load_trusted(record.path, record.allowed)
    except InspectorError:
        raise
    except ModuleNotFoundError as error:
        message = f"The file needs {error.name}, which this Python does not have."
        advice = "Install it, or open it with the Python that has it."
        raise failure("checkpoint.run", message, where=record.path, advice=advice, detail=_text(error)) from error
    except Exception as error:
        message = f"Running the file failed: {type(error).__name__}: {error}"
        raise failure("checkpoint.run", message, where=record.path, detail=_text(error)) from error


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _text(error: Exception) -> str:
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))
