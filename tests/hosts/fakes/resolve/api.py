# SPDX-License-Identifier: Apache-2.0
"""Handles: objects whose methods are checked like a contract and fail like the real program.

[M] `hasattr` is True for every name; a method that the version lacks is None ("'NoneType' object is not
callable"); `dir()` tells the truth (api-limitations "hasattr() / getattr() on Resolve API objects").
[I] Every answer is a new handle: two handles of one thing are not equal; compare GetUniqueId().
[I] Arguments go by position only.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from fakes.resolve.rejection import FakeRejection

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication

__all__ = ["ApiMethod", "Handle", "api"]

Function = TypeVar("Function", bound=Callable[..., Any])


class ApiMethod(typing.NamedTuple):
    """What `api` notes on a method."""

    since: tuple[int, ...]
    is_studio_only: bool
    failed: Any
    works_under_modal: bool


def api(
    since: tuple[int, ...] = (19, 1),
    *,
    studio_only: bool = False,
    failed: Any = None,
    works_under_modal: bool = False,
) -> Callable[[Function], Function]:
    """Marks a method of the API: there since a version; answers `failed` where the real one gives up
    silently.

    Arguments are checked against the annotations: wrong count, keyword or type raises FakeRejection.
    """

    def mark(function: Function) -> Function:
        facts = ApiMethod(since, studio_only, failed, works_under_modal)
        signature = inspect.signature(function)
        hints: dict[str, Any] = {}

        @functools.wraps(function)
        def checked(self: Handle, *args: Any, **named: Any) -> Any:
            where = f"{type(self).__name__}.{function.__name__}"
            if named:
                raise FakeRejection(f"{where} takes no arguments by name: {sorted(named)}")
            try:
                bound = signature.bind(self, *args)
            except TypeError as error:
                raise FakeRejection(f"{where}{signature}: {error}") from None
            if not hints:
                hints.update(typing.get_type_hints(function, function.__globals__, Handle.classes))
            for name, value in bound.arguments.items():
                kind = signature.parameters[name].kind
                values = value if kind is inspect.Parameter.VAR_POSITIONAL else (value,)
                for one in values:
                    if name != "self" and name in hints and not fits(one, hints[name]):
                        raise FakeRejection(f"{where}: {name} must be {hints[name]}, not {one!r}")
            app = self._app
            app.calls.append((where, args))
            if len(app.calls) == app.modal_at_call:
                app.modal_text = "Something happened"
            if app.modal_text and not works_under_modal:
                return failed  # [M] while a modal is up, unrelated calls fail
            if len(app.calls) in app.failing_calls:
                return failed
            if studio_only and not app.edition.is_studio:
                app.modal_text = "You have reached a limitation with DaVinci Resolve"
                return failed
            return function(self, *args)

        checked.api = facts  # type: ignore[attr-defined]
        return typing.cast(Function, checked)

    return mark


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a type as annotated; a bool is no number, an int is a float."""
    if hint is Any or hint is object:
        return True
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is typing.Literal:
        return any(value == one and type(value) is type(one) for one in inner)
    if origin is list:
        return isinstance(value, list) and all(fits(one, inner[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            fits(key, inner[0]) and fits(one, inner[1]) for key, one in value.items()
        )
    if hint is None or hint is type(None):
        return value is None
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


class Handle:
    """Base of everything a script holds."""

    classes: ClassVar[dict[str, type]] = {}
    _app: FakeApplication

    def __init_subclass__(cls) -> None:
        Handle.classes[cls.__name__] = cls

    def __init__(self, app: FakeApplication) -> None:
        self._app = app

    @classmethod
    def api_methods(cls) -> dict[str, ApiMethod]:
        """Every method of the API on this class, whatever the version."""
        found = {}
        for name in dir(cls):
            facts = getattr(inspect.getattr_static(cls, name), "api", None)
            if facts is not None:
                found[name] = facts
        return found

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        facts = getattr(value, "api", None)
        if isinstance(facts, ApiMethod) and not self._app.edition.has(facts.since):
            return None
        return value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise FakeRejection(
            f"{type(self).__name__} has no {name} in any version that the fake knows; "
            f"see hosts/resolve/resolve_api.pyi"
        )

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            raise FakeRejection(f"{type(self).__name__}.{name} = ... has no effect in Resolve")
        object.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        has = self._app.edition.has
        return sorted(name for name, facts in self.api_methods().items() if has(facts.since))
