"""The description of the doors as one page: no script, nothing from elsewhere."""

import json
from html import escape

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem;
       padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #8884; }
h3 { margin: 1.5rem 0 .25rem; overflow-wrap: anywhere; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { background: #8881; border-radius: .4rem; padding: .75rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top;
         border-bottom: 1px solid #8883; }
.method { background: #714b67; color: #fff; border-radius: .3rem; padding: .1rem .45rem;
          font-size: .8rem; }
.muted { color: #777; } nav a { margin-right: 1rem; }
summary { cursor: pointer; }
"""


def build(document):
    """Return the page.

    :param document: OpenAPI 3.1 as a dict, see openapi.build
    :return: text, HTML
    """
    info = document["info"]
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(info['title'])}</h1>",
        f"<p>{escape(info.get('description', ''))}</p>",
        "<nav><a href='#in'>Addresses</a><a href='#events'>Events you send</a>",
        "<a href='#webhooks'>Events you receive</a><a href='#problems'>Problems</a>",
        "<a href='/retail_ops/v1/openapi.json'>openapi.json</a></nav>",
        "<h2 id='in'>Addresses</h2>",
        *_paths(document),
        "<h2 id='events'>Events you send</h2>",
        *_events(document),
        "<h2 id='webhooks'>Events you receive</h2>",
        *_webhooks(document),
        "<h2 id='problems'>Problems</h2>",
        *_problems(document),
        "</body></html>",
    ]
    return "".join(parts)


def _paths(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield (
                f"<h3><span class='method'>{escape(method.upper())}</span> "
                f"<code>{escape(path)}</code></h3><p>{escape(operation['summary'])}</p>"
            )
            yield _table(
                ("Answer", "Meaning"),
                [
                    (status, answer["description"])
                    for status, answer in operation["responses"].items()
                ],
            )


def _events(document):
    post = document["paths"]["/retail_ops/v1/events"]["post"]
    examples = post["requestBody"]["content"]["application/json"]["examples"]
    for name, example in examples.items():
        yield from _kind(document, name, example["value"])


def _webhooks(document):
    for name, operation in document["webhooks"].items():
        content = operation["post"]["requestBody"]["content"]["application/json"]
        yield from _kind(document, name, content["examples"][name]["value"])


def _kind(document, name, example):
    schema = document["components"]["schemas"][name]
    data = schema["properties"]["data"]
    required = data.get("required", ())
    rows = [
        (member, _type(rule), "yes" if member in required else "")
        for member, rule in data.get("properties", {}).items()
    ]
    yield f"<h3 id='{escape(name)}'><code>{escape(name)}</code></h3>"
    yield f"<p>{escape(schema['description'])}</p>"
    yield from _contract(schema)
    yield _table(("Member of data", "Type", "Required"), rows) if rows else ""
    yield "<details><summary>Example</summary>" + _json(example) + "</details>"
    yield "<details><summary>Schema of data</summary>" + _json(data) + "</details>"


def _contract(schema):
    """Yield who produces and consumes an event, where the catalogue says so."""
    contract = schema.get("x-contract")
    if contract:
        yield _table(("Contract", ""), list(contract.items()))


def _problems(document):
    slugs = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    titles = document["components"]["schemas"]["Problem"]["x-titles"]
    yield _table(("Type", "Meaning"), [(slug, titles[slug]) for slug in slugs])


def _type(rule):
    if not isinstance(rule, dict):
        return ""
    kind = rule.get("type", "")
    return ", ".join(kind) if isinstance(kind, list) else str(kind)


def _table(heads, rows):
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _json(value):
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
