"""Screens teach: an empty list says what belongs there, a setting what it decides."""

import ast
import xml.etree.ElementTree as ElementTree

from tests.static.conftest import ADDONS

# What people set; each figure, switch and choice there decides something.
SETTINGS = {
    "retail.api.key.request",
    "retail.exception",
    "retail.exception.step",
    "retail.exception.type.new",
    "retail.reconciliation.run",
    "retail.request",
    "retail.store.report",
    "retail.approval.delegation",
    "retail.approval.incompatibility",
    "retail.approval.policy",
    "retail.approval.rule",
    "retail.approval.rule.variant",
    "retail.approval.step",
    "retail.campaign",
    "retail.checklist.template",
    "retail.checklist.template.item",
    "retail.cost.centre",
    "retail.data.check",
    "retail.egress.rule",
    "retail.endpoint",
    "retail.event.type",
    "retail.exception.classifier",
    "retail.exception.requirement",
    "retail.exception.type",
    "retail.kpi",
    "retail.kpi.baseline",
    "retail.mask.rule",
    "retail.object.owner",
    "retail.outlier.plan",
    "retail.queue",
    "retail.queue.profile",
    "retail.region",
    "retail.report.rule",
    "retail.request.kind",
    "retail.retention.policy",
    "retail.rollout.wave",
    "retail.sla.policy",
    "retail.sla.target",
    "retail.source",
    "retail.store",
    "retail.tender.kind",
    "retail.workflow",
}
DECIDES = {
    *("Boolean", "Integer", "Float", "Monetary", "Selection"),
    *("Date", "Datetime", "Many2one", "Many2many", "Domain"),
}
PLAIN = {"sequence", "active", "color", "state"}
# What a line belongs to, or a dialog was opened for: the screen shows it within that.
WHOLES = {
    "retail.exception.step.exception_ids",
    "retail.exception.step.step",
    "retail.approval.rule.policy_id",
    "retail.approval.rule.variant.rule_id",
    "retail.approval.step.rule_id",
    "retail.checklist.template.item.template_id",
    "retail.exception.requirement.type_id",
    "retail.object.owner.object_id",
    "retail.queue.profile.queue_id",
    "retail.sla.target.policy_id",
}
SHOWN_ONLY = {"compute", "related", "readonly"}


def window_actions():
    """(XML id, record) of each window action that shows more than a form."""
    for path in ADDONS.glob("*/**/*.xml"):
        if "static" in path.parts or "demo" in path.parts:
            continue
        for record in ElementTree.parse(path).iter("record"):
            fields = {field.get("name"): field.text for field in record}
            if record.get("model") != "ir.actions.act_window":
                continue
            if fields.get("view_mode", "list") != "form":
                yield f"{path.parts[-3]}.{record.get('id')}", fields


def test_an_empty_screen_teaches():
    silent = [name for name, fields in window_actions() if "help" not in fields]
    assert silent == []


def settings_fields(modules):
    """(model.field, keywords) of what is set on the models of settings."""
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and model_of(node) in SETTINGS:
                for name, call in fields_of(node):
                    keywords = set(said(call))
                    yield f"{model_of(node)}.{name}", call.func.attr, keywords


def said(call):
    """Return the names of what a field says of itself; what may be set is no result."""
    keywords = {each.arg: each.value for each in call.keywords}
    may_be_set = {"inverse"} & set(keywords) or (
        "readonly" in keywords and getattr(keywords["readonly"], "value", True) is False
    )
    if may_be_set:
        return set(keywords) - SHOWN_ONLY
    return set(keywords)


def model_of(node):
    """The model a class makes or extends, as `_name` or a single `_inherit` says."""
    said = {
        target.id: each.value.value
        for each in node.body
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    return said.get("_name") or said.get("_inherit")


def fields_of(node):
    """(name, call) of the fields that a class body declares."""
    for each in node.body:
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call):
            call = each.value
            if isinstance(call.func, ast.Attribute) and call.func.attr in DECIDES:
                yield each.targets[0].id, call


def test_a_setting_says_what_it_decides(modules):
    found = list(settings_fields(modules))
    # Who extends a field leaves the help of its first declaration.
    explained = {name for name, _kind, keywords in found if "help" in keywords}
    silent = [
        name
        for name, _kind, keywords in found
        if name not in explained | WHOLES
        and name.rsplit(".", 1)[1] not in PLAIN
        and not keywords & SHOWN_ONLY
    ]
    assert silent == []
