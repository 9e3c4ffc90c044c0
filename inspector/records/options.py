"""What a person asked for when starting the window, from the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowOptions:
    """The window's start: what to open, what to run, what to show.

    Attributes:
        path: Python file or checkpoint to open, absolute; empty for the welcome page.
        model: which model of the file; empty takes the one obvious candidate, or asks.
        arguments: the constructor's arguments as typed after `--args` (`hidden=64, act="gelu"`).
        input_text: an input specification or a file, as typed after `--input`.
        weights: checkpoint to load into the model, absolute; empty for none.
        device: where to put the model (`cuda:0`); empty leaves it where it was built.
        python: interpreter of the model process; empty takes the window's own.
        run: run once after loading.
        live_steps: run live for so many steps after loading; 0 does not.
        view: name of the view to show (`timing`); empty for the usual one.
        select: full name of the module to select; None selects nothing, `""` the root.
        width, height: size of the window in pixels; 0 takes the remembered or the usual one.
        theme: `light`, `dark`, or empty for the system's.
        screenshot: file to draw the window into before leaving; empty keeps the window open.
    """

    path: str = ""
    model: str = ""
    arguments: str = ""
    input_text: str = ""
    weights: str = ""
    device: str = ""
    python: str = ""
    run: bool = False
    live_steps: int = 0
    view: str = ""
    select: str | None = None
    width: int = 0
    height: int = 0
    theme: str = ""
    screenshot: str = ""
