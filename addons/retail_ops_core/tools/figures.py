"""What a figure counts, said once: home screens and dashboards count by these domains.

A domain here is a list that also the web client understands, so that a figure opens
exactly the records it counted.
"""

OPEN = [("is_open", "=", True)]
OVERDUE = [("is_overdue", "=", True)]
ESCALATED = [*OPEN, ("escalation_level", ">", 0)]
CRITICAL = [*OPEN, ("severity", "=", "critical")]
PEOPLE = [*OPEN, ("family", "in", ("people", "compliance"))]
STORMS = [("is_over", "=", False)]
# An office sells nothing: it gets no letter and is compared with no store.
STORES_OPEN = [("state", "in", ("pilot", "live")), ("format", "!=", "office")]

CHECKLISTS_LATE = [("state", "=", "open"), ("is_late", "=", True)]
ITEMS_OPEN = [("state", "=", "open"), ("checklist_id.state", "=", "open")]
REPORTS_TO_FILE = [
    ("is_current", "=", True),
    ("state", "in", ("draft", "returned")),
    ("filing", "!=", "not_required"),
]
REPORTS_LATE = [("is_current", "=", True), ("filing", "in", ("missing", "late"))]


def any_of(*domains):
    """Return the domain of what one of the domains finds.

    :param domains: lists of conditions, with ``&`` and ``|`` or without
    :return: list in Odoo's prefix notation
    """
    together = ["|"] * (len(domains) - 1)
    for domain in domains:
        joined = sum(-1 if part in ("&", "|") else part != "!" for part in domain)
        together += ["&"] * (joined - 1) + domain
    return together
