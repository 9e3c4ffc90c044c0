"""What is told before Qt would abort."""

import pytest

from inspector.ui.platform import debian_package, has_display, library_sentence


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libEGL.so.1", "libegl1"),
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libX11.so.6", "libx11-6"),
    ],
)
def test_that_a_library_is_named_with_its_debian_package(library, package):
    assert debian_package(library) == package


def test_that_a_failed_import_is_one_sentence_with_what_to_do():
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert library_sentence(error).endswith("sudo apt-get install libegl1")
    assert "libEGL.so.1" in library_sentence(error)


def test_that_a_missing_package_is_told_with_its_pip_line():
    sentence = library_sentence(ModuleNotFoundError("No module named 'pyqtgraph'", name="pyqtgraph"))
    assert "needs pyqtgraph" in sentence
    assert "-m pip install" in sentence


def test_that_a_display_is_found_by_what_the_desktop_sets(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not has_display()
    monkeypatch.setenv("DISPLAY", ":0")
    assert has_display()
