"""The figures of the whole forward in one line."""

from __future__ import annotations

from PySide6.QtGui import QFont

from inspector.records.formats import count, duration_text, pace_text, share_text
from inspector.ui.plotting.elided_label import ElidedLabel
from inspector.ui.theme import SMALL_SIZE, TEXT_SIZE, Theme, interface_font, numeric_font
from inspector.ui.timing.times import Times


class Header(ElidedLabel):
    """Duration of the forward, number of steps, clock and device, and what the percentiles are over."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(28)
        self._theme = theme
        self._times: Times | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        if self._times is not None:
            self.show_times(self._times)

    def show_times(self, times: Times) -> None:
        """Say the figures."""
        self._times = times
        theme, small = self._theme, numeric_font(SMALL_SIZE)
        strong = numeric_font(TEXT_SIZE, QFont.Weight.DemiBold)
        self.show_parts(
            ("Forward", interface_font(TEXT_SIZE), theme.muted),
            (duration_text(times.forward), strong, theme.text),
            ("   ".join(facts_of(times)), small, theme.muted),
        )


def facts_of(times: Times) -> list[str]:
    """What is known of how the times were taken, in words."""
    if times.live:
        facts = [f"step {count(times.step)}", pace_text(times.pace)]
    else:
        facts = [f"{count(times.step)} step{'s' if times.step != 1 else ''}"]
    facts += [text for text in (times.device, f"clock {times.clock}" if times.clock else "") if text]
    if times.live:
        facts.append(f"p50 and p95 over the last {times.sampled} steps")
        facts.append(f"observing took {share_text(times.observed)}")
    elif times.has_percentiles:
        facts.append(f"p50 and p95 over {times.sampled} steps after the first")
    else:
        facts.append("one step: no percentiles")
    return facts
