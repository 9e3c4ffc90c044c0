"""Builds an offer: evaluates the arguments that a person typed, calls it, and checks what came back."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from pathlib import Path
from typing import Any

import torch
from torch import nn

from inspector.core.source.arguments import missing_arguments, signature_of
from inspector.core.source.choosing import call_text, offer_list
from inspector.core.source.frames import exception_text, exception_title
from inspector.core.source.importing import command_line_of
from inspector.core.source.opening import OpenedSource
from inspector.core.source.super_init import check_initialised
from inspector.core.source.troubles import construction_problem
from inspector.records.problem import InspectorError, failure

_COLLECT = "_inspector_collect_arguments"


def build_model(source: OpenedSource, name: str, arguments: str = "") -> nn.Module:
    """Build the offer `name`.

    Args:
        source: the opened file.
        name: an offer's name, or any other name in the file that is or makes a module (dotted names work).
        arguments: what stands between the brackets of the call (`hidden=64, act="gelu"`), evaluated among the file's
            own names.

    Raises:
        InspectorError: `build.unknown-offer`, `build.bad-arguments`, `build.needs-arguments`, `build.no-super-init`,
            `build.raised`, `build.not-a-module`, `source.missing-package`.
    """
    target = _target(source, name)
    if isinstance(target, nn.Module):
        if arguments.strip():
            raise failure("build.bad-arguments", f"{name} is built already and takes no arguments.")
        return _checked(target, name)
    args, kwargs = _evaluated(source, arguments)
    _check_call(source, name, target, args, kwargs)
    try:
        with command_line_of(Path(source.record.path)):
            made = target(*args, **kwargs)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise construction_problem(error, name, source.root) from error
    return _checked(_module_in(made), name)


def _target(source: OpenedSource, name: str) -> Any:
    value: Any = source.namespace
    for part in name.split("."):
        value = getattr(value, part, None)
    if isinstance(value, nn.Module) or callable(value):
        return value
    raise failure(
        "build.unknown-offer",
        f"{Path(source.record.path).name} has no model called {name}.",
        where=source.record.path,
        advice=f"It offers {offer_list(source.record.offers)}.",
    )


def _evaluated(source: OpenedSource, arguments: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments from their text."""
    text = arguments.strip().rstrip(",")
    if not text:
        return (), {}
    try:
        tree = ast.parse(f"{_COLLECT}({text}\n)", "<arguments>", "eval")
    except SyntaxError as error:
        raise _bad_arguments(text, f"cannot be read: {error.msg}") from None
    call = tree.body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise _bad_arguments(text, "cannot be read: the brackets do not match")
    names = {"torch": torch, "nn": nn, **vars(source.namespace), _COLLECT: lambda *args, **kwargs: (args, kwargs)}
    try:
        args, kwargs = eval(compile(tree, "<arguments>", "eval"), names)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _bad_arguments(text, f"raised {exception_title(error)}", exception_text(error, source.root)) from error
    return args, kwargs


def _bad_arguments(text: str, reason: str, detail: str = "") -> InspectorError:
    advice = "Write them as between the brackets of a call, for example hidden=64, act='gelu'."
    return failure("build.bad-arguments", f"The arguments `{text}` {reason}.", advice=advice, detail=detail)


def _check_call(source: OpenedSource, name: str, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Compare with the signature before the call, so that a wrong call is told apart from an error within."""
    signature = signature_of(target)
    if signature is None:
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        # Before what is missing: that is often the same argument, written rightly.
        unknown = [key for key in kwargs if key not in signature.parameters]
        if unknown and not _takes_any_keyword(signature):
            raise _unknown_keyword(name, unknown[0], signature) from None
        missing = _still_missing(signature, target, args, kwargs)
        if missing:
            raise _needs_arguments(source, name, missing) from None
        takes = f"{name}{_signature_text(signature)}"
        message = f"The arguments do not fit {takes}: {error}."
        raise failure("build.bad-arguments", message, where=_where(source, name)) from None


def _takes_any_keyword(signature: inspect.Signature) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.parameters.values())


def _unknown_keyword(name: str, key: str, signature: inspect.Signature) -> InspectorError:
    near = difflib.get_close_matches(key, signature.parameters, 1)
    advice = f"Did you mean {near[0]}?" if near else f"It takes {_signature_text(signature)}."
    return failure("build.bad-arguments", f"{name} has no argument {key}.", advice=advice)


def _still_missing(
    signature: inspect.Signature, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[str, ...]:
    try:
        given = signature.bind_partial(*args, **kwargs).arguments
    except TypeError:
        return ()
    return tuple(name for name in missing_arguments(target) if name not in given)


def _needs_arguments(source: OpenedSource, name: str, missing: tuple[str, ...]) -> InspectorError:
    what = "the argument" if len(missing) == 1 else "the arguments"
    example = _example(source, name, missing)
    return failure(
        "build.needs-arguments",
        f"{name} needs {what} {', '.join(missing)}.",
        where=_where(source, name),
        advice=f"Give them as between the brackets of {name}(…), for example {example}.",
    )


def _example(source: OpenedSource, name: str, missing: tuple[str, ...]) -> str:
    """Arguments to begin with: those of the file's own call, or one made from the names."""
    own_call = source.outline.calls_by_author.get(name, "")
    if own_call.startswith(f"{name}(") and own_call != f"{name}()":
        return own_call[len(name) + 1 : -1]
    return ", ".join(f"{each}={_example_value(source, name, each)}" for each in missing)


def _example_value(source: OpenedSource, name: str, argument: str) -> str:
    """A configuration class of the file when the argument asks for one, else a plain number."""
    offers = [offer for offer in source.record.offers if offer.name == name]
    annotations = [each.annotation for offer in offers for each in offer.arguments if each.name == argument]
    wanted = annotations[0].strip("'\"") if annotations else ""
    for key, value in vars(source.namespace).items():
        is_config = argument in ("config", "cfg", "conf", "args", "hparams") and re.search(r"(Config|Args)$", key)
        if isinstance(value, type) and (key == wanted or is_config) and not missing_arguments(value):
            return f"{key}()"
    return {"str": "''", "float": "0.1", "bool": "True"}.get(wanted, "64")


def _where(source: OpenedSource, name: str) -> str:
    line = source.outline.lines.get(name, 0)
    return f"{Path(source.record.path).name}:{line}" if line else source.record.path


def _signature_text(signature: inspect.Signature) -> str:
    parameters = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    return call_text("", parameters)


def _module_in(made: Any) -> Any:
    """The module itself, or the only one in a returned tuple such as `(model, tokenizer)`."""
    if isinstance(made, tuple | list):
        modules = [each for each in made if isinstance(each, nn.Module)]
        if len(modules) == 1:
            return modules[0]
    return made


def _checked(made: Any, name: str) -> nn.Module:
    if isinstance(made, nn.Module):
        check_initialised(made)
        return made
    what = f"the class {made.__name__}, not an instance of it" if isinstance(made, type) else _kind_text(made)
    raise failure("build.not-a-module", f"{name} gave {what}; it must give an nn.Module.")


def _kind_text(made: Any) -> str:
    if made is None:
        return "nothing (None)"
    kind = type(made).__name__
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
