"""The arrows between the addons point downwards only.

Odoo ties addons by names in strings that no import shows, so we look at the strings.
"""

import ast
import re
import sys
from collections import Counter

import pytest

# Each addon may stand on, and name, only these neighbours.
BELOW = {
    "retail_ops_core": set(),
    "retail_ops_approvals": {"retail_ops_core"},
    "retail_ops_integrations": {"retail_ops_core"},
    "retail_ops_dashboard": {
        "retail_ops_core",
        "retail_ops_approvals",
        "retail_ops_integrations",
    },
    "retail_ops_stock": {"retail_ops_core", "retail_ops_approvals"},
    "retail_ops_purchase": {"retail_ops_core", "retail_ops_approvals"},
    "retail_ops_maintenance": {"retail_ops_core", "retail_ops_approvals"},
}
MODEL = re.compile(r"^\s+_name = \"([\w.]+)\"", re.MULTILINE)


def source_files(repository, addon, suffixes=(".py", ".xml", ".csv", ".js")):
    """Files that Odoo loads in production."""
    folder = repository / "addons" / addon
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in suffixes and "tests" not in path.relative_to(folder).parts
    ]


def models_of(repository, addon):
    """Names of the models that an addon brings."""
    return {
        name
        for path in source_files(repository, addon, (".py",))
        for name in MODEL.findall(path.read_text(encoding="utf-8"))
    }


def pairs():
    """(addon, neighbour it must not know)."""
    return [
        (addon, other)
        for addon, below in BELOW.items()
        for other in BELOW
        if other != addon and other not in below
    ]


def test_every_addon_has_its_place_in_the_layers(addons):
    bridges = {name for name in addons if name not in BELOW}
    assert not {name for name in bridges if not addons[name].get("auto_install")}


@pytest.mark.parametrize("addon", BELOW)
def test_an_addon_depends_only_on_those_below_it(addons, addon):
    neighbours = {name for name in addons[addon]["depends"] if name in BELOW}
    assert neighbours <= BELOW[addon]


@pytest.mark.parametrize(("addon", "other"), pairs())
def test_an_addon_does_not_name_one_it_does_not_stand_on(repository, addon, other):
    naming = [
        str(path.relative_to(repository))
        for path in source_files(repository, addon)
        if re.search(rf"\b{other}\b", path.read_text(encoding="utf-8"))
    ]
    assert naming == []


@pytest.mark.parametrize(("addon", "other"), pairs())
def test_an_addon_does_not_name_a_model_it_does_not_stand_on(repository, addon, other):
    known = models_of(repository, addon).union(
        *(models_of(repository, below) for below in BELOW[addon])
    )
    foreign = models_of(repository, other) - known
    quoted = re.compile(
        r"[\"'](" + "|".join(map(re.escape, sorted(foreign))) + r")[\"']"
    )
    naming = [
        (str(path.relative_to(repository)), match.group(1))
        for path in source_files(repository, addon)
        for match in quoted.finditer(path.read_text(encoding="utf-8"))
        if foreign
    ]
    assert naming == []


def defined_models(tree):
    """Yield the names of the models that a module defines, extensions left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            names = {
                target.id: ast.literal_eval(line.value)
                for line in node.body
                if isinstance(line, ast.Assign)
                for target in line.targets
                if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
            }
            inherited = names.get("_inherit") or ()
            if "_name" in names and names["_name"] not in [inherited, *inherited]:
                yield names["_name"]


def test_a_model_is_defined_once(repository, modules):
    found = Counter(
        name
        for path, tree in modules.items()
        if repository / "addons" in path.parents
        for name in defined_models(tree)
    )
    assert [name for name, count in found.items() if count > 1] == []


def test_tools_are_plain_python_that_knows_no_odoo(repository, modules):
    importing = [
        str(path.relative_to(repository))
        for path, tree in modules.items()
        if path.parent.name == "tools" and path.parent.parent.parent.name == "addons"
        for node in ast.walk(tree)
        if imports_odoo(node)
    ]
    assert importing == []


def imports_odoo(node):
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] == "odoo" for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] == "odoo" and not node.level
    return False


def test_the_launcher_needs_the_standard_library_only(modules, repository):
    outside = {
        (path.name, name)
        for path, tree in modules.items()
        if path.parent == repository / "launcher"
        for node in ast.walk(tree)
        for name in imported_names(node)
        if name not in sys.stdlib_module_names
    }
    assert outside == set()


def imported_names(node):
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module.split(".")[0]]
    return []
