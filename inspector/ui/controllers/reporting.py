"""Problems, output, state: everything that the model process says of itself."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from inspector.records.problem import Problem
from inspector.records.process import TorchReady
from inspector.ui.dialogs.confirm import AboutDialog, QuestionDialog
from inspector.ui.dialogs.sheet import Sheet
from inspector.ui.parts import Parts

#: What is told when a person has cancelled something.
CANCELLED = "job.cancelled"


class Reporting(QObject):
    """Lists problems, shows the banner, passes errors to the dialog that waits, asks what the model's code asks.

    Signals:
        stopped: an error, or the person, stopped what was asked for (`Problem`).
    """

    stopped = Signal(object)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._sheet: Sheet | None = None
        self._question: QuestionDialog | None = None
        self._torch_version = ""
        session, status = parts.session, parts.status
        session.problem_found.connect(self.report)
        session.output_received.connect(parts.output.add)
        session.state_changed.connect(self._show_state)
        session.job_changed.connect(self._show_job)
        session.input_asked.connect(self._ask)
        session.cancel_ignored.connect(self._offer_kill)
        session.stack_received.connect(self._show_stack)
        session.torch_ready.connect(self._note_torch)
        parts.central.banner.details_wanted.connect(self.show_details)
        parts.problems.module_selected.connect(lambda name: parts.selection.select(name, origin=parts.problems))
        actions = parts.actions
        actions["run.cancel"].triggered.connect(session.cancel)
        actions["help.about"].triggered.connect(self._tell_about)
        actions["process.stack"].triggered.connect(session.request_stack)
        status.show_state(session.state)

    def attend(self, sheet: Sheet) -> None:
        """While this dialog waits for an answer, errors are shown in it and not over the views."""
        self._sheet = sheet
        sheet.destroyed.connect(self._leave)

    def report(self, problem: Problem) -> None:
        """Tell a problem; an error goes over the views, or into the dialog that asked."""
        if problem.id == CANCELLED:
            self._take_cancel(problem)
            return
        self._parts.problems.add(problem)
        if problem.severity != "error":
            return
        if self._sheet is not None and self._sheet.waiting:
            self._sheet.show_problem(problem)
        else:
            self._parts.central.banner.show_problem(problem)
        self.stopped.emit(problem)

    def _take_cancel(self, problem: Problem) -> None:
        # The person wanted it: no problem, but what waits for an answer must know.
        self._parts.status.show_notice(problem.message)
        if self._sheet is not None and self._sheet.waiting:
            self._sheet.show_problem(problem)
        self.stopped.emit(problem)

    def note(self, problems: tuple[Problem, ...]) -> None:
        """List warnings and notes that came with something that worked."""
        for problem in problems:
            self._parts.problems.add(problem)

    def show_details(self, problem: Problem) -> None:
        """Show a problem in full in the lower area."""
        self._parts.messages_dock.show()
        self._parts.messages_dock.fold(False)
        self._parts.messages.show_problems()
        self._parts.problems.reveal(problem)

    def _note_torch(self, ready: TorchReady) -> None:
        self._torch_version = ready.torch_version

    def _leave(self, _gone: QObject) -> None:
        self._sheet = None

    def _show_state(self, state: str) -> None:
        self._parts.status.show_state(state)
        self._parts.actions.note("process", state not in ("ended", "starting"))
        self._note_work()
        if state == "ended":
            self._close_question()

    def _show_job(self, job: str) -> None:
        self._parts.status.show_job(job)
        self._note_work()

    def _note_work(self) -> None:
        self._parts.actions.note("working", self._parts.session.state in ("busy", "live", "loading torch"))

    def _offer_kill(self) -> None:
        self._parts.status.offer_kill()
        self._parts.status.show_notice("It does not react to Cancel: C code may be running. Kill ends it at once.")

    def _show_stack(self, text: str) -> None:
        self._parts.output.add(f"\n{text.rstrip()}\n")
        self._parts.messages_dock.fold(False)
        self._parts.messages.show_output()

    def _ask(self, prompt: str) -> None:
        self._question = QuestionDialog(self._parts.window, prompt)
        self._question.answered.connect(self._parts.session.answer_input)
        self._question.destroyed.connect(self._forget_question)
        self._question.open()

    def _tell_about(self) -> None:
        AboutDialog(self._parts.window, self._torch_version).open()

    def _close_question(self) -> None:
        if self._question is not None:
            self._question.answered.disconnect()
            self._question.reject()

    def _forget_question(self, _gone: QObject) -> None:
        self._question = None
