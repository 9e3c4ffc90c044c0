"""Opening files: what is asked, what goes wrong, and how one gets out of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog

from tests.ui.windows import is_ready, show_window, wait_until

HEAD = "import torch\nfrom torch import nn\n"
TINY = HEAD + "class Tiny(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
TINY += "        self.linear = nn.Linear(3, 2)\n    def forward(self, x):\n        return self.linear(x)\n"
TWO = (
    TINY.replace("__init__(self)", "__init__(self, size)")
    + "class Other(nn.Module):\n    def __init__(self, width, depth=1):\n        super().__init__()\n"
)
TWO += "        self.linear = nn.Linear(int(width), depth)\n    def forward(self, x):\n        return self.linear(x)\n"


@pytest.fixture(scope="module")
def opener(qapp, tmp_path_factory):
    """A window without a model; each test opens its own file in it."""
    window = show_window(tmp_path_factory.mktemp("window"))
    yield window
    window.close()


@pytest.fixture
def file(tmp_path):
    def write(text, name="net.py"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def dialog_of(window, name):
    wait_until(lambda: window.findChild(QDialog, f"dialog.{name}") is not None, f"the {name} dialog is open")
    return window.findChild(QDialog, f"dialog.{name}")


def test_that_a_window_without_a_model_says_how_to_begin(opener):
    parts = opener.parts
    assert parts.central.page is parts.central.welcome
    assert parts.modules_dock.isHidden()
    assert not parts.actions["run.once"].isEnabled()
    assert not parts.toolbar.device.isEnabled()


def test_that_a_dropped_file_opens(opener, file):
    path = file(TINY, "dropped.py")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path)])
    action, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    opener.dragEnterEvent(QDragEnterEvent(QPoint(50, 50), action, data, buttons, keys))
    assert opener._overlay.isVisible()
    assert opener._overlay.sentence == "Open “dropped.py”"
    opener.dropEvent(QDropEvent(QPoint(50, 50), action, data, buttons, keys))
    assert opener._overlay.isHidden()
    wait_until(lambda: is_ready(opener), "the dropped file is open")
    assert opener.parts.session.model.info.title == "dropped.Tiny"
    assert opener.parts.settings.recent_files[0] == path
    assert not opener.parts.modules_dock.isHidden()


def test_that_a_file_with_several_models_asks_which(opener, file):
    opener.opening.open(file(TWO))
    dialog = dialog_of(opener, "choose-model")
    dialog.choose("Other")
    dialog.field("width").setText("'wide'")
    dialog._accept.click()
    wait_until(lambda: bool(dialog.error), "the dialog says why it cannot be built")
    assert "wide" in dialog.error
    assert dialog.isVisible()
    assert opener.parts.central.banner.isHidden()
    dialog.field("width").setText("5")
    dialog._accept.click()
    wait_until(lambda: is_ready(opener), "the model is open")
    assert opener.parts.session.model.info.title.endswith(".Other")


def test_that_reload_builds_the_same_model_of_the_file_as_it_is_now(opener, file):
    path = file(TWO)
    opener.opening.open(path, "Other", "width=4")
    wait_until(lambda: is_ready(opener), "the model is open")
    assert opener.parts.session.model.info.parameters == 5
    file(TWO.replace("int(width)", "2 * int(width)"))
    opener.parts.actions["file.reload"].trigger()
    wait_until(lambda: is_ready(opener) and opener.parts.session.model.info.parameters == 9, "the file is read again")


def test_that_reload_keeps_the_selection_and_what_changed_on_disk_is_told(opener, file):
    path = file(TINY, "changing.py")
    opener.opening.open(path)
    wait_until(lambda: is_ready(opener), "the file is open")
    opener.parts.selection.select("linear")
    file(TINY + "# more\n", "changing.py")
    wait_until(lambda: opener.watching.has_changed, "the change is seen")
    assert "changing.py has changed on disk" in opener.parts.status.notice
    opener.parts.actions["file.reload"].trigger()
    wait_until(lambda: is_ready(opener), "the file is open again")
    assert opener.parts.selection.name == "linear"
    assert opener.parts.modules.current() == "linear"
    assert not opener.watching.has_changed


def test_that_a_file_that_is_no_python_is_told_with_its_line(opener, file):
    opener.opening.open(file(TINY + "def broken(:\n", "broken.py"))
    wait_until(lambda: opener.parts.central.banner.problem is not None, "the banner says what is wrong")
    assert "broken.py" in opener.parts.central.banner.problem.where
    assert opener.parts.central.page is opener.parts.central.welcome
    assert opener.parts.problems.problems.rowCount() >= 1


def test_that_an_endless_import_can_be_cancelled(opener, file):
    opener.opening.open(file("import time\nwhile True:\n    time.sleep(0.01)\n", "endless.py"))
    wait_until(lambda: opener.parts.status.words.startswith("Opening the file"), "the status says what goes on")
    assert opener.parts.central.page is opener.parts.central.opening
    opener.parts.actions["run.cancel"].trigger()
    wait_until(lambda: opener.parts.status.notice == "Opening the file was cancelled.", "it was cancelled")
    assert opener.parts.central.page is opener.parts.central.welcome
    assert opener.parts.central.banner.isHidden()


def test_that_the_models_code_is_answered_when_it_asks(opener, file):
    text = TINY.replace("super().__init__()", "super().__init__(); self.answer = input('How many? ')")
    opener.opening.open(file(text, "asking.py"))
    dialog = dialog_of(opener, "question")
    assert "How many?" in dialog.sentence
    dialog.line.setText("3")
    dialog._accept.click()
    wait_until(lambda: is_ready(opener), "the model is built")


def test_that_output_is_shown(opener, file):
    opener.opening.open(file(TINY + "print('hello from the file')\n", "printing.py"))
    wait_until(lambda: is_ready(opener), "the file is open")
    wait_until(lambda: "hello from the file" in opener.parts.output.text, "the output has come")
    assert opener.parts.messages.tabs.tabText(1) == "Output •"
    opener.parts.messages_dock.fold(False)
    opener.parts.messages.show_output()
    assert opener.parts.messages.tabs.tabText(1) == "Output"


def test_that_a_run_that_raises_says_where(opener, file):
    text = TINY.replace("return self.linear(x)", "raise ValueError('no luck today')")
    opener.opening.open(file(text + "example_inputs = torch.zeros(1, 3)\n", "unlucky.py"))
    wait_until(lambda: opener.parts.central.banner.problem is not None, "the banner says what went wrong")
    assert "no luck today" in opener.parts.central.banner.problem.message
    assert "unlucky.py:" in opener.parts.central.banner.problem.where


def test_that_a_dead_process_can_be_restarted(opener, file):
    opener.opening.open(file(TINY, "dying.py"))
    wait_until(lambda: is_ready(opener), "the file is open")
    opener.parts.actions["process.kill"].trigger()
    wait_until(lambda: is_ready(opener), "what was open is open again")
    assert opener.parts.session.model.info.title == "dying.Tiny"


def test_that_a_process_that_ends_itself_offers_restart(opener, file):
    text = TINY.replace("return self.linear(x)", "import os; os._exit(3)")
    opener.opening.open(file(text + "example_inputs = torch.zeros(1, 3)\n", "leaving.py"))
    wait_until(lambda: opener.parts.session.state == "ended", "the process has ended")
    assert opener.parts.status.words == "Ended"
    assert not opener.parts.actions["run.once"].isEnabled()
    assert opener.parts.central.banner.problem is not None
    opener.opening.open(file(TINY, "after.py"))
    wait_until(lambda: is_ready(opener), "another file is open")


def test_that_a_file_that_could_not_be_opened_is_reloaded_once_it_is_right(opener, file):
    opener.opening.open(file("from torch import (\n", "late.py"))
    wait_until(lambda: opener.parts.central.banner.problem is not None, "the banner says what is wrong")
    file(TINY, "late.py")
    opener.parts.actions["file.reload"].trigger()
    wait_until(lambda: is_ready(opener), "the file is open")
    assert opener.parts.session.model.info.title == "late.Tiny"


def test_that_a_model_that_fails_with_its_inputs_can_be_run_to_see_where(opener, file):
    failing = TINY.replace("return self.linear(x)", "return self.linear(x) @ torch.ones(7)")
    opener.opening.open(file(failing + "example_input_array = torch.zeros(1, 3)\n", "failing.py"))
    wait_until(lambda: opener.parts.central.banner.problem is not None, "the banner says what is wrong")
    wait_until(lambda: is_ready(opener), "it can be run nevertheless")
    opener.parts.actions["run.once"].trigger()
    wait_until(lambda: opener.parts.activations.layers.raised.any(), "the run shows where it fails")


def test_that_without_inputs_the_views_say_what_is_missing(opener, file):
    opener.opening.open(file(HEAD + "class Bare(nn.Module):\n    pass\n", "bare.py"))
    wait_until(lambda: opener.parts.session.model is not None and opener.parts.session.state == "idle", "it is open")
    empty = opener.parts.activations._empty
    wait_until(lambda: "needs inputs first" in empty.text, "the view says why it cannot be run")
    assert not empty.button.isEnabled()
