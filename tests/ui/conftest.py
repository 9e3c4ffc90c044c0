"""A window with a real model process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from inspector.ui.window import MainWindow


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for a file of tests: `examples/mlp.py` is open, with inputs."""
    from tests.ui.windows import is_ready, show_window, wait_until

    window = show_window(tmp_path_factory.mktemp("window"))
    window.opening.open(str(Path(__file__).resolve().parents[2] / "examples" / "mlp.py"))
    wait_until(lambda: is_ready(window), "mlp.py is open")
    yield window
    window.close()
