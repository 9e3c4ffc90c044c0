"""What is remembered."""

import pytest
from PySide6.QtCore import QByteArray

from inspector.ui import settings as module
from inspector.ui.settings import RECENT_FILES, Layout, Settings, state_folder

LAYOUT = Layout(QByteArray(b"geometry"), QByteArray(b"state"), QByteArray(b"columns"), folded=False)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "window.ini"


def test_that_what_was_set_is_there_at_the_next_start(path):
    first = Settings(path)
    first.theme = "dark"
    first.add_recent("/a.py")
    first.save_layout(LAYOUT)
    first.save()
    second = Settings(path)
    assert second.theme == "dark"
    assert second.recent_files == ["/a.py"]
    assert second.layout() == LAYOUT


def test_that_the_newest_recent_file_is_first_and_none_is_twice(path):
    settings = Settings(path)
    for name in ("/a.py", "/b.py", "/a.py"):
        settings.add_recent(name)
    assert settings.recent_files == ["/a.py", "/b.py"]
    for number in range(RECENT_FILES + 5):
        settings.add_recent(f"/{number}.py")
    assert len(settings.recent_files) == RECENT_FILES


def test_that_a_layout_of_another_version_is_not_restored(path, monkeypatch):
    settings = Settings(path)
    settings.save_layout(LAYOUT)
    monkeypatch.setattr(module, "LAYOUT_VERSION", module.LAYOUT_VERSION + 1)
    assert settings.layout() is None


def test_that_a_damaged_theme_is_the_systems(path):
    settings = Settings(path)
    settings.theme = "pink"
    assert settings.theme == "system"


def test_that_settings_and_logs_lie_where_the_desktop_says(own_home):
    assert Settings().path == own_home / "config" / "inspector" / "window.ini"
    assert state_folder() == own_home / "state" / "inspector"
