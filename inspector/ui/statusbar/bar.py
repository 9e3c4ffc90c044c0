"""The status bar."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QToolButton, QWidget

from inspector.records.formats import count, pace_text
from inspector.records.modules import ModelInfo
from inspector.ui.actions import Actions
from inspector.ui.icons import pixmap
from inspector.ui.statusbar.elided import ElidedLabel
from inspector.ui.statusbar.words import JOBS, STATES, facts_of, facts_tip, state_color
from inspector.ui.theme import Theme, current_theme, interface_font, numeric_font

#: A job shorter than this shows no sign of work: it would only flicker.
PATIENCE_MS = 300
#: How long what has just been done is told.
NOTICE_MS = 12_000


class StatusBar(QStatusBar):
    """State of the process, the model in one line, pace, and the buttons to stop things.

    Args:
        actions: Cancel, Stack, Kill and Restart are taken from here.
    """

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self._state = "starting"
        self._job = ""
        self._began = 0.0
        self._dot, self._words = QLabel(), _label("State of the model process")
        self._model = _label("Model", interface_font(weight=QFont.Weight.Medium))
        self._facts = _label("Facts about the model", numeric_font(), muted=True)
        self._notice = ElidedLabel()
        self._notice.setAccessibleName("What was done")
        self._pace = _label("Steps per second", numeric_font())
        self._step = _label("Step", numeric_font(), muted=True)
        self._buttons = {
            name: _button(actions, name) for name in ("run.cancel", "process.stack", "process.kill", "process.restart")
        }
        self.setSizeGripEnabled(False)
        self.addWidget(self._row(), 1)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._show_work)
        self._clock = QTimer(self, interval=100)
        self._clock.timeout.connect(self._tell_job)
        self._silence = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._silence.timeout.connect(self._notice.clear)
        self.show_state("starting")

    @property
    def words(self) -> str:
        """What is written about the process, for a person and for tests."""
        return self._words.text()

    @property
    def notice(self) -> str:
        """What has just been done, or empty."""
        return self._notice.text()

    @property
    def facts(self) -> str:
        """The model in one line."""
        return f"{self._model.text()}   {self._facts.text()}".strip()

    @property
    def step(self) -> str:
        """The number of the last step, or empty."""
        return self._step.text()

    def show_state(self, state: str) -> None:
        """Show the process's state (a key of `STATES`)."""
        self._state = state
        if state == "live":
            self._stop_work()
        self._update()

    def show_job(self, job: str) -> None:
        """Show what the process works on after a moment, with Cancel; empty when it is done."""
        self._job = job
        if not job or self._state == "live":
            self._stop_work()
        elif not self._clock.isActive() and not self._patience.isActive():
            self._began = time.monotonic()
            self._patience.start()
        self._update()

    def offer_kill(self) -> None:
        """Offer Stack and Kill: a cancel had no effect."""
        self._buttons["process.stack"].show()
        self._buttons["process.kill"].show()

    def show_model(self, info: ModelInfo | None) -> None:
        """Show the model's title, device and size; None when no model is open."""
        self._model.setText(info.title if info else "")
        self._facts.setText(facts_of(info) if info else "")
        for label in (self._model, self._facts):
            label.setToolTip(facts_tip(info) if info else "")
        if info is None:
            self.show_pace(0, None)

    def show_checkpoint(self, name: str, facts: str, tip: str) -> None:
        """Show a checkpoint in place of a model."""
        self._model.setText(name)
        self._facts.setText(facts)
        for label in (self._model, self._facts):
            label.setToolTip(tip)
        self.show_pace(0, None)

    def show_pace(self, step: int, steps_per_second: float | None) -> None:
        """Show the step, and how many there are in a second while live."""
        self._pace.setText("" if steps_per_second is None else pace_text(steps_per_second))
        self._pace.setVisible(steps_per_second is not None)
        self._step.setText(f"step {count(step)}" if step else "")
        self._step.setVisible(steps_per_second is not None or step > 1)

    def show_notice(self, sentence: str) -> None:
        """Tell what was done, for a while."""
        self._notice.setText(sentence)
        self._notice.setToolTip(sentence)
        self._silence.start()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._update()

    def _row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(8, 0, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self._dot)
        layout.addWidget(self._words)
        layout.addSpacing(16)
        layout.addWidget(self._model)
        layout.addWidget(self._facts)
        layout.addSpacing(16)
        layout.addWidget(self._notice, 1)
        for label, sample in ((self._pace, "99 999 steps/s"), (self._step, "step 9 999 999")):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setMinimumWidth(QFontMetrics(label.font()).horizontalAdvance(sample))
            layout.addWidget(label)
        for button in self._buttons.values():
            layout.addWidget(button)
        row.setFixedHeight(28)
        return row

    def _show_work(self) -> None:
        self._actions.note("free", False)
        self._clock.start()
        self._update()

    def _stop_work(self) -> None:
        self._patience.stop()
        self._clock.stop()
        self._actions.note("free", True)

    def _tell_job(self) -> None:
        seconds = time.monotonic() - self._began
        doing = STATES["unresponsive"] if self._state == "unresponsive" else JOBS.get(self._job, self._job)
        self._words.setText(f"{doing}  {seconds:.1f} s")

    def _update(self) -> None:
        working, state = self._clock.isActive(), self._state
        self._dot.setPixmap(pixmap("dot", state_color(state, current_theme()), 12, self.devicePixelRatioF()))
        if working:
            self._tell_job()
        else:
            # A job of a few milliseconds is not worth a word.
            self._words.setText(STATES["idle" if state == "busy" and not working else state])
        stuck = state == "unresponsive"
        self._buttons["run.cancel"].setVisible(working and not stuck)
        self._buttons["process.restart"].setVisible(state == "ended")
        if not stuck and not working:
            self._buttons["process.stack"].hide()
            self._buttons["process.kill"].hide()
        elif stuck:
            self.offer_kill()


def _label(name: str, font: QFont | None = None, muted: bool = False) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    if font:
        label.setFont(font)
    if muted:
        label.setProperty("role", "muted")
    return label


def _button(actions: Actions, name: str) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(actions[name])
    button.setToolButtonStyle(button.toolButtonStyle().ToolButtonTextBesideIcon)
    button.setFocusPolicy(button.focusPolicy().TabFocus)
    button.hide()
    return button
