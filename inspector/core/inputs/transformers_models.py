"""First drafts for models of the transformers library, whose configurations say what they take."""

from __future__ import annotations

from typing import Any

from torch import nn

from inspector.core.inputs.guesses import Draft, Guess
from inspector.core.inputs.profile import Profile
from inspector.core.inputs.signature import Parameter

_LENGTH = 16


def is_transformers_model(model: nn.Module) -> bool:
    """Whether a base class comes from transformers; asked without importing it."""
    return any(kind.__module__.startswith("transformers.") for kind in type(model).__mro__)


def configured_drafts(model: Any, parameters: tuple[Parameter, ...], profile: Profile) -> list[Draft]:
    """What `main_input_name` and the configuration ask for: token ids, pictures, sound, or features."""
    names = {each.name for each in parameters}
    main = model.main_input_name if model.main_input_name in names else "input_ids"
    if main not in names:
        return []
    config = getattr(model, "config", None)
    guesses = [_main(main, model, config)]
    if _is_pair(config) and "decoder_input_ids" in names:
        guesses.append(_ids("decoder_input_ids", config))
    sizes = {**profile.sizes, "L": min(_LENGTH, _longest(config))}
    drafts = [Draft(tuple(guesses), sizes)]
    vision = _part(config, "vision_config")
    if main == "input_ids" and vision is not None and "pixel_values" in names:
        drafts.append(Draft((*guesses, _pixels(vision)), sizes))
    return drafts


def _main(name: str, model: Any, config: Any) -> Guess:
    if name == "pixel_values":
        return _pixels(_part(config, "vision_config") or config)
    if name == "input_values":
        return Guess(name, ("B", 16_000), keyword=True, role="audio")
    if name == "input_features":
        bins, positions = _number(config, "num_mel_bins", 80), _number(config, "max_source_positions", 1500)
        return Guess(name, ("B", bins, 2 * positions), keyword=True, role="audio")
    return _ids(name, config)


def _ids(name: str, config: Any) -> Guess:
    rows = _number(_part(config, "text_config") or config, "vocab_size", 100)
    return Guess(name, ("B", "L"), "int", high=rows, keyword=True, role="ids")


def _pixels(config: Any) -> Guess:
    size = getattr(config, "image_size", None) or 224
    height, width = (size[0], size[1]) if isinstance(size, list | tuple) else (size, size)
    channels = _number(config, "num_channels", 3)
    return Guess("pixel_values", ("B", channels, int(height), int(width)), keyword=True, role="image")


def _is_pair(config: Any) -> bool:
    return bool(getattr(config, "is_encoder_decoder", False))


def _longest(config: Any) -> int:
    """Positions that the model knows; two fewer, because some begin to count behind the padding."""
    most = _number(_part(config, "text_config") or config, "max_position_embeddings", 1 << 20)
    return max(1, most - 2)


def _part(config: Any, name: str) -> Any:
    return getattr(config, name, None)


def _number(config: Any, name: str, default: int) -> int:
    value = getattr(config, name, None)
    return value if isinstance(value, int) and value > 0 else default
