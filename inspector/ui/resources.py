"""Where our icons, themes, fonts and examples lie: in the package when installed, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def resource(relative: str) -> Path:
    """The file or folder `relative` of `resources/`.

    Raises:
        FileNotFoundError: it is in neither place, so the installation is incomplete.
    """
    return _find("resources", relative)


def examples() -> Path:
    """The folder with the example models."""
    return _find("examples", "")


def _find(folder: str, relative: str) -> Path:
    places = [PACKAGE / folder / relative, PACKAGE.parent / folder / relative]
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(
        f"{folder}/{relative} is neither in {PACKAGE} nor beside it: Inspector is not fully installed"
    )
