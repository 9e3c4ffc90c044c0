"""Which matrix of a tensor with more than two dimensions is shown: one number for each leading dimension."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QSpinBox, QToolButton, QWidget

#: More leading dimensions than this have no box of their own and stay at their first place.
MOST = 5
#: Qt counts to here.
_LARGEST = (1 << 31) - 1


class Slices(QWidget):
    """A switch for all kernels side by side, and a box for each leading dimension; a slider where there is one only.

    Signals:
        changed: another matrix shall be shown (a tuple, or None for all side by side).
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._sizes: tuple[int, ...] = ()
        self.together = QToolButton(checkable=True, text="Side by side", checked=True)
        self.together.setToolTip("All matrices side by side, or one of them")
        self.together.toggled.connect(self._switch)
        self.boxes = [QSpinBox() for _ in range(MOST)]
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Index in dimension 0")
        self.slider.valueChanged.connect(self._slide)
        self._rest = QLabel()
        self._rest.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(6)
        row.addWidget(self.together)
        for place, box in enumerate(self.boxes):
            box.setAccessibleName(f"Index in dimension {place}")
            box.setKeyboardTracking(False)
            box.valueChanged.connect(self._choose)
            row.addWidget(box)
        row.addWidget(self.slider, 1)
        row.addWidget(self._rest)
        row.addStretch(1)
        self.hide()

    @property
    def index(self) -> tuple[int, ...] | None:
        """The chosen matrix; None for all side by side, and for a tensor that has but one."""
        if not self._sizes or self.together.isChecked():
            return None
        return self.leading

    @property
    def leading(self) -> tuple[int, ...]:
        """The chosen place in the leading dimensions, whether or not all are shown."""
        chosen = [box.value() for box in self.boxes[: len(self._sizes)]]
        return (*chosen, *(0 for _ in self._sizes[MOST:]))

    def show_sizes(self, sizes: tuple[int, ...]) -> None:
        """Offer these leading dimensions, beginning with all side by side; none hides everything."""
        if sizes == self._sizes:
            return
        self._sizes = sizes
        for widget in (*self.boxes, self.slider, self.together):
            widget.blockSignals(True)
        self.together.setChecked(True)
        for place, box in enumerate(self.boxes):
            box.setVisible(place < len(sizes))
            if place < len(sizes):
                box.setRange(0, min(_LARGEST, max(0, sizes[place] - 1)))
                box.setValue(0)
                box.setSuffix(f" / {sizes[place] - 1}")
        self.slider.setVisible(len(sizes) == 1)
        self.slider.setRange(0, min(_LARGEST, max(0, sizes[0] - 1)) if sizes else 0)
        self.slider.setValue(0)
        self._rest.setText(f"and {len(sizes) - MOST} more at 0" if len(sizes) > MOST else "")
        for widget in (*self.boxes, self.slider, self.together):
            widget.blockSignals(False)
        self.setVisible(bool(sizes))

    def _switch(self, _together: bool) -> None:
        self.changed.emit(self.index)

    def _choose(self, _value: int) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(self.boxes[0].value())
        self.slider.blockSignals(False)
        if self.together.isChecked():
            # Choosing one matrix is wanting to see it; the switch tells.
            self.together.setChecked(False)
        else:
            self.changed.emit(self.index)

    def _slide(self, value: int) -> None:
        self.boxes[0].setValue(value)
