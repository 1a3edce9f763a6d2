"""What every figure of the dashboards has to say, counted in the records themselves.

``COUNTS`` knows each figure by its dashboard and title: which records, told apart by
what, and what is said of each group. Nothing is taken over from the dashboards' own
domains; a figure that has no entry fails.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools.misc import get_lang

OVER = ("resolved", "closed", "cancelled")


class Count(NamedTuple):
    """What a figure has to say.

    rows: env -> records; keep: record -> whether it counts; by: names of what tells
    groups apart; told: functions that make a number of a group's records.
    """

    rows: object
    keep: object
    by: tuple = ()
    told: tuple = (len,)

    def answer(self, env, narrowed=None):
        """Return dict of group -> numbers, as the reader of ``env`` may see them.

        :param narrowed: function (record) -> whether filters leave it in
        """
        kept = [row for row in self.rows(env) if self.keep(row)]
        groups = {} if self.by else {(): []}
        for row in kept:
            if narrowed is None or narrowed(row):
                key = tuple(_part(env, row, name) for name in self.by)
                groups.setdefault(key, []).append(row)
        return {
            key: tuple(round(tell(rows) or 0, 4) for tell in self.told)
            for key, rows in groups.items()
        }


def _part(env, row, name):
    """Return what tells a record's group apart: a value, an id or a week's start."""
    name, _colon, unit = name.partition(":")
    value = getattr(row, name)
    if unit:
        return str(_week(env, value))
    return value.id if hasattr(value, "ids") else value


def _week(env, moment):
    day = moment.date() if isinstance(moment, datetime) else moment
    first = int(get_lang(env).week_start)
    return day - timedelta(days=(day.isoweekday() - first) % 7)


# === Records === #
class Spent(NamedTuple):
    """A request, or a case that was finished without one."""

    kind_id: object
    outcome: str
    store_id: object
    region_id: object
    family: str
    asked_at: datetime
    amount: float


def cases(env):
    """Return the exceptions."""
    return env["retail.exception"].search([])


def requests(env):
    """Return the approval requests."""
    return env["retail.approval.request"].search([])


def checklists(env):
    """Return the checklists that campaigns gave to stores."""
    return env["retail.checklist"].search([]).filtered("campaign_id")


def events(env):
    """Return the events in the queue and those that left it."""
    return env["retail.event.job"].search([])


def snapshots(env):
    """Return the KPI figures of stores and days."""
    return env["retail.kpi.snapshot"].search([])


def spent(env):
    """Return what was asked for or finished unasked, in the reader's companies."""
    mine = [("company_id", "in", env.companies.ids)]
    asked = env["retail.approval.request"].sudo().search(mine)
    finished = env["retail.exception"].sudo().search(mine)
    unasked = finished.filtered(lambda case: _is_breach(case, asked))
    return [*map(_asked, asked), *map(_unasked, unasked)]


def _is_breach(case, asked):
    approved = asked.filtered(lambda one: one.state == "approved")
    about = {one.res_id for one in approved if one.res_model == case._name}
    finished = case.state in ("resolved", "closed") and case.resolved_at
    held = case.approval_gate == "held" or (
        not case.approval_gate and finished and case.resolved_at >= case._held_since()
    )
    return bool(finished and held) and case.id not in about


def _asked(request):
    outcome = {
        "pending": "blocked" if request.is_blocked else "waiting",
        "approved": "within" if request.is_automatic else "approved",
        "rejected": "rejected",
    }.get(request.state, "ended")
    return Spent(
        request.kind_id,
        outcome,
        request.store_id,
        request.region_id,
        _family_asked_about(request),
        request.requested_at,
        request.company_amount,
    )


def _unasked(case):
    return Spent(
        case.type_id.approval_kind_id,
        "unapproved",
        case.store_id,
        case.region_id,
        case.type_id.family,
        case.opened_at,
        case.impact_amount,
    )


def _family_asked_about(request):
    document = request.sudo()._document()
    return document.type_id.family if "type_id" in document else False


# === What filters look at === #
class Facet(NamedTuple):
    """What a filter may ask of a record."""

    region: object
    store: object
    family: str
    at: datetime


def _of_case(case):
    return Facet(case.region_id, case.store_id, case.type_id.family, case.opened_at)


def _of_request(request):
    family = _family_asked_about(request)
    return Facet(request.region_id, request.store_id, family, request.requested_at)


def _of_spent(row):
    return Facet(row.region_id, row.store_id, row.family, row.asked_at)


def _of_checklist(row):
    family = row.sudo().template_id.exception_type_id.family
    return Facet(row.region_id, row.store_id, family, row.due_at)


