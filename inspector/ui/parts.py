"""The parts of one window, for the controllers that join them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QMainWindow

from inspector.session.session import Session
from inspector.ui.actions import Actions
from inspector.ui.activations import ActivationsView
from inspector.ui.central import Central
from inspector.ui.checkpoint import CheckpointView
from inspector.ui.console.output import OutputPane
from inspector.ui.contents import ContentsView
from inspector.ui.docks import Dock, FoldingDock
from inspector.ui.messages import Messages
from inspector.ui.modules import ModulesView
from inspector.ui.palette import Palette
from inspector.ui.problems.panel import ProblemsPanel
from inspector.ui.selection import Selection
from inspector.ui.settings import Settings
from inspector.ui.statusbar.bar import StatusBar
from inspector.ui.summary import SummaryView
from inspector.ui.tensor import TensorView
from inspector.ui.theme import Appearance
from inspector.ui.timing import TimingView
from inspector.ui.toolbar import Toolbar


@dataclass(frozen=True)
class Parts:
    """Everything a controller may need; each takes what its concern is.

    Attributes:
        window: parent of dialogs.
        messages: the lower dock's two tabs, problems and output.
    """

    window: QMainWindow
    session: Session
    settings: Settings
    appearance: Appearance
    selection: Selection
    actions: Actions
    toolbar: Toolbar
    central: Central
    modules: ModulesView
    activations: ActivationsView
    timing: TimingView
    summary: SummaryView
    checkpoint: CheckpointView
    tensor: TensorView
    contents: ContentsView
    messages: Messages
    status: StatusBar
    palette: Palette
    modules_dock: Dock
    checkpoint_dock: Dock
    messages_dock: FoldingDock

    @property
    def problems(self) -> ProblemsPanel:
        """The list of problems."""
        return self.messages.problems

    @property
    def output(self) -> OutputPane:
        """The output of the model process."""
        return self.messages.output
