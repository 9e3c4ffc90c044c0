"""What states and jobs of the model process are called."""

from __future__ import annotations

from inspector.records.formats import bytes_text, count
from inspector.records.modules import ModelInfo
from inspector.ui.theme import Theme

STATES = {
    "starting": "Starting",
    "loading torch": "Loading torch",
    "idle": "Ready",
    "busy": "Working",
    "live": "Live",
    "unresponsive": "Not responding",
    "ended": "Ended",
}

JOBS = {
    "source.open": "Opening the file",
    "model.build": "Building the model",
    "model.summary": "Making the summary",
    "model.mode": "Switching the mode",
    "inputs.choose": "Choosing inputs",
    "run.once": "Running",
    "run.look": "Looking closely",
    "live.start": "Starting live",
    "live.stop": "Stopping live",
    "checkpoint.open": "Opening the checkpoint",
    "checkpoint.collect": "Reading values",
    "checkpoint.close": "Closing the checkpoint",
    "checkpoint.pause": "Pausing statistics",
    "checkpoint.place": "Finding the tensor in the file",
    "checkpoint.values": "Reading values",
    "file.kind": "Looking at the file",
    "checkpoint.look": "Looking closely",
    "checkpoint.singular": "Working out singular values",
    "checkpoint.verify": "Comparing checksums",
    "checkpoint.export": "Writing the tensor",
    "checkpoint.run": "Loading the pickled model",
    "weights.plan": "Comparing with the model",
    "weights.load": "Loading weights",
    "weights.save": "Saving weights",
    "device.list": "Asking for devices",
    "device.plan": "Planning the move",
    "device.move": "Moving",
    "device.precision": "Changing precision",
}


def state_color(state: str, theme: Theme) -> str:
    """The colour of the dot beside a state's words."""
    colors = {"idle": theme.ok, "live": theme.accent, "unresponsive": theme.error, "ended": theme.error}
    return colors.get(state, theme.warning)


def facts_of(info: ModelInfo) -> str:
    """Device, parameters and size of a model in one line."""
    place = f"on {' + '.join(info.devices)}" if info.devices else "no tensors"
    return f"{place}   {count(info.parameters)} parameters   {bytes_text(info.bytes)}"


def facts_tip(info: ModelInfo) -> str:
    """The same with exact numbers, for a tooltip."""
    return (
        f"{info.path}\n{count(info.modules)} modules, {count(info.parameters)} parameters, "
        f"{count(info.trainable)} of them trainable\n{count(info.bytes)} bytes in "
        f"{', '.join(info.dtypes) or 'no tensors'}"
    )
