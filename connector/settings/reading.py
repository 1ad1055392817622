"""One section of the file, read as far as it can be."""

from collections.abc import Mapping
from typing import Annotated, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from connector.settings.explaining import explain
from connector.settings.problems import Problem
from connector.settings.section import Section

S = TypeVar("S", bound=Section)


def read(
    model: type[S], raw: Mapping[str, object], path: tuple[str, ...]
) -> tuple[S, list[Problem]]:
    """Read one section.

    Returns:
        The section and what is wrong with it. Where something is, the section holds what is
        right; reading a bad or missing key of it raises `UnjudgedError`.
    """
    try:
        return model.model_validate(raw), []
    except ValidationError as refused:
        # Only this much is kept: the exception itself knows the values.
        errors = refused.errors(include_url=False)
    bad = {str(error["loc"][0]) for error in errors if error["loc"]}
    good = {
        key: _value(field, raw[key])
        for key, field in model.model_fields.items()
        if key in raw and key not in bad
    }
    section = model.model_construct(_fields_set=set(good), **good)
    for key in bad:
        section.__dict__.pop(key, None)
    return section, explain(errors, model, path)


def _value(field: FieldInfo, raw: object) -> object:
    """Read one value by its field's type; it was found right before."""
    kind = cast("type[object]", Annotated[field.annotation, field])
    return TypeAdapter(kind).validate_python(raw)
