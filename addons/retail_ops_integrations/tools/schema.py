"""JSON Schema 2020-12, without network and without patterns that hang.

``jsonschema-rs`` validates a hundred times faster than ``jsonschema`` and matches
patterns in linear time, so that a hostile text cannot keep a worker busy. All
validators fetch remote references by default: here they are refused.
"""

import functools
import json

import jsonschema_rs

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_ERRORS = 20


class SchemaError(ValueError):
    """The schema itself cannot be used; the text says why."""


def compile_schema(text):
    """Return a validator for a schema.

    :param text: JSON Schema 2020-12, as JSON text
    :return: object for :func:`errors`
    :raise SchemaError: not JSON, not a schema, another dialect, or it refers to
        a schema elsewhere
    """
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise SchemaError(f"the schema is not JSON: {error}") from error
    if not isinstance(schema, dict):
        raise SchemaError("the schema must be a JSON object")
    if schema.get("$schema", DIALECT) != DIALECT:
        raise SchemaError(f"the schema's dialect must be {DIALECT}")
    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            retriever=_refuse_to_fetch,
            mask="the value",
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise SchemaError(str(error).splitlines()[0]) from error


@functools.lru_cache(maxsize=512)
def compiled(text):
    """Return the validator of a schema, compiled once in a process."""
    return compile_schema(text)


def errors(text, instance):
    """Return what is wrong with ``instance``, never quoting its values.

    :param text: JSON Schema, as JSON text
    :param instance: parsed JSON
    :return: list of dicts ``{"pointer": "/unit_cost", "detail": …}``, at most 20
    """
    validator, found = compiled(text), []
    if validator.is_valid(instance):
        return found
    for error in validator.iter_errors(instance):
        found.append({"pointer": pointer(_path(error)), "detail": error.message})
        if len(found) == MAX_ERRORS:
            break
    return found


def _path(error):
    """Return where an error is: a member that is missing has its own place."""
    missing = [error.kind.property] if error.kind.name == "required" else []
    return [*error.instance_path, *missing]


def properties(text):
    """Return the names of the members that a schema of an object describes."""
    return list(json.loads(text).get("properties", ()))


def pointer(path):
    """Return the JSON pointer (RFC 6901) of a path of keys and positions."""
    return "".join(
        "/" + str(part).replace("~", "~0").replace("/", "~1") for part in path
    )


def resolve(instance, json_pointer):
    """Return the value at a JSON pointer, None where there is none.

    :param instance: parsed JSON
    :param json_pointer: text such as ``/store``
    """
    for key in _keys(json_pointer):
        if isinstance(instance, dict):
            instance = instance.get(key)
        elif isinstance(instance, list) and key.isdecimal():
            instance = dict(enumerate(instance)).get(int(key))
        else:
            return None
    return instance


@functools.lru_cache(maxsize=1024)
def _keys(json_pointer):
    return tuple(
        part.replace("~1", "/").replace("~0", "~")
        for part in json_pointer.split("/")[1:]
    )


def _refuse_to_fetch(uri):
    raise ValueError(f"references to other documents are refused: {uri}")
