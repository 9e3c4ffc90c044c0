"""Warnings about a step: what makes its record less than whole, in words."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from inspector.core.blind_spots import Survey
from inspector.core.step import Step
from inspector.core.watchers import MOST_LOOK_BYTES, EveryValue
from inspector.records.problem import Problem


def remarks_on(step: Step) -> Iterator[Problem]:
    """On the calls that a step did not record."""
    if step.elsewhere:
        yield _warning(
            "run.threads",
            f"{_times(step.elsewhere // 2, 'call')} in other threads {_were(step.elsewhere // 2)} not recorded.",
        )
    if step.reruns:
        yield Problem(
            "run.rerun",
            "note",
            f"{_times(step.reruns // 2, 'call')} within a backward pass (checkpointing runs modules again) "
            f"{_were(step.reruns // 2)} not recorded.",
        )
    if step.troubles:
        yield _warning(
            "run.observer",
            f"Observing failed {_times(len(step.troubles), 'time')}, first with {step.troubles[0]}. "
            "The model ran on undisturbed; what was to be recorded there is missing.",
        )


def remarks_on_values(watcher: EveryValue) -> Iterator[Problem]:
    """On statistics and looks that are missing."""
    failed = watcher.batch.failed
    if failed:
        yield _warning(
            "run.statistics", f"Statistics of {_times(len(failed), 'tensor')} could not be taken: {failed[0]}."
        )
    if watcher.batch.hollow:
        yield Problem(
            "run.no-values",
            "note",
            f"{_times(watcher.batch.hollow, 'tensor')} had no values to take statistics of (on meta, fake, or within "
            "torch.vmap).",
        )
    if watcher.dropped:
        yield _warning(
            "run.looks-limit",
            f"Pictures and histograms of {_times(watcher.dropped, 'output')} were not kept: together they took more "
            f"than {MOST_LOOK_BYTES // 1024**2} MiB. Their statistics are there.",
        )


def remarks_on_model(found: Survey, model: nn.Module) -> Iterator[Problem]:
    """On modules that came into being while the model ran."""
    known = {id(module) for module in found.modules}
    new = [name for name, module in model.named_modules() if id(module) not in known]
    if new:
        yield Problem(
            "run.new-modules",
            "warning",
            f"“{new[0]}”{f' and {len(new) - 1} more' * (len(new) > 1)} came into being during the forward pass and "
            f"{_were(len(new))} not observed.",
            advice="Run once more to see them.",
            module=new[0],
        )


def remarks_on_steps(layouts: int, is_split: bool) -> Iterator[Problem]:
    """On percentiles and clocks that do not tell all."""
    if layouts > 1:
        yield Problem(
            "run.control-flow",
            "note",
            "The steps did not all make the same calls: percentiles are of those that made the calls of the last.",
        )
    if is_split:
        yield _warning(
            "run.clock",
            "The model is on several devices, whose clocks cannot be compared: times are the processor's, "
            "which hands work to an accelerator without waiting for it.",
        )


def _warning(id: str, message: str) -> Problem:
    return Problem(id, "warning", message)


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
