"""The ``Prefer`` header (RFC 7240), as far as a batch heeds it."""


def wants_all_or_none(header):
    """Tell whether a sender asks for ``handling=strict``.

    Names and values are compared without case, a value may stand in quotes, and of
    a preference named twice the first counts.

    :param header: text, empty without one
    """
    for preference in header.split(","):
        name, _sign, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "handling":
            return value.strip().strip('"').lower() == "strict"
    return False
