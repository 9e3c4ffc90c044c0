"""Which model of the file, and with which arguments."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from inspector.records.source import Argument, Offer, SourceFile
from inspector.ui.dialogs.sheet import Sheet, wrapped
from inspector.ui.theme import ROW, SMALL_SIZE, interface_font, monospace_font

KINDS = {"instance": "instance", "class": "class", "factory": "function"}
#: What is typed for `**kwargs`, in contrast to `*args`.
BY_NAME = re.compile(r"\*\*|[^\W\d]\w*\s*=(?!=)")
KIND = Qt.ItemDataRole.UserRole


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
        self._list.setItemDelegate(OfferDelegate(self._list))
        for offer in source.offers:
            self._list.addItem(_row(offer))
        self._list.currentRowChanged.connect(self._show_offer)
        self._list.itemActivated.connect(lambda _item: self._accept.click())
        self._place = QScrollArea(widgetResizable=True)
        self._place.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._preview = QLabel()
        self._preview.setFont(monospace_font())
        self._preview.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
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

    def may_confirm(self) -> bool:
        """Whether every argument without a default is given."""
        return self._form is not None and not self._form.missing

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
        self._form.begin()

    def _update(self) -> None:
        assert self._form is not None
        offer = self.offer
        called = "" if offer.kind == "instance" else f"({self._form.arguments})"
        self._preview.setText(offer.name + called)
        self._accept.setEnabled(self.may_confirm() and not self.waiting)
        self._accept.setToolTip(f"Still needed: {', '.join(self._form.missing)}" if self._form.missing else "")

    def _tell(self) -> None:
        assert self._form is not None
        self.chosen.emit(self.offer.name, self._form.arguments)


class OfferDelegate(QStyledItemDelegate):
    """Two lines: the name, and below it muted what it is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are of the same height."""
        return QSize(0, 2 * ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row."""
        palette = option.palette
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.highlight())
        upper = option.rect.adjusted(12, 4, -12, -ROW)
        lower = option.rect.adjusted(12, ROW - 2, -12, -6)
        for area, text, font, role in (
            (upper, index.data(), interface_font(weight=QFont.Weight.Medium), QPalette.ColorRole.Text),
            (lower, index.data(KIND), interface_font(SMALL_SIZE), QPalette.ColorRole.PlaceholderText),
        ):
            painter.setFont(font)
            painter.setPen(palette.color(role))
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


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
        return call_text(self._offer, {name: field.text().strip() for name, field in self.fields.items()})

    @property
    def missing(self) -> list[str]:
        """Arguments without a default for which nothing was typed."""
        return [name for name in self._offer.missing if not self.fields[name].text().strip()]

    def begin(self) -> None:
        """Put the cursor where something must be typed, else on the first line."""
        for name in (*self._offer.missing, *self.fields):
            self.fields[name].setFocus()
            return

    def _field(self, argument: Argument) -> QLineEdit:
        field = QLineEdit()
        field.setFont(monospace_font())
        field.setAccessibleName(argument.name)
        field.setPlaceholderText(_hint(argument))
        field.setToolTip(_tip(argument))
        field.textChanged.connect(self.changed)
        return field


def call_text(offer: Offer, typed: dict[str, str]) -> str:
    """Arguments as they stand between the brackets of a call.

    They are given by name, unless values for `*args` follow: then Python wants those before by position.
    """
    further = [typed[argument.name] for argument in offer.arguments if argument.kind == "variable"]
    further = [text for text in further if text]
    by_position = any(not BY_NAME.match(text) for text in further)
    before, after = [], []
    for argument in offer.arguments:
        text = typed[argument.name]
        if by_position and argument.kind == "positional":
            before.append(text or argument.default or "")
        elif text and argument.kind != "variable":
            after.append(f"{argument.name}={text}")
    named = [text for text in further if BY_NAME.match(text)]
    return ", ".join([*before, *(text for text in further if text not in named), *after, *named])


def _first(source: SourceFile) -> int:
    names = [offer.name for offer in source.offers]
    return names.index(source.likely) if source.likely in names else 0


def _sentence(source: SourceFile) -> str:
    file = source.path.replace("\\", "/").rpartition("/")[2]
    number = len(source.offers)
    return f"{file} offers {number} models." if number > 1 else f"{file} offers one model."


def _row(offer: Offer) -> QListWidgetItem:
    line = f", line {offer.line}" if offer.line else ""
    item = QListWidgetItem(offer.name)
    item.setData(KIND, f"{KINDS[offer.kind]}{line}")
    item.setToolTip(offer.doc)
    return item


def _hint(argument: Argument) -> str:
    if argument.kind == "variable":
        return "further arguments"
    if argument.required:
        return f"{argument.annotation}, needed" if argument.annotation else "needed"
    return argument.default or ""


def _tip(argument: Argument) -> str:
    kind = f": {argument.annotation}" if argument.annotation else ""
    if argument.kind == "variable":
        return f"{argument.name}: further arguments, as they stand in the call"
    return f"{argument.name}{kind}, " + ("needed" if argument.required else f"{argument.default} unless given")


def _muted(text: str) -> QLabel:
    label = wrapped(text)
    label.setProperty("role", "muted")
    return label
