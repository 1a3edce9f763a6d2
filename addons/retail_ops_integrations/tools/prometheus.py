"""The text format that Prometheus scrapes, version 0.0.4."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def write(families):
    """Return metric families as text.

    :param families: list of tuples (name, help, type, samples); samples is a list
        of tuples (labels as dict, value)
    """
    lines = []
    for name, explanation, kind, samples in families:
        lines.append(f"# HELP {name} {_escape(explanation)}")
        lines.append(f"# TYPE {name} {kind}")
        for labels, value in samples:
            lines.append(f"{name}{_labels(labels)} {_value(value)}")
    return "\n".join(lines) + "\n"


def _labels(labels):
    if not labels:
        return ""
    pairs = (f'{name}="{_quoted(str(text))}"' for name, text in labels.items())
    return "{" + ",".join(pairs) + "}"


def _escape(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text):
    return _escape(text).replace('"', '\\"')


def _value(value):
    return repr(float(value)) if isinstance(value, float) else str(value)
