"""What kind of value a key takes, in the words of the reference."""

import types
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from connector.settings.keys import is_secret
from connector.settings.values import parse_span, span_text

_PLAIN = {bool: "true or false", int: "number", float: "number", SecretStr: "secret"}


def kind(field: FieldInfo) -> str:
    """Name the kind of value that a key takes."""
    return _kind(field.annotation, tuple(field.metadata))


def _kind(annotation: object, metadata: tuple[object, ...] = ()) -> str:
    if any(isinstance(each, BeforeValidator) and each.func is parse_span for each in metadata):
        return "span"
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(args[0], args[1:])
    if origin in {Union, types.UnionType}:
        return " or ".join(_kind(each) for each in args if each is not type(None))
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in args)
    if origin is tuple:
        return "list"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "table"
    return next((word for plain, word in _PLAIN.items() if annotation is plain), "text")


def written(field: FieldInfo, value: object) -> object:
    """Give *value* as the file has it: a span as text, a path too."""
    if "span" in kind(field) and isinstance(value, float):
        return span_text(value)
    if is_secret(field) or kind(field) == "text":
        return str(value)
    return value


def default(field: FieldInfo) -> object:
    """Give a key's default as the file has it; None where it has none or is required."""
    if field.is_required():
        return None
    value: object = field.get_default(call_default_factory=True, validated_data={})
    return None if value is None or value == {} else written(field, value)
