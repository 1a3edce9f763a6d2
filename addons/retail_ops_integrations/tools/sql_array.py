"""Arrays as PostgreSQL writes them.

A driver that writes them as ``ARRAY['…', '…']`` makes one expression of each element,
which for a batch costs more than checking its events.
"""


def literal(values):
    """Return the array literal of a sequence.

    Source: PostgreSQL documentation, section 8.15.6, Array Input and Output Syntax.

    :param values: of texts, numbers, naive datetimes or None
    :return: text such as ``{"a","b \\"c\\"",NULL}``
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value):
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
