"""The table of requirements names tests that exist, and each requirement once."""

import ast
import re
from collections import Counter
from xml.etree import ElementTree

import pytest

TABLE = "docs/requirements.md"
# Every row but the head of a table and the line below it.
ROW = re.compile(r"^\| (R-\d{3}|(?!Requirement )[A-Z][A-Za-z ]+) \|(.*)\|(.*)\|$")
REFERENCE = re.compile(r"`(\w+)::(\w+)`")
# What the core addon answers for.
CORE = [
    *range(1, 31),
    75,
    *range(80, 83),
    88,
    97,
    98,
    195,
    196,
    205,
    208,
    209,
    216,
    219,
    255,
    256,
    257,
    261,
    278,
]
# Lines of bridges to other apps: not in the core's section.
BRIDGES = {30}


def sections(repository):
    """Yield (addon, list of (requirement, what, tests)) of each section."""
    text = (repository / TABLE).read_text(encoding="utf-8")
    for part in text.split("\n## ")[1:]:
        found = re.search(r"`(retail_ops_\w+)`", part.splitlines()[0])
        rows = [match.groups() for match in map(ROW.match, part.splitlines()) if match]
        if found:
            yield found.group(1), rows


@pytest.fixture(scope="session")
def known_tests(modules, repository):
    """Names of test functions by the name of their file."""
    names = {}
    for path, tree in modules.items():
        if path.name.startswith("test_"):
            functions = {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef)
            }
            names.setdefault(path.stem, set()).update(functions)
    return names


def test_each_row_names_tests_that_exist(repository, known_tests):
    missing = []
    for addon, rows in sections(repository):
        for requirement, _what, tests in rows:
            references = REFERENCE.findall(tests)
            wrong = [
                f"{file}::{name}"
                for file, name in references
                if name not in known_tests.get(file, ())
            ]
            if wrong or not references:
                missing.append(f"{addon} {requirement}: {wrong or 'no test named'}")
    assert missing == []


def test_each_requirement_stands_once_in_a_section(repository):
    for addon, rows in sections(repository):
        counts = Counter(requirement for requirement, _what, _tests in rows)
        assert [name for name, count in counts.items() if count > 1] == [], addon


def test_the_core_answers_for_all_of_its_requirements(repository):
    [rows] = [
        rows for addon, rows in sections(repository) if addon == "retail_ops_core"
    ]
    told = {requirement for requirement, _what, _tests in rows}
    wanted = {f"R-{number:03d}" for number in CORE if number not in BRIDGES}
    assert sorted(wanted - told) == []


def test_each_control_of_the_register_names_a_test_that_exists(repository, known_tests):
    wrong = []
    for path in sorted(repository.glob("addons/*/data/controls.xml")):
        named = ElementTree.parse(path).findall(".//field[@name='test']")
        for field in named:
            file, name = field.text.split("::")
            if name not in known_tests.get(file, ()):
                wrong.append(f"{path.parent.parent.name}: {field.text}")
        assert named, path
    assert wrong == []
