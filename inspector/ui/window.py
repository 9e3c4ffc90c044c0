"""The main window: it makes the parts, puts them in their places, and lets the controllers join them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow

from inspector.records.modules import ModelOpened
from inspector.session.session import Session
from inspector.ui.actions import Actions
from inspector.ui.activations import ActivationsView
from inspector.ui.central import Central
from inspector.ui.checkpoint import CheckpointView
from inspector.ui.contents import ContentsView
from inspector.ui.controllers.appearing import Appearing
from inspector.ui.controllers.checkpoints import Checkpoints
from inspector.ui.controllers.finding import Finding
from inspector.ui.controllers.looking import Looking
from inspector.ui.controllers.moving import Moving
from inspector.ui.controllers.opening import Opening
from inspector.ui.controllers.pacing import Stopwatch
from inspector.ui.controllers.reporting import Reporting
from inspector.ui.controllers.running import Running
from inspector.ui.controllers.watching import Watching
from inspector.ui.controllers.weights import Weights
from inspector.ui.device_menu import DeviceMenu, PrecisionMenu
from inspector.ui.docks import Dock, FoldingDock
from inspector.ui.menus import Menus
from inspector.ui.messages import Messages
from inspector.ui.modules import ModulesView
from inspector.ui.palette import Palette
from inspector.ui.parts import Parts
from inspector.ui.selection import Selection
from inspector.ui.settings import Settings
from inspector.ui.statusbar.bar import StatusBar
from inspector.ui.summary import SummaryView
from inspector.ui.tensor import TensorView
from inspector.ui.theme import Appearance, current_theme
from inspector.ui.timing import TimingView
from inspector.ui.toolbar import Toolbar
from inspector.ui.welcome.drop import DropOverlay, judge

USUAL_SIZE = QSize(1400, 900)
SMALLEST_SIZE = QSize(720, 480)
#: The module tree is this wide at first, but no more than this share of the window.
MODULES_WIDTH = 460
MODULES_SHARE = 0.38


class MainWindow(QMainWindow):
    """Inspector's window.

    Args:
        session: the model process's end in this process.
        settings: what is remembered.
        appearance: which theme is shown.
        remember: whether the layout is restored and saved.

    Attributes:
        parts: everything it consists of.
        opening, running, looking, moving, finding, appearing, watching, reporting: what joins them.

    Signals:
        painted: the window was drawn; how many seconds that took.
        closed: the window is gone.
    """

    painted = Signal(float)
    closed = Signal()

    def __init__(self, session: Session, settings: Settings, appearance: Appearance, remember: bool = True) -> None:
        super().__init__()
        # Before there are widgets: each of them takes font and palette when it is made.
        appearance.apply()
        self._remember = remember
        self.setObjectName("window")
        self.setWindowTitle("Inspector")
        self.setMinimumSize(SMALLEST_SIZE)
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self._devices, self._precisions = DeviceMenu(), PrecisionMenu()
        self.parts = self._make_parts(session, settings, appearance)
        self._place_parts()
        self.reporting = Reporting(self.parts)
        self.opening = Opening(self.parts, self.reporting)
        self.running = Running(self.parts, self.reporting)
        self.looking = Looking(self.parts)
        self.moving = Moving(self.parts, self.reporting, self._devices, self._precisions)
        self.finding = Finding(self.parts)
        self.appearing = Appearing(self.parts)
        self.watching = Watching(self.parts)
        self.checkpoints = Checkpoints(self.parts, self.reporting, self.opening)
        self.weights = Weights(self.parts, self.reporting, self.opening)
        self._join()
        self._overlay = DropOverlay(self)
        self.fit(USUAL_SIZE)
        self.appearing.restore_layout(remember)
        self._hide_docks()
        self.appearing.take_theme(current_theme())
        self.list_recent()
        self.parts.central.welcome.begin()

    @property
    def actions_by_name(self) -> Actions:
        """The window's actions."""
        return self.parts.actions

    def fit(self, size: QSize) -> None:
        """Take this size, with the usual shares of it for the parts."""
        self.resize(size)
        width = min(MODULES_WIDTH, round(size.width() * MODULES_SHARE))
        self.resizeDocks([self.parts.modules_dock], [width], Qt.Orientation.Horizontal)

    def event(self, event: QEvent) -> bool:
        """Measure how long drawing takes: live frames come no faster than that."""
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        watch = Stopwatch()
        handled = super().event(event)
        self.painted.emit(watch.seconds)
        return handled

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop would open."""
        self._overlay.show_over(judge(event.mimeData()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing is dropped."""
        self._overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped, or say why it cannot be."""
        self._overlay.hide()
        dropped = judge(event.mimeData())
        event.acceptProposedAction()
        if dropped.path:
            self.opening.open(dropped.path)
        else:
            self.parts.status.show_notice(dropped.sentence)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and end the model process."""
        if self._remember:
            if self.parts.central.page is self.parts.central.views:
                self.appearing.save_layout()
            self.parts.settings.save()
        self.parts.session.close()
        super().closeEvent(event)
        self.closed.emit()

    def _make_parts(self, session: Session, settings: Settings, appearance: Appearance) -> Parts:
        actions = Actions(self)
        activations, timing, summary = ActivationsView(), TimingView(), SummaryView()
        modules, messages = ModulesView(), Messages()
        checkpoint, tensor, contents = CheckpointView(), TensorView(), ContentsView()
        return Parts(
            window=self,
            session=session,
            settings=settings,
            appearance=appearance,
            selection=Selection(self),
            actions=actions,
            toolbar=Toolbar(actions, self._devices, self._precisions),
            central=Central(actions, (activations, timing, tensor, summary, contents)),
            modules=modules,
            activations=activations,
            timing=timing,
            summary=summary,
            checkpoint=checkpoint,
            tensor=tensor,
            contents=contents,
            messages=messages,
            status=StatusBar(actions),
            palette=Palette(self),
            modules_dock=Dock("modules", "Modules", modules),
            checkpoint_dock=Dock("checkpoint", "Checkpoint", checkpoint),
            messages_dock=FoldingDock("messages", "Problems and output", messages, messages.tabs),
        )

    def _place_parts(self) -> None:
        parts = self.parts
        submenus = {"menu:device": self._devices, "menu:precision": self._precisions}
        self._menus = Menus(self.menuBar(), parts.actions, submenus)
        for action in parts.actions:
            self.addAction(action)
        self.addToolBar(parts.toolbar)
        self.setCentralWidget(parts.central)
        self.setStatusBar(parts.status)
        for dock in (parts.modules_dock, parts.checkpoint_dock):
            self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, parts.messages_dock)

    def _join(self) -> None:
        self.painted.connect(self.running.pacing.add_cost)
        self.opening.began.connect(self._begin)
        self.opening.model_shown.connect(self._show_model)
        self.opening.model_updated.connect(self._show_place)
        self.moving.model_moved.connect(self.opening.update)
        self.parts.summary.summary_wanted.connect(self.parts.session.make_summary)
        self.parts.session.summary_ready.connect(self.parts.summary.show_summary)
        self.parts.central.welcome.recent_found.connect(partial(self._menus.list_recent, choose=self.opening.open))
        self.parts.actions["file.quit"].triggered.connect(self.close)
        self.parts.actions["go.filter"].triggered.connect(self._focus_filter)

    def _begin(self, path: str) -> None:
        self.running.forget()
        self.parts.problems.clear()
        self.parts.messages_dock.show()
        self.parts.actions.note("begun", True)
        self.setWindowFilePath(path)

    def _show_model(self, opened: ModelOpened) -> None:
        self.finding.show_model(opened)
        self.looking.show_model(opened)
        self.setWindowTitle(f"{opened.info.title} – Inspector")
        self._show_modules()
        self._show_place(opened)
        self.list_recent()

    def _show_place(self, opened: ModelOpened) -> None:
        self.moving.show_model(opened)
        self.parts.summary.forget()
        if self.parts.central.view is self.parts.summary:
            self.parts.summary.ask_if_stale()

    def _hide_docks(self) -> None:
        # Before a model is open they would be empty.
        self._modules_wait = not self.parts.modules_dock.isHidden()
        self.parts.modules_dock.hide()
        self.parts.checkpoint_dock.hide()
        self.parts.messages_dock.hide()

    def _show_modules(self) -> None:
        if self._modules_wait:
            self._modules_wait = False
            self.parts.modules_dock.show()

    def list_recent(self) -> None:
        """Offer the files that were opened before."""
        self.parts.central.welcome.show_recent(self.parts.settings.recent_files)

    def _focus_filter(self) -> None:
        # The same keys find in the output where the output has the focus.
        if self.parts.output.isAncestorOf(self.focusWidget() or self):
            self.parts.output.focus_find()
            return
        if self.checkpoints.in_front == "checkpoint":
            self.parts.checkpoint.focus_filter()
            return
        self.parts.modules_dock.show()
        self.parts.modules.focus_filter()


def make_window(session: Session, settings: Settings, theme: str = "", remember: bool = True) -> MainWindow:
    """A window with its theme in force.

    Args:
        session: the model process's end in this process.
        settings: what is remembered.
        theme: `light`, `dark`, or empty for the remembered one.
        remember: False for a picture that shall not depend on, nor change, where docks were left.
    """
    return MainWindow(session, settings, Appearance(theme or settings.theme), remember)
