"""Seeks inputs that a model runs with: try, learn from the failure, change the draft, try again."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from torch import nn

from inspector.core.inputs.first_guess import guesses_for
from inspector.core.inputs.guesses import Draft
from inspector.core.inputs.lessons import lessons_of
from inspector.core.inputs.probe import Findings
from inspector.core.inputs.profile import Profile
from inspector.core.inputs.roles import role_of
from inspector.core.inputs.signature import Parameter
from inspector.core.inputs.solver import steps_for
from inspector.core.inputs.trying import try_draft
from inspector.core.inputs.wants import WantArguments
from inspector.records.problem import InspectorError

MOST_TRIES = 24
LONGEST_SECONDS = 25.0


@dataclass(frozen=True)
class Trial:
    """A draft and what came of it."""

    draft: Draft
    findings: Findings


@dataclass
class Outcome:
    """What the search came to.

    Attributes:
        found: the draft that the model ran with, None when there is none.
        nearest: the failed trial that got furthest.
        tries: how many runs it took.
        refused: why a draft was not even tried (too large for memory).
    """

    found: Trial | None = None
    nearest: Trial | None = None
    tries: int = 0
    refused: InspectorError | None = None


class Search:
    """A best-first search: drafts that come from a trial that got far are tried before others."""

    def __init__(self, model: nn.Module, parameters: tuple[Parameter, ...], profile: Profile) -> None:
        self._model = model
        self._parameters = parameters
        self._profile = profile
        self._queue: list[tuple[int, int, int, Draft]] = []
        self._seen: set[object] = set()
        self._order = itertools.count()
        self._suspicious: Trial | None = None
        self.outcome = Outcome()

    def run(self, first: Iterable[Draft]) -> Outcome:
        """Try the first drafts and what is learnt from them, in at most `MOST_TRIES` runs."""
        for cost, draft in enumerate(first):
            self._push(draft, 0, cost * 4)
        started = time.monotonic()
        while self._queue and self.outcome.found is None:
            if self.outcome.tries >= MOST_TRIES or time.monotonic() - started > LONGEST_SECONDS:
                break
            draft = heapq.heappop(self._queue)[-1]
            if draft.key not in self._seen:
                self._try(draft)
        if self.outcome.found is None:
            self.outcome.found = self._suspicious
        return self.outcome

    def _try(self, draft: Draft) -> None:
        self._seen.add(draft.key)
        self.outcome.tries += 1
        try:
            findings = try_draft(self._model, draft)
        except InspectorError as refusal:  # too large for the memory that is free
            self.outcome.refused = refusal
            return
        trial = Trial(draft, findings)
        if findings.ran and not findings.collapsed:
            self.outcome.found = trial
            return
        if findings.ran:
            self._suspicious = self._suspicious or trial
        elif self.outcome.nearest is None or findings.steps > self.outcome.nearest.findings.steps:
            self.outcome.nearest = trial
        self._learn(trial)

    def _learn(self, trial: Trial) -> None:
        for rank, want in enumerate(lessons_of(trial.findings)):
            if isinstance(want, WantArguments):
                for cost, draft in enumerate(self._with_more(trial.draft)):
                    self._push(draft, trial.findings.steps, rank + cost)
            for step in steps_for(want, trial.draft, trial.findings, self._profile):
                self._push(step.draft, trial.findings.steps, rank + step.cost)

    def _with_more(self, draft: Draft) -> list[Draft]:
        """The draft with one more parameter that has a default: those that look like inputs first."""
        given = {guess.name for guess in draft.guesses}
        left = [each for each in self._parameters if each.name not in given]
        left.sort(key=lambda each: role_of(each.name) not in ("", "ids", "image", "hidden", "lengths", "mask"))
        drafts = []
        for parameter in left[:4]:
            named = replace(parameter, keyword=True)
            more = guesses_for(self._model, named, self._profile, self._profile.wanted)
            drafts.append(replace(draft, guesses=(*draft.guesses, *more)))
        return drafts

    def _push(self, draft: Draft, steps: int, cost: int) -> None:
        if draft.key not in self._seen:
            heapq.heappush(self._queue, (-steps, cost, next(self._order), draft))
