"""How code looks in this house, where no linter says it."""

import ast
import re
import statistics
import xml.etree.ElementTree as ElementTree

import pytest

LONGEST = 40
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def functions(modules, repository):
    """(place, number of lines) of each function; a docstring is not counted."""
    for path, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                place = f"{path.relative_to(repository)}:{node.lineno} {node.name}"
                yield place, node.end_lineno - node.lineno + 1 - docstring_lines(node)


def docstring_lines(node):
    if ast.get_docstring(node) is None:
        return 0
    first = node.body[0]
    return first.end_lineno - first.lineno + 1


def in_addons(path):
    return "addons" in path.parts and "tests" not in path.parts


def test_no_function_is_longer_than_40_lines(modules, repository):
    long = [place for place, lines in functions(modules, repository) if lines > LONGEST]
    assert long == []


def test_functions_are_short_on_the_whole(modules, repository):
    lengths = sorted(lines for _place, lines in functions(modules, repository))
    assert statistics.median(lengths) <= 9
    assert lengths[int(len(lengths) * 0.9)] <= 24


def test_addons_do_not_commit_behind_the_orm(modules, repository):
    """A cursor of one's own may commit; that of the request or the job may not."""
    committing = [
        f"{path.relative_to(repository)}:{node.lineno}"
        for path, tree in modules.items()
        if in_addons(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "commit"
        and re.search(r"(env|self|request)(\.env)?\.cr$", ast.unparse(node.value))
    ]
    assert committing == []


@pytest.mark.parametrize(
    ("form", "instead"),
    [
        (r"_sql_constraints\b", "models.Constraint"),
        (r"type=[\"']json[\"']", 'type="jsonrpc"'),
        (r"self\._(cr|uid|context)\b", "self.env"),
        (r"\.read_group\(", "_read_group"),
        (r"from odoo\.osv\b", "odoo.fields.Domain"),
        (r"except Exception:\n\s+pass", "a named exception"),
        (r"unittest\.mock|from mock\b", "the real thing"),
    ],
)
def test_python_speaks_odoo_19(files, repository, form, instead):
    assert find(files, repository, ".py", form) == [], f"use {instead}"


@pytest.mark.parametrize(
    "form",
    [r"<tree\b", r"\battrs=", r"\bstates=\"", r"view_mode\">[^<]*tree", r"t-esc="],
)
def test_xml_speaks_odoo_19(files, repository, form):
    assert find(files, repository, ".xml", form) == []


def find(files, repository, suffix, form):
    """Places in the addons where a form occurs."""
    return [
        str(path.relative_to(repository))
        for path in files
        if path.suffix == suffix
        and repository / "addons" in path.parents
        and re.search(form, path.read_text(encoding="utf-8"))
    ]


def test_code_in_data_is_one_named_call(files, repository):
    call = re.compile(r"\s*(action = )?(model|records?)\.\w+\([^\n]*\)\s*")
    several = [
        (str(path.relative_to(repository)), code)
        for path in files
        if path.suffix == ".xml" and repository / "addons" in path.parents
        for code in codes(path)
        if not call.fullmatch(code)
    ]
    assert several == []


def codes(path):
    """The Python code that server actions and jobs in a data file carry."""
    models = ("ir.actions.server", "ir.cron")
    for record in ElementTree.parse(path).getroot().iter("record"):
        if record.get("model") in models:
            yield from (field.text for field in record.iterfind("field[@name='code']"))


def test_nothing_is_left_for_later(files, repository):
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    left = [
        f"{path.relative_to(repository)}"
        for path in files
        if words.search(path.read_text(encoding="utf-8"))
    ]
    assert left == []


def test_xml_files_begin_as_the_house_writes_it(files, repository):
    header = '<?xml version="1.0" encoding="UTF-8" ?>'
    other = [
        str(path.relative_to(repository))
        for path in files
        if path.suffix == ".xml"
        and repository / "addons" in path.parents
        and "static" not in path.parts
        and not path.read_text(encoding="utf-8").startswith(header)
    ]
    assert other == []


def test_every_addon_says_who_what_and_how(addons, repository):
    for name, manifest in addons.items():
        folder = repository / "addons" / name
        assert manifest["license"] == "LGPL-3"
        assert manifest["author"] == "Retail Ops contributors"
        assert re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", manifest["version"])
        assert (folder / "README.rst").is_file(), name
        assert (folder / "static" / "description" / "icon.png").is_file(), name
        assert (folder / "tests" / "__init__.py").is_file(), name


def test_no_test_is_skipped(files, repository):
    skipping = [
        str(path.relative_to(repository))
        for path in files
        if path.suffix == ".py"
        and "tests" in path.parts
        and re.search(
            r"skipTest\(|@(unittest|pytest\.mark)\.skip", path.read_text("utf-8")
        )
        and path.name != "test_style.py"
    ]
    assert skipping == []
