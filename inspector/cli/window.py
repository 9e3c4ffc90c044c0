"""`inspector [PATH]`: the window."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.records.options import WindowOptions
from inspector.records.problem import failure

if TYPE_CHECKING:
    from inspector.cli.parser import Options


_PACKAGES = ("PySide6", "pyqtgraph")


def run_window(options: Options) -> int:
    """Open the window and stay until it is closed, or until its picture is saved.

    Raises:
        InspectorError: a named file is missing, or the window's packages are not installed.
    """
    wanted = window_options(options)
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise failure(
            "window.packages",
            f"The window needs {' and '.join(missing)}, not installed for this Python.",
            advice=f"Install it: {sys.executable} -m pip install 'PySide6-Essentials<6.12' pyqtgraph",
        )
    from inspector.ui.app import run

    return int(run(wanted))


def window_options(options: Options) -> WindowOptions:
    """The words as the window takes them: paths absolute, and there.

    Raises:
        InspectorError: `file.missing`, `python.missing`.
    """
    width, height = options.size
    return WindowOptions(
        path=_path(options.path),
        model=options.model,
        arguments=options.args,
        input_text=options.input,
        weights=_path(options.weights),
        device=options.device,
        python=_interpreter(options.python),
        run=options.run,
        live_steps=options.live,
        view=options.view,
        select=options.select,
        width=width,
        height=height,
        theme=options.theme,
        screenshot=_picture(options.screenshot),
    )


def _path(path: str) -> str:
    """Of a file, or of a folder that holds a checkpoint: the model process looks which."""
    if not path:
        return ""
    if not Path(path).exists():
        raise failure("file.missing", f"There is no file {path}.")
    return os.path.abspath(path)  # noqa: PTH100 - links stay as the person named them


def _interpreter(path: str) -> str:
    """An interpreter's path, or the name of a program on the search path."""
    if not path:
        return ""
    import shutil

    found = shutil.which(path)
    if found is None:
        raise failure("python.missing", f"There is no Python interpreter {path}.")
    return os.path.abspath(found)  # noqa: PTH100 - a virtual environment's python is a link that must stay one


def _picture(path: str) -> str:
    if not path:
        return ""
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise failure("file.missing", f"There is no folder {folder} to save the screenshot in.")
    return str(Path(path).absolute())