def _of_event(event):
    store = _named(event)
    return Facet(store.region_id, store, False, event.received_at)


def _of_snapshot(row):
    midnight = datetime.combine(row.day, datetime.min.time())
    return Facet(row.region_id, row.store_id, row.family, midnight)


FACETS = {
    cases: _of_case,
    requests: _of_request,
    spent: _of_spent,
    checklists: _of_checklist,
    events: _of_event,
    snapshots: _of_snapshot,
}


def _named(event):
    code = event.sudo().payload_id._data().get("store")
    stores = event.env["retail.store"].sudo()
    mine = [("company_id", "=", event.company_id.id), ("code", "=", code)]
    return stores.search(mine)


# === Numbers === #
def total(name):
    """Return a function that adds a field up."""
    return lambda rows: sum(getattr(row, name) for row in rows)


def mean(name):
    """Return a function that takes the mean of a field."""
    return lambda rows: rows and sum(getattr(row, name) for row in rows) / len(rows)


def quotient(rows):
    """Return what was divided by what, in the KPI's unit."""
    below = sum(row.denominator for row in rows)
    return below and rows[0].factor * sum(row.numerator for row in rows) / below


# === Conditions === #
def anything(_row):
    """Keep everything."""
    return True


def is_open(case):
    """Keep what nobody has finished."""
    return case.state not in OVER


def is_late(case):
    """Keep what should be finished."""
    return (
        is_open(case) and case.resolve_due and case.resolve_due < fields.Datetime.now()
    )


def by_event(case):
    """Keep what nobody typed in."""
    return case.origin == "event"


def waits(request):
    """Keep what nobody has decided."""
    return request.state == "pending"


def waits_too_long(request):
    """Keep what somebody should have decided."""
    return waits(request) and request.due_at and request.due_at < fields.Datetime.now()


def runs(checklist):
    """Keep what stores are at."""
    return checklist.state == "open"


def failed(event):
    """Keep what somebody has to look at."""
    return event.state in ("dead", "parked")


def queued(event):
    """Keep what is not processed yet."""
    return event.state in ("received", "waiting", "pending", "leased")


def of_outcome(*outcomes):
    """Return the condition that a request came to one of these."""
    return lambda row: row.outcome in outcomes


def of_kind(*codes):
    """Return the condition that a request is about one of these."""
    return lambda row: row.kind_id.code in codes


def kpi(code, *by, told=(quotient,)):
    """Return the count of one KPI; days on which nothing was measured say nothing."""
    return Count(
        snapshots,
        lambda row: row.kpi_id.sudo().code == code and row.denominator > 0,
        by,
        told,
    )


def kpi_by(code, *by):
    """Return the count of a table of a KPI with its base."""
    return kpi(code, *by, told=(total("denominator"), quotient))


def money(keep, *by):
    """Return the count of a table of money and cases."""
    return Count(spent, keep, by, (total("amount"), len))


def open_vetoes(checklist):
    """Keep where something indispensable is missing."""
    missing = checklist.sudo().item_ids.filtered(
        lambda item: item.is_veto and item.state in ("open", "failed")
    )
    return runs(checklist) and missing


