"""The program as a person starts it, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from PySide6.QtGui import QImage

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def start(code, platform="offscreen", **environment):
    whole = {**os.environ, "QT_QPA_PLATFORM": platform, "PYTHONPATH": ROOT, **environment}
    if not platform:
        del whole["QT_QPA_PLATFORM"]
    return subprocess.run(
        [sys.executable, "-c", code], env=whole, capture_output=True, text=True, timeout=100, check=False
    )


def run_with(**options):
    words = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return f"""
import sys
from inspector.records.options import WindowOptions
from inspector.ui.app import run
status = run(WindowOptions({words}))
assert "torch" not in sys.modules, "torch was imported in the window's process"
sys.exit(status)
"""


def test_that_the_window_is_drawn_without_a_display_and_without_torch(tmp_path, examples):
    path = tmp_path / "window.png"
    options = {"path": str(examples / "mlp.py"), "run": True, "select": "", "theme": "light"}
    done = start(
        run_with(**options, width=1000, height=700, screenshot=str(path)), platform="", DISPLAY="", WAYLAND_DISPLAY=""
    )
    assert done.returncode == 0, done.stderr
    picture = QImage(str(path))
    assert (picture.width(), picture.height()) == (1000, 700)
    assert picture.pixelColor(2, 2).name() == "#f4f5f7"


def test_that_live_steps_are_drawn(tmp_path, examples):
    path = tmp_path / "live.png"
    done = start(run_with(path=str(examples / "mlp.py"), live_steps=20, view="timing", screenshot=str(path)))
    assert done.returncode == 0, done.stderr
    assert path.exists()


def test_that_live_steps_are_drawn_of_a_model_whose_inputs_took_long_to_choose(tmp_path):
    model = tmp_path / "slow.py"
    model.write_text(
        "import time\nimport torch\nfrom torch import nn\n\nexample_input_array = torch.zeros(1, 2)\n\n"
        "class Slow(nn.Linear):\n    def forward(self, x):\n"
        "        time.sleep(0.7)\n        return super().forward(x)\n\n"
        "model = Slow(2, 2)\n"
    )
    path = tmp_path / "slow.png"
    done = start(run_with(path=str(model), live_steps=2, screenshot=str(path)))
    assert done.returncode == 0, done.stderr
    assert path.exists()


def test_that_the_welcome_page_is_drawn(tmp_path):
    path = tmp_path / "welcome.png"
    done = start(run_with(theme="dark", screenshot=str(path)))
    assert done.returncode == 0, done.stderr
    assert QImage(str(path)).pixelColor(600, 300).name() == "#15171c"


def test_that_an_error_is_one_sentence_and_status_two(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("def broken(:\n")
    done = start(run_with(path=str(broken), screenshot=str(tmp_path / "window.png")))
    assert done.returncode == 2
    assert done.stderr.startswith("inspector: error: ")
    assert done.stderr.count("\n") == 1
    assert "broken.py" in done.stderr
    assert not (tmp_path / "window.png").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"view": "graph"}, "There is no view “graph”; the views are activations, timing, tensor, summary, contents."),
        ({"weights": "/mlp.pt"}, "--weights needs a Python file"),
    ],
)
def test_that_what_is_not_there_is_told(options, complaint, tmp_path):
    done = start(run_with(screenshot=str(tmp_path / "window.png"), **options))
    assert done.returncode == 2
    assert complaint in done.stderr


def test_that_a_module_that_is_not_there_is_told_with_the_nearest_name(tmp_path, examples):
    path = str(tmp_path / "window.png")
    done = start(run_with(path=str(examples / "linear_regression.py"), select="linea", screenshot=path))
    assert done.returncode == 2
    assert "no module or tensor “linea”" in done.stderr


def test_that_the_picture_has_the_resolution_of_the_screen(tmp_path):
    path = tmp_path / "double.png"
    done = start(run_with(width=1000, height=700, screenshot=str(path)), QT_SCALE_FACTOR="2")
    assert done.returncode == 0, done.stderr
    assert QImage(str(path)).width() == 2000


def test_that_an_error_of_our_own_is_told_and_written_down(own_home):
    code = """
from PySide6.QtCore import QTimer
from inspector.ui.app import Interrupts
begin = Interrupts.__init__
def begin_and_fail(self, app):
    begin(self, app)
    QTimer.singleShot(0, app, lambda: 1 / 0)
    QTimer.singleShot(500, app, lambda: app.exit(7))
Interrupts.__init__ = begin_and_fail
"""
    done = start(code + run_with())
    assert done.returncode == 7, "the window did not live on"
    assert "ZeroDivisionError" in done.stderr
    assert "ZeroDivisionError" in (own_home / "state" / "inspector" / "errors.log").read_text()


def test_that_ctrl_c_in_the_terminal_ends_the_window():
    interrupt = """
import os, signal, threading
from inspector.ui.app import Interrupts
begin = Interrupts.__init__
def begin_and_interrupt(self, app):
    begin(self, app)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
Interrupts.__init__ = begin_and_interrupt
"""
    assert start(interrupt + run_with()).returncode == 130


def test_that_without_a_display_one_is_told_about_the_screenshot():
    done = start(run_with(), platform="", DISPLAY="", WAYLAND_DISPLAY="")
    assert done.returncode == 2
    assert "--screenshot" in done.stderr


def test_that_a_display_that_does_not_answer_is_told():
    done = start(run_with(), platform="", DISPLAY=":4711", WAYLAND_DISPLAY="")
    assert done.returncode == 2
    assert "no X server answers at DISPLAY=:4711" in done.stderr
    assert done.stderr.count("\n") == 1


def test_that_none_is_never_lost():
    """PySide6 6.12.0 dropped a reference of `None` in each call that returns nothing; the interpreter died of it."""
    done = start(
        """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
before = sys.getrefcount(None)
for _ in range(200):
    app.processEvents()
assert abs(sys.getrefcount(None) - before) < 100
"""
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_that_the_window_opens_on_a_real_x_server(tmp_path, examples):
    path = tmp_path / "x11.png"
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as display:
            number = display.readline().strip()
        done = start(
            run_with(path=str(examples / "mlp.py"), run=True, screenshot=str(path)), "xcb", DISPLAY=f":{number}"
        )
        assert done.returncode == 0, done.stderr
        assert QImage(str(path)).width() == 1400
    finally:
        server.terminate()
        server.wait(10)
