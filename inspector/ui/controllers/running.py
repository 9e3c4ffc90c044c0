"""Running the model: once, many times, live; and what it is run with."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from inspector.records.inputs import InputPlan
from inspector.records.problem import Problem
from inspector.records.protocol import Focus
from inspector.records.runs import LiveEnded, LiveFrame, RunResult
from inspector.ui.controllers.pacing import FramePacing, Stopwatch
from inspector.ui.controllers.reporting import Reporting
from inspector.ui.dialogs.input_form import InputForm
from inspector.ui.parts import Parts

#: Passes of "Run 20 times": the first warms up, the others give the percentiles.
REPEATS = 20
NO_INPUTS = "It needs inputs first: say what they are with Input…"


class Running(QObject):
    """Joins Run, Live and Input… to the session and the views.

    Attributes:
        pacing: when the next live frame is welcome.
        plan: the inputs as they were chosen last, None before.
    """

    def __init__(self, parts: Parts, reporting: Reporting) -> None:
        super().__init__(parts.window)
        self._parts, self._reporting = parts, reporting
        self.pacing = FramePacing(self, views=2)
        self.plan: InputPlan | None = None
        self._form: InputForm | None = None
        self._views = (parts.modules, parts.activations, parts.timing)
        session, actions = parts.session, parts.actions
        session.inputs_chosen.connect(self._take_inputs)
        session.run_finished.connect(self._take_run)
        session.live_frame.connect(self._take_frame)
        session.live_ended.connect(self._take_end)
        session.state_changed.connect(self._follow_state)
        reporting.stopped.connect(self._follow_error)
        self.pacing.wanted.connect(session.grant_credit)
        for number, view in enumerate((parts.activations, parts.timing)):
            view.painted.connect(partial(self.pacing.note_drawn, number))
            view.run_requested.connect(actions["run.once"].trigger)
        actions["run.once"].changed.connect(self._allow_runs)
        actions["run.once"].triggered.connect(lambda: self.run(1))
        actions["run.repeat"].triggered.connect(lambda: self.run(REPEATS))
        actions["run.live"].triggered.connect(self.go_live)
        actions["run.input"].triggered.connect(self.ask_inputs)

    def forget(self) -> None:
        """Another file is being opened."""
        self.plan = None
        self.pacing.stop()
        self._parts.actions.note("inputs", False)
        self._parts.status.show_pace(0, None)

    def run(self, steps: int) -> None:
        """Run the model under observation."""
        self._parts.central.banner.dismiss()
        self._parts.session.run_once(steps)

    def go_live(self, on: bool) -> None:
        """Begin or end live mode."""
        if not on:
            self._parts.session.stop_live()
            return
        self._parts.central.banner.dismiss()
        self.pacing.stop()
        self._parts.session.start_live(self.focus())

    def focus(self) -> Focus:
        """What live mode looks at closely: the selected module."""
        return Focus(self._parts.selection.name, self._parts.selection.call)

    def ask_inputs(self) -> None:
        """Open the form with the inputs."""
        if self._form is not None:
            return
        session = self._parts.session
        self._form = InputForm(self._parts.window, self.plan)
        self._form.specified.connect(lambda specs: session.choose_inputs(specs=specs))
        self._form.typed.connect(lambda text: session.choose_inputs(text=text))
        self._form.destroyed.connect(self._forget_form)
        self._reporting.attend(self._form)
        self._form.open()

    def _take_inputs(self, plan: InputPlan) -> None:
        if self._form is not None:
            self._form.show_plan(plan)
        if plan.problem is None:
            self.plan = plan
            self._parts.actions["run.input"].setToolTip(f"{plan.reason}  (Ctrl+I)")
            self._parts.status.show_notice(plan.reason)
        elif self._form is None:
            self.plan = plan
            self._reporting.report(plan.problem)
        # The model may have failed with them: running with them shows where.
        self._parts.actions.note("inputs", self.plan is not None and self.plan.origin != "none")
        self._allow_runs()

    def _allow_runs(self) -> None:
        possible = self._parts.actions["run.once"].isEnabled()
        lacking = self._parts.session.state == "idle" and "inputs" not in self._parts.actions.facts
        for view in (self._parts.activations, self._parts.timing):
            view.allow_run(possible, NO_INPUTS if lacking else "")

    def _take_run(self, result: RunResult) -> None:
        for view in self._views:
            view.set_run(result)
        self._reporting.note(result.warnings)
        if result.failure is not None:
            self._reporting.report(result.failure)
        self._parts.status.show_pace(result.steps, None)

    def _take_frame(self, frame: LiveFrame) -> None:
        watch = Stopwatch()
        self.pacing.begin_frame()
        for view in self._views:
            view.add_frame(frame)
        self._parts.status.show_pace(frame.step, frame.steps_per_second)
        self.pacing.add_cost(watch.seconds)

    def _take_end(self, ended: LiveEnded) -> None:
        self.pacing.stop()
        self._parts.actions["run.live"].setChecked(False)
        self._parts.status.show_pace(ended.step, None)
        if ended.problem is not None:
            self._reporting.report(ended.problem)

    def _follow_state(self, state: str) -> None:
        if state == "live":
            # The selection may have changed since it was asked for.
            self._parts.session.set_focus(self.focus())
        else:
            self.pacing.stop()
        self._allow_runs()
        if state in ("live", "idle", "ended"):
            self._parts.actions["run.live"].setChecked(state == "live")

    def _follow_error(self, _problem: Problem) -> None:
        self._parts.actions["run.live"].setChecked(self._parts.session.state == "live")

    def _forget_form(self, _gone: QObject) -> None:
        self._form = None