BREACH = of_outcome("unapproved")
STAKE = total("impact_amount")
READY = mean("readiness")
COUNTS = {
    "network_health": {
        "Open exceptions": Count(cases, is_open),
        "SLA attainment": kpi("sla_attainment"),
        "Resolution time": kpi("resolution_time"),
        "Compliance": kpi("compliance_completion"),
        "Per 1,000 transactions": kpi("exception_rate"),
        "SLA attainment by week, %": kpi("sla_attainment", "day:week"),
        "Open exceptions by region and severity": Count(
            cases, is_open, ("region_id", "severity")
        ),
        "SLA attainment by region": kpi_by("sla_attainment", "region_id"),
        "Resolution time by store": kpi_by("resolution_time", "store_id"),
        "Compliance by region": kpi_by("compliance_completion", "region_id"),
        "Open exceptions by store": Count(cases, is_open, ("store_id",)),
    },
    "exceptions_sla": {
        "Open exceptions": Count(cases, is_open),
        "Overdue": Count(cases, is_late),
        "SLA attainment": kpi("sla_attainment"),
        "Resolution time": kpi("resolution_time"),
        "Recurrence": kpi("recurrence"),
        "Resolution time by week, hours": kpi("resolution_time", "day:week"),
        "Exceptions opened by week and family": Count(
            cases,
            lambda case: case.state != "cancelled",
            ("opened_at:week", "family"),
        ),
        "SLA attainment by family": kpi_by("sla_attainment", "family"),
        "Open exceptions by type": Count(cases, is_open, ("type_id",)),
        "Handling minutes by family": kpi_by("handling_minutes", "family"),
        "Open exceptions by queue": Count(cases, is_open, ("queue_id",)),
    },
    "approvals": {
        "Waiting": Count(requests, waits),
        "Overdue": Count(requests, waits_too_long),
        "Blocked": Count(requests, lambda row: waits(row) and row.is_blocked),
        "Approval cycle time": kpi("approval_cycle_time"),
        "Refund turnaround": kpi("refund_turnaround"),
        "Approval cycle time by week, hours": kpi("approval_cycle_time", "day:week"),
        "Requests by kind and outcome": Count(spent, anything, ("kind_id", "outcome")),
        "Cycle time by region": kpi_by("approval_cycle_time", "region_id"),
        "Waiting by kind": Count(requests, waits, ("kind_id",)),
        "Requests by outcome": Count(spent, anything, ("outcome",)),
        "Waiting by region": Count(requests, waits, ("region_id",)),
    },
    "campaigns": {
        "Running checklists": Count(checklists, runs),
        "Stores ready": Count(
            checklists, lambda row: runs(row) and row.readiness >= row.ready_percent
        ),
        "Stores late": Count(
            checklists,
            lambda row: runs(row) and any(row.sudo().item_ids.mapped("is_overdue")),
        ),
        "At high risk": Count(checklists, lambda row: runs(row) and row.risk == "high"),
        "Readiness": Count(checklists, runs, told=(READY,)),
        "Readiness by campaign, %": Count(checklists, runs, ("campaign_id",), (READY,)),
        "Stores by region and risk": Count(checklists, runs, ("region_id", "risk")),
        "Readiness by campaign": Count(
            checklists, runs, ("campaign_id",), (len, READY)
        ),
        "Readiness by region": Count(checklists, runs, ("region_id",), (len, READY)),
        "Campaign checklists by state": Count(checklists, anything, ("state",)),
        "Veto items missing by store": Count(checklists, open_vetoes, ("store_id",)),
    },
    "integrations": {
        "Events failed": Count(events, failed),
        "Rule failures": Count(
            events, lambda row: failed(row) and row.error_class == "business"
        ),
        "Transient failures": Count(
            events, lambda row: failed(row) and row.error_class == "transient"
        ),
        "Events in the queue": Count(events, queued),
        "Sync reliability": kpi("sync_reliability"),
        "Synchronisation reliability by week, %": kpi("sync_reliability", "day:week"),
        "Failed events by source and kind of failure": Count(
            events, failed, ("source_id", "error_class")
        ),
        "Failed events by source": Count(events, failed, ("source_id",)),
        "Events in the queue by source": Count(events, queued, ("source_id",)),
        "Cases raised by events, by type": Count(cases, by_event, ("type_id",)),
        "Cases raised by events, by store": Count(cases, by_event, ("store_id",)),
    },
    "value": {
        "Spend approved": Count(
            spent, of_outcome("approved", "within"), told=(total("amount"),)
        ),
        "Breaches": Count(spent, BREACH),
        "Value of breaches": Count(spent, BREACH, told=(total("amount"),)),
        "Open money impact": Count(cases, is_open, told=(STAKE,)),
        "Handling minutes": kpi("handling_minutes"),
        "Spend by outcome": Count(spent, anything, ("outcome",), (total("amount"),)),
        "Handling minutes by week": kpi("handling_minutes", "day:week"),
        "Spend by policy outcome": money(anything, "outcome"),
        "Write-offs by policy outcome": money(of_kind("stock_write_off"), "outcome"),
        "Breaches by store": money(BREACH, "store_id"),
        "Spend by kind": money(anything, "kind_id"),
        "Open money impact by family": Count(cases, is_open, ("family",), (STAKE, len)),
        "Markdown exposure by policy outcome": money(
            of_kind("price_change", "discount_override"), "outcome"
        ),
        "Equipment downtime by store": kpi(
            "equipment_downtime",
            "store_id",
            told=(total("numerator"), total("denominator")),
        ),
        "Stockout lead time by store": kpi(
            "stockout_lead_time", "store_id", told=(quotient, total("denominator"))
        ),
        "Stockouts prevented by store": kpi(
            "stockout_prevention", "store_id", told=(quotient, total("denominator"))
        ),
        "Service recovery by store": kpi_by("service_recovery", "store_id"),
        "Return resolution by store": kpi_by("return_resolution", "store_id"),
        "Order cycle time by store": kpi_by("order_cycle_time", "store_id"),
        "Replenishment responsiveness by store": kpi_by(
            "replenishment_response", "store_id"
        ),
    },
}
