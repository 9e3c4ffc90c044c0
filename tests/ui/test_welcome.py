"""The page before a model is open, and dropping files."""

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from inspector.ui.resources import examples
from inspector.ui.welcome import WelcomePage
from inspector.ui.welcome.card import Card
from inspector.ui.welcome.drop import judge
from inspector.ui.welcome.examples import EXAMPLES


@pytest.fixture
def page(qtbot, qapp):
    page = WelcomePage(QAction("Open…", qapp, shortcut="Ctrl+O"))
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    return page


def test_that_every_example_is_offered_and_there(page):
    assert [card.accessibleName() for card in page.findChildren(Card)] == [example.title for example in EXAMPLES]
    for example in EXAMPLES:
        assert (examples() / example.file).is_file()


def test_that_a_click_on_an_example_opens_it(page, qtbot):
    card = page.findChildren(Card)[1]
    with qtbot.waitSignal(page.file_chosen) as chosen:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert chosen.args == [str(examples() / "mlp.py")]


def test_that_an_example_can_be_opened_with_the_keyboard(page, qtbot):
    card = page.findChildren(Card)[0]
    card.setFocus()
    with qtbot.waitSignal(page.file_chosen):
        qtbot.keyClick(card, Qt.Key.Key_Space)


def test_that_recent_files_that_are_gone_are_left_out(page, qtbot, tmp_path):
    there, gone = tmp_path / "there.py", tmp_path / "gone.py"
    there.write_text("")
    with qtbot.waitSignal(page.recent_found):
        page.show_recent([str(gone), str(there)])
    recent = page.findChildren(QPushButton, "recent")
    assert [button.toolTip() for button in recent] == [str(there)]
    with qtbot.waitSignal(page.file_chosen) as chosen:
        qtbot.mouseClick(recent[0], Qt.MouseButton.LeftButton)
    assert chosen.args == [str(there)]


def urls(*paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) if path.startswith("/") else QUrl(path) for path in paths])
    return data


def test_that_a_python_file_can_be_dropped():
    assert judge(urls("/home/me/mlp.py")).path == "/home/me/mlp.py"
    assert judge(urls("/home/me/mlp.py")).sentence == "Open “mlp.py”"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (urls("/a.py", "/b.py"), "one file"),
        (urls("/a.txt"), "neither a Python file nor a checkpoint"),
        (urls("https://example.org/a.py"), "on this computer"),
        (QMimeData(), "on this computer"),
    ],
)
def test_that_what_cannot_be_dropped_is_told_why(data, reason):
    assert judge(data).path == ""
    assert reason in judge(data).sentence
