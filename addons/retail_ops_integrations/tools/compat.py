"""Whether a changed JSON Schema still takes what the old one took.

Shown, not guessed: each rule of the narrower schema must follow from a rule of the
wider one. What this cannot follow counts as breaking. A member that the wider schema
does not describe may be described anew: senders do not send what nobody reads.
"""

NOTES = {
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
}
LOWER_BOUNDS = (
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
)
UPPER_BOUNDS = (
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
)


def breaking_changes(old, new, direction):
    """Return why a change is not shown to be compatible, an empty list when it is.

    Inbound, what senders send by the old schema must pass the new one; outbound,
    what is sent by the new one must pass the old one, which receivers know.

    :param old: parsed schema
    :param new: parsed schema
    :param direction: in or out
    :return: list of texts, each with a JSON pointer into the data
    """
    wide, narrow = (old, new) if direction == "in" else (new, old)
    return list(_gaps(wide, narrow, ""))


def _gaps(wide, narrow, at):
    """Yield what ``narrow`` asks and ``wide`` does not promise."""
    if narrow in (True, {}) or wide is False or wide == narrow:
        return
    if not isinstance(wide, dict) or not isinstance(narrow, dict):
        yield f"{at or '/'}: any value was allowed"
        return
    for keyword, rule in narrow.items():
        if keyword not in NOTES:
            check = _CHECKS.get(keyword, _equal)
            yield from check(wide, narrow, keyword, rule, at)


def _equal(wide, _narrow, keyword, rule, at):
    if wide.get(keyword) != rule:
        yield f"{at or '/'}: {keyword} differs"


def _type(wide, _narrow, _keyword, rule, at):
    allowed = _set_of(rule)
    if "number" in allowed:
        allowed |= {"integer"}
    promised = _set_of(wide.get("type", []))
    if not promised or not promised <= allowed:
        yield f"{at or '/'}: fewer types are allowed"


def _required(wide, _narrow, _keyword, rule, at):
    for name in rule:
        if name not in wide.get("required", ()):
            yield f"{at}/{name}: is required in one of them only"


def _properties(wide, _narrow, _keyword, rule, at):
    known = wide.get("properties", {})
    for name, member in rule.items():
        if name in known:
            yield from _gaps(known[name], member, f"{at}/{name}")


def _additional(wide, narrow, _keyword, rule, at):
    if rule is False:
        if wide.get("additionalProperties") is not False:
            yield f"{at or '/'}: further members are allowed in one of them only"
        for name in wide.get("properties", {}):
            if name not in narrow.get("properties", {}):
                yield f"{at}/{name}: is described in one of them only"
    else:
        yield from _gaps(wide.get("additionalProperties", True), rule, f"{at}/*")


def _values(wide, _narrow, _keyword, rule, at):
    allowed = rule if isinstance(rule, list) else [rule]
    promised = wide.get("enum", [wide["const"]] if "const" in wide else None)
    if promised is None or any(value not in allowed for value in promised):
        yield f"{at or '/'}: fewer values are allowed"


def _lower(wide, _narrow, keyword, rule, at):
    if wide.get(keyword, float("-inf")) < rule:
        yield f"{at or '/'}: {keyword} is higher"


def _upper(wide, _narrow, keyword, rule, at):
    if wide.get(keyword, float("inf")) > rule:
        yield f"{at or '/'}: {keyword} is lower"


def _items(wide, _narrow, _keyword, rule, at):
    yield from _gaps(wide.get("items", True), rule, f"{at}/*")


def _set_of(rule):
    return {rule} if isinstance(rule, str) else set(rule)


_CHECKS = {
    "type": _type,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "enum": _values,
    "const": _values,
    "items": _items,
    **dict.fromkeys(LOWER_BOUNDS, _lower),
    **dict.fromkeys(UPPER_BOUNDS, _upper),
}
