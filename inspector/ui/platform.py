"""Whether a window can be shown here, told before Qt would abort the process."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from pathlib import Path

#: Debian packages whose name does not follow from the library's.
ODD_PACKAGES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libz.so.1": "zlib1g",
}


#: The line that installs what a window needs.
INSTALL = f"{sys.executable} -m pip install 'PySide6-Essentials<6.12' pyqtgraph"


class NoServerError(OSError):
    """DISPLAY names a server that is not there."""


def has_display() -> bool:
    """Whether there is a screen to show a window on."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def debian_package(library: str) -> str:
    """The Debian package of a shared library: `libxcb-cursor.so.0` is in `libxcb-cursor0`."""
    name, _, version = library.partition(".so.")
    dash = "-" if name[-1:].isdigit() else ""
    return ODD_PACKAGES.get(library, f"{name.lower()}{dash}{version}")


def missing_library(error: BaseException) -> str:
    """The library that a failed import or load names, or empty."""
    found = re.search(r"(lib[\w.+-]+\.so(?:\.\d+)*)", str(error))
    return found.group(1) if found else ""


def library_sentence(error: BaseException) -> str:
    """What is missing and how to get it, in one sentence."""
    library = missing_library(error)
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        return f"The window needs {package}, which is not installed for this Python; install it: {INSTALL}"
    if isinstance(error, NoServerError):
        return f"{error}; --screenshot FILE.png draws the window without one"
    if not library:
        return f"Qt could not be loaded: {error}"
    return (
        f"Qt needs the system library {library}, which is missing here; "
        f"on Debian or Ubuntu: sudo apt-get install {debian_package(library)}"
    )


def check_x11() -> None:
    """Load what Qt needs for an X window and find the server: where one is missing, Qt would abort the process.

    Raises:
        NoServerError: no X server answers.
        OSError: a library is missing; its name is in the message.
    """
    wanted = os.environ.get("QT_QPA_PLATFORM", "")
    on_x11 = wanted.startswith("xcb") or (not wanted and not os.environ.get("WAYLAND_DISPLAY"))
    found = importlib.util.find_spec("PySide6")
    if sys.platform != "linux" or not on_x11 or found is None or not found.origin:
        return
    plugin = Path(found.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if plugin.exists():
        ctypes.CDLL(str(plugin))
        _find_server()


def _find_server() -> None:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        raise NoServerError(f"no X server answers at DISPLAY={os.environ.get('DISPLAY', '')}")
