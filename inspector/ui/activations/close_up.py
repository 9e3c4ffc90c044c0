"""What is selected, and the close look at it: which one is wanted, which one is there."""

from __future__ import annotations

from inspector.records.tensors import Look
from inspector.ui.activations.layers import Layers, Output

#: A close look: name, call (-1 for a parameter or a buffer), place in the nested output.
Subject = tuple[str, int, str]


class CloseUp:
    """The selection of the view.

    Attributes:
        selected: name and call; None for nothing.
        path: the chosen part of a nested output; empty for the first tensor.
        look: the close look at it, when there is one.
    """

    def __init__(self) -> None:
        self.selected: tuple[str, int] | None = None
        self.path = ""
        self.look: Look | None = None
        self._asked: Subject | None = None

    def select(self, selected: tuple[str, int] | None, path: str = "") -> None:
        """Select something else: the look at the former goes."""
        self.selected, self.path = selected, path
        self.forget()

    def forget(self) -> None:
        """The look is no longer true: the model has run anew."""
        self.look = None
        self._asked = None

    def ask_again(self) -> None:
        """What was asked for may never come."""
        self._asked = None

    def take(self, look: Look) -> bool:
        """Take a look, if it is of what is selected; returns whether it is."""
        if self.selected is None or look.subject != self.selected[0]:
            return False
        wanted = look.call in (-1, self.selected[1]) and (look.path == self.path or not self.path)
        if wanted:
            self.look = look
        return wanted

    def wish(self, layers: Layers) -> Subject | None:
        """The look to ask for now; None when there is nothing to look at, or it was asked for already."""
        subject = self._subject(layers)
        if subject == self._asked:
            return None
        self._asked = subject
        return subject

    def row(self, layers: Layers) -> int:
        """The selected call's row, -1 for none."""
        return layers.rows.row_of(*self.selected) if self.selected else -1

    def marked_row(self, layers: Layers) -> int:
        """The selected call's row, or the row of the module that holds the selected parameter."""
        row = self.row(layers)
        return row if row >= 0 or self.selected is None else layers.rows.nearest_row(self.selected[0])

    def output(self, layers: Layers) -> Output | None:
        """The chosen part of the output as the run recorded it."""
        outputs = layers.outputs(self.row(layers))
        chosen = [output for output in outputs if self.path and output.path == self.path]
        tensors = [output for output in outputs if output.kind == "tensor"]
        return next(iter(chosen + tensors + outputs), None)

    def _subject(self, layers: Layers) -> Subject | None:
        if self.selected is None or not len(layers.rows):
            return None
        (name, call), row = self.selected, self.row(layers)
        if row < 0:
            return None if layers.is_module(name) else (name, -1, "")
        if not layers.rows.ran[row] or layers.raised[row]:
            return None
        output = self.output(layers)
        return None if output is not None and output.kind != "tensor" else (name, call, self.path)
