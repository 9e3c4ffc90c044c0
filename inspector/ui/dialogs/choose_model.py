"""Which model of the file, and with which arguments."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector.records.source import Argument, Offer, SourceFile
from inspector.ui.dialogs.sheet import Sheet, wrapped
from inspector.ui.theme import ROW, interface_font, monospace_font

KINDS = {"instance": "model", "class": "class", "factory": "function"}


class ChooseModelDialog(Sheet):
    """The models that a file offers, and a form made from the chosen one's signature.

    Signals:
        chosen: build this one (name, arguments as source text).
    """

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget, source: SourceFile) -> None:
        super().__init__(parent, "choose-model", "Choose a model", "Open")
        self._source = source
        self._form: ArgumentForm | None = None
        self.say(_sentence(source))
        self._list = QListWidget()
        self._list.setAccessibleName("Models of the file")
        self._list.setMinimumWidth(200)
        for offer in source.offers:
            self._list.addItem(_row(offer))
        self._list.currentRowChanged.connect(self._show_offer)
        self._list.itemActivated.connect(lambda _item: self._accept.click())
        self._place = QScrollArea(widgetResizable=True)
        self._place.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._preview = QLabel()
        self._preview.setFont(monospace_font())
        self._preview.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._preview.setProperty("role", "muted")
        halves = QHBoxLayout()
        halves.setSpacing(16)
        halves.addWidget(self._list, 2)
        halves.addWidget(self._place, 3)
        self.content.addLayout(halves, 1)
        self.content.addWidget(self._preview)
        self.confirmed.connect(self._tell)
        self.resize(720, 480)
        self._list.setCurrentRow(_first(source))

    @property
    def offer(self) -> Offer:
        """The model that is marked."""
        return self._source.offers[self._list.currentRow()]

    @property
    def preview(self) -> str:
        """The call as it will be made."""
        return self._preview.text()

    def choose(self, name: str) -> None:
        """Mark a model by its name."""
        names = [offer.name for offer in self._source.offers]
        self._list.setCurrentRow(names.index(name))

    def field(self, argument: str) -> QLineEdit:
        """The line of an argument."""
        assert self._form is not None
        return self._form.fields[argument]

    def _show_offer(self, row: int) -> None:
        if row < 0:
            return
        self._form = ArgumentForm(self._source.offers[row])
        self._form.changed.connect(self._update)
        self._place.setWidget(self._form)
        self._error.hide()
        self._update()

    def _update(self) -> None:
        assert self._form is not None
        offer = self.offer
        called = "" if offer.kind == "instance" else f"({self._form.arguments})"
        self._preview.setText(offer.name + called)
        self._accept.setEnabled(not self._form.missing and not self.waiting)
        self._accept.setToolTip(f"Still needed: {', '.join(self._form.missing)}" if self._form.missing else "")

    def _tell(self) -> None:
        assert self._form is not None
        self.chosen.emit(self.offer.name, self._form.arguments)


class ArgumentForm(QWidget):
    """One line for each argument of a model's constructor.

    Signals:
        changed: something was typed.
    """

    changed = Signal()

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self._offer = offer
        self.fields: dict[str, QLineEdit] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(8)
        if offer.doc:
            layout.addWidget(wrapped(offer.doc))
        form = QFormLayout(horizontalSpacing=12, verticalSpacing=8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for argument in offer.arguments:
            self.fields[argument.name] = self._field(argument)
            label = QLabel(argument.name)
            label.setBuddy(self.fields[argument.name])
            form.addRow(label, self.fields[argument.name])
        layout.addLayout(form)
        if not offer.arguments:
            layout.addWidget(_muted("It takes no arguments." if offer.kind != "instance" else "It is ready as it is."))
        layout.addStretch(1)

    @property
    def arguments(self) -> str:
        """What was typed, as it stands between the brackets of the call."""
        typed = ((argument, self.fields[argument.name].text().strip()) for argument in self._offer.arguments)
        return ", ".join(
            text if argument.kind == "variable" else f"{argument.name}={text}" for argument, text in typed if text
        )

    @property
    def missing(self) -> list[str]:
        """Arguments without a default for which nothing was typed."""
        return [name for name in self._offer.missing if not self.fields[name].text().strip()]

    def _field(self, argument: Argument) -> QLineEdit:
        field = QLineEdit()
        field.setFont(monospace_font())
        field.setAccessibleName(argument.name)
        field.setPlaceholderText("needed" if argument.required else argument.default or "")
        field.setToolTip(_tip(argument))
        field.textChanged.connect(self.changed)
        return field


def _first(source: SourceFile) -> int:
    names = [offer.name for offer in source.offers]
    return names.index(source.likely) if source.likely in names else 0


def _sentence(source: SourceFile) -> str:
    file = source.path.replace("\\", "/").rpartition("/")[2]
    number = len(source.offers)
    return f"{file} offers {number} models." if number > 1 else f"{file} offers one model."


def _row(offer: Offer) -> QListWidgetItem:
    line = f", line {offer.line}" if offer.line else ""
    item = QListWidgetItem(f"{offer.name}\n{KINDS[offer.kind]}{line}")
    item.setToolTip(offer.doc)
    item.setFont(interface_font(weight=QFont.Weight.Normal))
    size = item.sizeHint()
    size.setHeight(2 * ROW - 4)
    item.setSizeHint(size)
    return item


def _tip(argument: Argument) -> str:
    kind = f": {argument.annotation}" if argument.annotation else ""
    if argument.kind == "variable":
        return f"{argument.name}: further arguments, as they stand in the call"
    return f"{argument.name}{kind}, " + ("needed" if argument.required else f"{argument.default} unless given")


def _muted(text: str) -> QLabel:
    label = wrapped(text)
    label.setProperty("role", "muted")
    return label
