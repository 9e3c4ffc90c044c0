"""Above the tree: what the file is, its totals, the mix of its dtypes, and how far the statistics are."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QToolButton, QToolTip, QVBoxLayout, QWidget

from inspector.records.checkpoints import CheckpointInfo, Share
from inspector.records.formats import bytes_text, count, share_text
from inspector.ui.icons import icon
from inspector.ui.plotting.elided_label import ElidedLabel
from inspector.ui.theme import SMALL_SIZE, Theme, current_theme, interface_font, numeric_font

#: Height of the bar and of the words below it.
BAR, WORDS = 6, 18
#: Parts of the bar with a colour of their own; the rest is one part.
MOST_PARTS = 6


class Totals(QWidget):
    """Two lines of facts, the mix of dtypes, progress.

    Signals:
        pause_wanted: statistics shall stop, or go on.
    """

    pause_wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._title, self._facts = ElidedLabel(20), ElidedLabel(18)
        self.mix = MixBar()
        self.progress = QProgressBar(textVisible=False, maximum=1000)
        self.progress.setFixedHeight(4)
        self.progress.setAccessibleName("Progress of the statistics")
        self.pause = QToolButton(checkable=True)
        self.pause.setAccessibleName("Pause statistics")
        self.pause.toggled.connect(self._tell_pause)
        self._info: CheckpointInfo | None = None
        self._words = ElidedLabel(16)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 3)
        row.addWidget(self.progress, 2)
        row.addWidget(self.pause)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 4)
        column.setSpacing(2)
        for widget in (self._title, self._facts, self.mix, self._row):
            column.addWidget(widget)
        self._row.hide()
        self.hide()

    @property
    def text(self) -> str:
        """Everything that is said."""
        return f"{self._title.text}  {self._facts.text}  {self._words.text if not self._row.isHidden() else ''}".strip()

    def show_info(self, info: CheckpointInfo | None) -> None:
        """Show a checkpoint's facts; None for none."""
        self._info = info
        self.setVisible(info is not None)
        self._row.hide()
        self.pause.blockSignals(True)
        self.pause.setChecked(False)
        self.pause.blockSignals(False)
        self.mix.show_shares(info.dtypes if info else ())
        self.set_theme(self._theme)

    def show_progress(self, done: int, total: int, finished: bool) -> None:
        """How far the statistics are."""
        self._row.setVisible(not finished)
        self.progress.setValue(round(1000 * done / max(1, total)))
        doing = "Statistics paused" if self.pause.isChecked() else "Reading values"
        words = f"{doing}   {bytes_text(done)} of {bytes_text(total)}"
        self._words.show_parts((words, numeric_font(SMALL_SIZE), self._theme.muted))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.mix.set_theme(theme)
        self._draw_pause()
        info = self._info
        if info is None:
            return
        name = info.path.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
        self._title.show_parts(
            (name, interface_font(weight=QFont.Weight.DemiBold), theme.text),
            (info.title, interface_font(), theme.muted),
        )
        facts = (
            f"{count(info.tensors)} tensor{'s' if info.tensors != 1 else ''}   {count(info.elements)} elements   "
            f"{bytes_text(info.bytes)}   file {bytes_text(info.file_bytes)}"
        )
        self._facts.show_parts((facts, numeric_font(SMALL_SIZE + 1), theme.muted))

    def _tell_pause(self, paused: bool) -> None:
        self._draw_pause()
        self.pause_wanted.emit(paused)

    def _draw_pause(self) -> None:
        paused = self.pause.isChecked()
        self.pause.setIcon(icon("play" if paused else "circle-stop", self._theme.muted))
        self.pause.setToolTip("Go on reading values" if paused else "Stop reading values; what is known stays")


class MixBar(QWidget):
    """Which part of the bytes is of which dtype."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._shares: tuple[Share, ...] = ()
        self.setFixedHeight(BAR + WORDS)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, BAR + WORDS)

    @property
    def parts(self) -> list[tuple[str, float]]:
        """Name and share of the whole of each part, largest first."""
        whole = float(sum(share.bytes for share in self._shares)) or 1.0
        parts = [(share.name, share.bytes / whole) for share in self._shares[:MOST_PARTS]]
        rest = 1.0 - sum(part for _, part in parts)
        return [*parts, ("others", rest)] if len(self._shares) > MOST_PARTS else parts

    def show_shares(self, shares: tuple[Share, ...]) -> None:
        """Show these."""
        self._shares = shares
        self.setVisible(bool(shares))
        self.setAccessibleName("Dtypes: " + ", ".join(f"{name} {share_text(part)}" for name, part in self.parts))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def event(self, event: QHelpEvent) -> bool:
        """The tooltip lists every dtype with its tensors and bytes."""
        if event.type() == event.Type.ToolTip:
            lines = [
                f"{share.name}   {count(share.tensors)} tensors   {bytes_text(share.bytes)}" for share in self._shares
            ]
            QToolTip.showText(event.globalPos(), "\n".join(lines[:40]), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar, and the names of its parts below."""
        painter = QPainter(self)
        font = numeric_font(SMALL_SIZE)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        left, said = 0.0, 0
        for place, (name, part) in enumerate(self.parts):
            color = self._color(place)
            width = part * self.width()
            painter.fillRect(QRectF(left, 4, max(1.0, width - 1), BAR - 1), color)
            left += width
            words = f"{name} {share_text(part)}"
            wide = metrics.horizontalAdvance(words) + 12
            if said + wide > self.width():
                continue
            painter.fillRect(QRectF(said, BAR + 11, 6, 6), color)
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(
                QRectF(said + 10, BAR + 5, wide, WORDS), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words
            )
            said += wide + 10

    def _color(self, place: int) -> QColor:
        series = self._theme.series
        return QColor(series[place % len(series)]) if place < MOST_PARTS else QColor(self._theme.muted)
