"""Starting the window."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from inspector.records.options import WindowOptions
from inspector.ui.platform import check_x11, has_display, library_sentence

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from inspector.ui.window import MainWindow

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


def run(options: WindowOptions) -> int:
    """Show the window until it is closed, or draw it into a file.

    Returns:
        The exit status: 0, 2 when what was asked for could not be shown, 130 after Ctrl-C.
    """
    if not has_display():
        if not options.screenshot:
            return _refuse("there is no display to show a window on; --screenshot FILE.png draws it without one")
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        check_x11()
        import pyqtgraph  # noqa: F401
        import PySide6.QtSvg
        import PySide6.QtWidgets  # noqa: F401  # here an incomplete Qt shows
    except (ImportError, OSError) as error:
        return _refuse(library_sentence(error))
    return _show(options)


def _show(options: WindowOptions) -> int:
    from PySide6.QtCore import QSize, QTimer

    from inspector.session.session import Session
    from inspector.ui.controllers.startup import Startup
    from inspector.ui.crash import CrashLog
    from inspector.ui.screenshot import Screenshot
    from inspector.ui.settings import Settings
    from inspector.ui.window import make_window

    app = make_application()
    log = CrashLog()
    log.install()
    interrupts = Interrupts(app)
    settings = Settings()
    window = make_window(
        Session(options.python or sys.executable), settings, options.theme, remember=not options.screenshot
    )
    log.caught.connect(window.reporting.report)
    crashed = log.crash_problem()
    if crashed is not None and not options.screenshot:
        window.reporting.report(crashed)
    if options.width and options.height:
        window.fit(QSize(options.width, options.height))
    startup = Startup(window, options)
    if options.screenshot:
        Screenshot(window, startup, options.screenshot, app.exit)
    window.show()
    # In the event loop: before it an end would be lost.
    QTimer.singleShot(0, startup.begin)
    status = app.exec()
    _end(window)
    interrupts.close()
    log.close()
    return status


def make_application() -> QApplication:
    """The Qt application with its name and icon."""
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from inspector.ui.resources import resource

    app = QApplication(["inspector"])
    app.setApplicationName("Inspector")
    app.setDesktopFileName("inspector")
    app.setWindowIcon(QIcon(str(resource("app/inspector.svg"))))
    return app


class Interrupts:
    """Lets Ctrl-C in the terminal end the window at once, without a timer that wakes the process all day.

    Args:
        app: the application to leave.
    """

    def __init__(self, app: QApplication) -> None:
        from PySide6.QtCore import QSocketNotifier, QTimer

        def leave(_number: int, _frame: object) -> None:
            # Also when the event loop has not begun yet.
            QTimer.singleShot(0, app, lambda: app.exit(EXIT_INTERRUPTED))

        self._before = signal.signal(signal.SIGINT, leave)
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno())
        # Python runs its handlers as soon as this slot gives it the chance.
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(lambda: self._read.recv(64))

    def close(self) -> None:
        """Leave signals as they were."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, self._before)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()


def _end(window: MainWindow) -> None:
    window.close()
    window.parts.session.close()


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"inspector: error: {sentence}\n")
    return EXIT_ERROR
