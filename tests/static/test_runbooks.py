"""Every alert's runbook is there."""

import ast
import re


def test_each_kind_of_alert_has_a_section_in_the_runbooks(repository):
    model = repository / "addons/retail_ops_integrations/models"
    tree = ast.parse((model / "retail_integration_alert.py").read_text("utf-8"))
    [anchors] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "ANCHORS"
    ]
    text = (repository / "docs/runbooks.md").read_text("utf-8")
    sections = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.+)$", text, re.MULTILINE)
    }
    assert {*anchors.values()} <= sections
