"""What pydantic found wrong, in words for the person who edits the file."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from connector.settings.keys import LIKELY, meant, nearest, spellings
from connector.settings.problems import Problem, dotted

_MUST_BE = {
    "missing": "missing",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be a table: names with their values",
    "model_type": "must be a section with keys of its own",
    "tuple_type": "must be a list in brackets",
    "path_type": "must be a path in quotes",
}


def explain(
    errors: Sequence[ErrorDetails], model: type[BaseModel], path: tuple[str, ...]
) -> list[Problem]:
    """Turn pydantic's findings about one section into problems, one for each place.

    A required key that was misspelt is reported once, as the unknown key that it is.
    """
    misspelt = {_slip(error, model) for error in errors} - {None}
    problems: dict[str, Problem] = {}
    for error in errors:
        where = dotted((*path, *error["loc"]))
        if error["type"] == "missing" and dotted(error["loc"]) in misspelt:
            continue
        problems.setdefault(where, Problem(where, _text(error, model)))
    return list(problems.values())


def _slip(error: ErrorDetails, model: type[BaseModel]) -> str | None:
    """Give the path of the key that a misspelt one was meant to be."""
    if error["type"] != "extra_forbidden":
        return None
    *above, key = error["loc"]
    holder = _holder(model, above)
    meant_key = nearest(str(key), spellings(holder), LIKELY)
    return meant_key and dotted((*above, meant_key))


def _text(error: ErrorDetails, model: type[BaseModel]) -> str:
    match error["type"]:
        case "extra_forbidden":
            *above, key = error["loc"]
            return f"unknown key; {meant(str(key), _holder(model, above))}"
        case "literal_error":
            return _one_of(error)
        case "refused":
            return error["msg"]
        case kind:
            return _MUST_BE.get(kind, "is not valid here; see `connector config reference`")


def _one_of(error: ErrorDetails) -> str:
    """Name the choices. What was written only picks the hint; it is not repeated."""
    context: Mapping[str, object] = error.get("ctx", {})
    choices = [
        each.strip(" '") for each in str(context["expected"]).replace(" or ", ",").split(",")
    ]
    near = nearest(str(error["input"]), choices)
    return f"must be one of {', '.join(choices)}" + (f"; did you mean {near}?" if near else "")


def _holder(model: type[BaseModel], above: Sequence[str | int]) -> type[BaseModel]:
    """Find the model that a key at the end of *above* belongs to."""
    for step in above:
        field = model.model_fields.get(str(step))
        if (
            field
            and isinstance(field.annotation, type)
            and issubclass(field.annotation, BaseModel)
        ):
            model = field.annotation
    return model
