"""What each dashboard shows, and what its figures mean."""

from .boards import (
    COUNT,
    DECIMAL,
    FAMILY,
    FORMAT,
    HOURS,
    MONEY,
    PERCENT,
    PERIOD,
    REGION,
    SNAPSHOT,
    WHOLE,
    Board,
    Card,
    Chart,
    Source,
    Table,
)

VALUE = "value:avg"
PLACE = {
    REGION: ("region_id", "many2one"),
    FORMAT: ("store_id.format", "selection"),
}
FAMILIES = {FAMILY: ("family", "selection")}
OPEN = [["is_open", "=", True]]
MENU_FIGURES = "retail_ops_core.menu_kpi_snapshot"
MENU_EXCEPTIONS = "retail_ops_core.menu_exception_open"
MENU_ALL = "retail_ops_core.menu_exception_all"
MENU_REQUESTS = "retail_ops_approvals.menu_request_all"
MENU_SPEND = "retail_ops_approvals.menu_figure"
MENU_CAMPAIGNS = "retail_ops_core.menu_campaign"
MENU_CHECKLISTS = "retail_ops_core.menu_checklist_all"
MENU_EVENTS = "retail_ops_dashboard.menu_event_failed"
# As many as there are, of kinds those that the suite ships.
FAMILY_ROWS, KIND_ROWS = 12, 20
RECENT = "last_30_days"
NOW = "Counted now."
LAUNCH = "As it stands now; the period is that of the launch."
# Whose facts belong to a company, or to no exception.
WITHOUT_STORE = {"sync_reliability"}
WITHOUT_FAMILY = {
    "approval_cycle_time",
    "compliance_completion",
    "exception_rate",
    "order_cycle_time",
    "refund_turnaround",
    "sync_reliability",
}
# Companies of several currencies are added up at Odoo's rate of today. Charts of money
# do so by themselves.
SPENT, STAKE = "amount:sum_currency", "impact_amount:sum_currency"
CURRENCY = "In your company's currency at today's rate."


def kpi(code):
    """Return the snapshots of a KPI."""
    found = {PERIOD: ("day", "date")}
    found |= {} if code in WITHOUT_STORE else PLACE
    found |= {} if code in WITHOUT_FAMILY else FAMILIES
    return Source(SNAPSHOT, [["kpi_id.code", "=", code]], found)


def measured(code):
    """Return those snapshots of a KPI that have a figure."""
    source = kpi(code)
    return source._replace(domain=[*source.domain, ["denominator", ">", 0]])


def cases(*conditions):
    """Return exceptions as they are now."""
    return Source("retail.exception", list(conditions), {**PLACE, **FAMILIES})


def opened(*conditions):
    """Return exceptions opened in the period."""
    found = {PERIOD: ("opened_at", "datetime"), **PLACE, **FAMILIES}
    return Source("retail.exception", list(conditions), found)


def requests(*conditions):
    """Return approval requests as they are now."""
    found = {**PLACE, **FAMILIES}
    return Source("retail.approval.request", list(conditions), found)


def spend(*conditions):
    """Return requests, and cases finished without one, asked for in the period."""
    found = {PERIOD: ("requested_at", "datetime"), **PLACE, **FAMILIES}
    return Source("retail.approval.figure", list(conditions), found)


def checklists(*conditions):
    """Return checklists of campaigns that launch in the period, as they are now."""
    found = {
        PERIOD: ("due_at", "datetime"),
        **PLACE,
        FAMILY: ("template_id.exception_type_id.family", "selection"),
    }
    domain = [["campaign_id", "!=", False], *conditions]
    return Source("retail.checklist", domain, found)


def events(*conditions):
    """Return events that are in the queue or failed, by the store they name."""
    found = {
        REGION: ("store_id.region_id", "many2one"),
        FORMAT: ("store_id.format", "selection"),
    }
    return Source("retail.event.job", list(conditions), found)


def kpi_card(title, code, shown, formula):
    """Return a card that shows a KPI over the period."""
    return Card(title, kpi(code), VALUE, shown, formula, MENU_FIGURES)


SLA = kpi_card(
    "SLA attainment",
    "sla_attainment",
    PERCENT,
    "Deadlines kept ÷ deadlines that fell in the period; open and past is missed.",
)
RESOLUTION = kpi_card(
    "Resolution time",
    "resolution_time",
    HOURS,
    "Hours from opening to resolution ÷ cases resolved in the period.",
)
COMPLIANCE = kpi_card(
    "Compliance",
    "compliance_completion",
    PERCENT,
    "Checklist items done ÷ items due in the period that apply.",
)
CYCLE = kpi_card(
    "Approval cycle time",
    "approval_cycle_time",
    HOURS,
    "Hours from request to last decision ÷ requests people decided in the period.",
)
OPEN_CASES = Card(
    "Open exceptions",
    cases(*OPEN),
    COUNT,
    WHOLE,
    "Exceptions that are not resolved, closed or cancelled. " + NOW,
    MENU_EXCEPTIONS,
)


def kpi_table(title, head, code, field, shown, formula, rows=8):
    """Return a table of one KPI by region, store or family, with its base."""
    columns = [("Base", "denominator:sum", WHOLE), ("Figure", VALUE, shown)]
    return Table(title, head, kpi(code), field, columns, rows, formula)


def weakest_table(title, head, code, field, formula):
    """Return a table of the groups that do worst in a KPI of percentages."""
    columns = [("Base", "denominator:sum", WHOLE), ("Figure", VALUE, PERCENT)]
    return Table(
        title, head, measured(code), field, columns, 8, formula, (VALUE, "asc")
    )


def count_table(title, head, source, field, formula, rows=8):
    """Return a table that counts."""
    columns = [("Count", COUNT, WHOLE)]
    return Table(title, head, source, field, columns, rows, formula)


NETWORK = Board(
    "network_health",
    "Network health",
    RECENT,
    [
        OPEN_CASES,
        SLA,
        RESOLUTION,
        COMPLIANCE,
        kpi_card(
            "Per 1,000 transactions",
            "exception_rate",
            DECIMAL,
            "1,000 × cases ÷ transactions, on days that stores counted them.",
        ),
    ],
    [
        Chart(
            "SLA attainment by week, %",
            "line",
            measured("sla_attainment"),
            VALUE,
            ["day:week"],
            "% of the deadlines that fell in the week which were kept.",
            MENU_FIGURES,
        ),
        Chart(
            "Open exceptions by region and severity",
            "bar",
            cases(*OPEN),
            COUNT,
            ["region_id", "severity"],
            "Open exceptions, counted. " + NOW,
            MENU_EXCEPTIONS,
        ),
    ],
    [
        weakest_table(
            "SLA attainment by region",
            "Region",
            "sla_attainment",
            "region_id",
            "Base: deadlines that fell in the period. Figure: % of them kept.",
        ),
        kpi_table(
            "Resolution time by store",
            "Store",
            "resolution_time",
            "store_id",
            HOURS,
            "Base: cases resolved in the period. The stores that resolved most.",
        ),
        weakest_table(
            "Compliance by region",
            "Region",
            "compliance_completion",
            "region_id",
            "Base: items due in the period that apply. Figure: % of them done.",
        ),
        count_table(
            "Open exceptions by store",
            "Store",
            cases(*OPEN),
            "store_id",
            "The stores with most open exceptions. " + NOW,
        ),
    ],
)

EXCEPTIONS = Board(
    "exceptions_sla",
    "Exceptions and SLA",
    RECENT,
    [
        OPEN_CASES,
        Card(
            "Overdue",
            cases(["is_overdue", "=", True]),
            COUNT,
            WHOLE,
            "Open, and the deadline to resolve has passed. " + NOW,
            MENU_EXCEPTIONS,
        ),
        SLA,
        RESOLUTION,
        kpi_card(
            "Recurrence",
            "recurrence",
            PERCENT,
            "Cases whose like came before within its window ÷ cases opened.",
        ),
    ],
    [
        Chart(
            "Resolution time by week, hours",
            "line",
            measured("resolution_time"),
            VALUE,
            ["day:week"],
            "Hours from opening to resolution ÷ cases resolved in the week.",
            MENU_FIGURES,
        ),
        Chart(
            "Exceptions opened by week and family",
            "bar",
            opened(["state", "!=", "cancelled"]),
            COUNT,
            ["opened_at:week", "family"],
            "Exceptions opened in the week that were not cancelled.",
            MENU_ALL,
        ),
    ],
    [
        kpi_table(
            "SLA attainment by family",
            "Family",
            "sla_attainment",
            "family",
            PERCENT,
            "Base: deadlines that fell in the period. Figure: % of them kept.",
            FAMILY_ROWS,
        ),
        count_table(
            "Open exceptions by type",
            "Type",
            cases(*OPEN),
            "type_id",
            "The types with most open exceptions. " + NOW,
        ),
        kpi_table(
            "Handling minutes by family",
            "Family",
            "handling_minutes",
            "family",
            DECIMAL,
            "Base: cases resolved. Figure: estimated minutes of people for each.",
            FAMILY_ROWS,
        ),
        count_table(
            "Open exceptions by queue",
            "Queue",
            cases(*OPEN),
            "queue_id",
            "The queues with most open exceptions. " + NOW,
        ),
    ],
)

WAITING = [["state", "=", "pending"]]
APPROVALS = Board(
    "approvals",
    "Approvals",
    RECENT,
    [
        Card(
            "Waiting",
            requests(*WAITING),
            COUNT,
            WHOLE,
            "Requests that are not decided. " + NOW,
            MENU_REQUESTS,
        ),
        Card(
            "Overdue",
            requests(*WAITING, ["due_at", "<", "now"]),
            COUNT,
            WHOLE,
            "Waiting requests whose step is past its deadline. " + NOW,
            MENU_REQUESTS,
        ),
        Card(
            "Blocked",
            requests(*WAITING, ["is_blocked", "=", True]),
            COUNT,
            WHOLE,
            "Nobody can decide them as things stand. " + NOW,
            MENU_REQUESTS,
        ),
        CYCLE,
        kpi_card(
            "Refund turnaround",
            "refund_turnaround",
            HOURS,
            "Hours from request to last decision ÷ refunds decided in the period.",
        ),
    ],
    [
        Chart(
            "Approval cycle time by week, hours",
            "line",
            measured("approval_cycle_time"),
            VALUE,
            ["day:week"],
            "Hours from request to last decision ÷ requests decided in the week.",
            MENU_FIGURES,
        ),
        Chart(
            "Requests by kind and outcome",
            "bar",
            spend(),
            COUNT,
            ["kind_id", "outcome"],
            "Requests of the period, and cases of governed types finished without one.",
            MENU_SPEND,
        ),
    ],
    [
        kpi_table(
            "Cycle time by region",
            "Region",
            "approval_cycle_time",
            "region_id",
            HOURS,
            "Base: requests people decided in the period. Figure: hours for each.",
        ),
        count_table(
            "Waiting by kind",
            "Kind",
            requests(*WAITING),
            "kind_id",
            "Requests that are not decided. " + NOW,
            KIND_ROWS,
        ),
        count_table(
            "Requests by outcome",
            "Outcome",
            spend(),
            "outcome",
            "Requests of the period, and cases of governed types finished without one.",
        ),
        count_table(
            "Waiting by region",
            "Region",
            requests(*WAITING),
            "region_id",
            "Requests that are not decided. " + NOW,
        ),
    ],
)

CAMPAIGNS = Board(
    "campaigns",
    "Campaigns",
    None,
    [
        Card(
            "Running checklists",
            checklists(["state", "=", "open"]),
            COUNT,
            WHOLE,
            "Campaign checklists of stores that are open. " + LAUNCH,
            MENU_CHECKLISTS,
        ),
        Card(
            "Stores ready",
            checklists(["state", "=", "open"], ["is_ready", "=", True]),
            COUNT,
            WHOLE,
            "Of them: ready, every veto item included. " + LAUNCH,
            MENU_CHECKLISTS,
        ),
        Card(
            "Stores late",
            checklists(["state", "=", "open"], ["is_late", "=", True]),
            COUNT,
            WHOLE,
            "Of them: an item is overdue. " + LAUNCH,
            MENU_CHECKLISTS,
        ),
        Card(
            "At high risk",
            checklists(["state", "=", "open"], ["risk", "=", "high"]),
            COUNT,
            WHOLE,
            "Of them: a veto item is overdue or failed. " + LAUNCH,
            MENU_CHECKLISTS,
        ),
        Card(
            "Readiness",
            checklists(["state", "=", "open"]),
            "readiness:avg",
            PERCENT,
            "Mean share of the weight that is done, each store alike. " + LAUNCH,
            MENU_CHECKLISTS,
        ),
    ],
    [
        Chart(
            "Readiness by campaign, %",
            "bar",
            checklists(["state", "=", "open"]),
            "readiness:avg",
            ["campaign_id"],
            "Mean share of the weight that is done in stores with an open checklist. "
            + LAUNCH,
            MENU_CAMPAIGNS,
        ),
        Chart(
            "Stores by region and risk",
            "bar",
            checklists(["state", "=", "open"]),
            COUNT,
            ["region_id", "risk"],
            "Open checklists by the risk that the store is not ready. " + LAUNCH,
            MENU_CHECKLISTS,
        ),
    ],
    [
        Table(
            "Readiness by campaign",
            "Campaign",
            checklists(["state", "=", "open"]),
            "campaign_id",
            [("Stores", COUNT, WHOLE), ("Ready", "readiness:avg", PERCENT)],
            6,
            "Stores with an open checklist, and the mean share that is done. " + LAUNCH,
        ),
        Table(
            "Readiness by region",
            "Region",
            checklists(["state", "=", "open"]),
            "region_id",
            [("Stores", COUNT, WHOLE), ("Ready", "readiness:avg", PERCENT)],
            6,
            "The same by region. " + LAUNCH,
        ),
        count_table(
            "Campaign checklists by state",
            "State",
            checklists(),
            "state",
            "All campaign checklists; missed: it ended with open items. " + LAUNCH,
            3,
        ),
        count_table(
            "Veto items missing by store",
            "Store",
            checklists(["state", "=", "open"], ["veto_count", ">", 0]),
            "store_id",
            "Open checklists in which a veto item is open or failed. " + LAUNCH,
            6,
        ),
    ],
)

FAILED = ["state", "in", ["dead", "parked"]]
QUEUED = ["state", "in", ["received", "waiting", "pending", "leased"]]
BY_EVENT = ["origin", "=", "event"]
INTEGRATIONS = Board(
    "integrations",
    "Integrations",
    RECENT,
    [
        Card(
            "Events failed",
            events(FAILED),
            COUNT,
            WHOLE,
            "Dead letters and parked events. " + NOW,
            MENU_EVENTS,
        ),
        Card(
            "Rule failures",
            events(FAILED, ["error_class", "=", "business"]),
            COUNT,
            WHOLE,
            "Of them: a business rule was broken; never tried again by itself. " + NOW,
            MENU_EVENTS,
        ),
        Card(
            "Transient failures",
            events(FAILED, ["error_class", "=", "transient"]),
            COUNT,
            WHOLE,
            "Of them: tried again until the attempts were used up. " + NOW,
            MENU_EVENTS,
        ),
        Card(
            "Events in the queue",
            events(QUEUED),
            COUNT,
            WHOLE,
            "Accepted and not processed yet. " + NOW,
            MENU_EVENTS,
        ),
        kpi_card(
            "Sync reliability",
            "sync_reliability",
            PERCENT,
            "Events that had arrived by themselves ÷ events that sources list.",
        ),
    ],
    [
        Chart(
            "Synchronisation reliability by week, %",
            "line",
            measured("sync_reliability"),
            VALUE,
            ["day:week"],
            "% of the events that sources list which had arrived by themselves.",
            MENU_FIGURES,
        ),
        Chart(
            "Failed events by source and kind of failure",
            "bar",
            events(FAILED),
            COUNT,
            ["source_id", "error_class"],
            "Dead letters and parked events. " + NOW,
            MENU_EVENTS,
        ),
    ],
    [
        count_table(
            "Failed events by source",
            "Source",
            events(FAILED),
            "source_id",
            "Dead letters and parked events. " + NOW,
        ),
        count_table(
            "Events in the queue by source",
            "Source",
            events(QUEUED),
            "source_id",
            "Accepted and not processed yet. " + NOW,
        ),
        count_table(
            "Cases raised by events, by type",
            "Type",
            opened(BY_EVENT),
            "type_id",
            "Exceptions of the period that an event raised.",
        ),
        count_table(
            "Cases raised by events, by store",
            "Store",
            opened(BY_EVENT),
            "store_id",
            "Exceptions of the period that an event raised.",
        ),
    ],
)

VALUE_BOARD = Board(
    "value",
    "Value",
    RECENT,
    [
        Card(
            "Spend approved",
            spend(["outcome", "in", ["approved", "within"]]),
            SPENT,
            MONEY,
            "Value of requests of the period that were approved or needed nobody. "
            + CURRENCY,
            MENU_SPEND,
        ),
        Card(
            "Breaches",
            spend(["outcome", "=", "unapproved"]),
            COUNT,
            WHOLE,
            "Cases of governed types finished without an approved request.",
            MENU_SPEND,
        ),
        Card(
            "Value of breaches",
            spend(["outcome", "=", "unapproved"]),
            SPENT,
            MONEY,
            "Money impact of those cases. " + CURRENCY,
            MENU_SPEND,
        ),
        Card(
            "Open money impact",
            cases(*OPEN),
            STAKE,
            MONEY,
            "What is at stake in open exceptions by their type's formula. "
            + CURRENCY
            + " "
            + NOW,
            MENU_EXCEPTIONS,
        ),
        kpi_card(
            "Handling minutes",
            "handling_minutes",
            DECIMAL,
            "Estimated minutes of people ÷ cases resolved in the period.",
        ),
    ],
    [
        Chart(
            "Spend by outcome",
            "bar",
            spend(),
            "amount:sum",
            ["outcome"],
            "Value of requests of the period; a breach had no approved request.",
            MENU_SPEND,
        ),
        Chart(
            "Handling minutes by week",
            "line",
            measured("handling_minutes"),
            VALUE,
            ["day:week"],
            "Estimated minutes of people ÷ cases resolved in the week.",
            MENU_FIGURES,
        ),
    ],
    [
        Table(
            "Spend by policy outcome",
            "Outcome",
            spend(),
            "outcome",
            [("Value", SPENT, MONEY), ("Cases", "request_count:sum", WHOLE)],
            7,
            "Value of requests of the period; a breach had no approved request.",
        ),
        Table(
            "Write-offs by policy outcome",
            "Outcome",
            spend(["kind_id.code", "=", "stock_write_off"]),
            "outcome",
            [("Value", SPENT, MONEY), ("Cases", "request_count:sum", WHOLE)],
            7,
            "Value of what was asked to leave the books in the period, or left them "
            "unasked.",
        ),
        Table(
            "Breaches by store",
            "Store",
            spend(["outcome", "=", "unapproved"]),
            "store_id",
            [("Value", SPENT, MONEY), ("Cases", "request_count:sum", WHOLE)],
            7,
            "Cases of governed types finished without an approved request.",
        ),
        Table(
            "Spend by kind",
            "Kind",
            spend(),
            "kind_id",
            [("Value", SPENT, MONEY), ("Cases", "request_count:sum", WHOLE)],
            KIND_ROWS,
            "Value of requests of the period by what was asked for.",
        ),
        Table(
            "Open money impact by family",
            "Family",
            cases(*OPEN),
            "family",
            [("Value", STAKE, MONEY), ("Cases", COUNT, WHOLE)],
            FAMILY_ROWS,
            "What is at stake in open exceptions. " + NOW,
        ),
        Table(
            "Markdown exposure by policy outcome",
            "Outcome",
            spend(["kind_id.code", "in", ["price_change", "discount_override"]]),
            "outcome",
            [("Value", SPENT, MONEY), ("Cases", "request_count:sum", WHOLE)],
            7,
            "Money given up by markdowns, price changes and discounts asked for in the "
            "period.",
        ),
        Table(
            "Equipment downtime by store",
            "Store",
            measured("equipment_downtime"),
            "store_id",
            [
                ("Hours down", "numerator:sum", HOURS),
                ("Repaired", "denominator:sum", WHOLE),
            ],
            7,
            "Opening hours without the equipment, of what was repaired in the period. "
            "Needs the maintenance addon.",
        ),
        Table(
            "Stockout lead time by store",
            "Store",
            measured("stockout_lead_time"),
            "store_id",
            [("Hours early", VALUE, HOURS), ("Ran out", "denominator:sum", WHOLE)],
            7,
            "Hours from signal to empty shelf ÷ goods that ran out in the period. "
            "Needs the stock addon.",
        ),
        Table(
            "Stockouts prevented by store",
            "Store",
            measured("stockout_prevention"),
            "store_id",
            [("Prevented", VALUE, PERCENT), ("Signals", "denominator:sum", WHOLE)],
            7,
            "Signals finished in the period whose goods did not run out before. "
            "Needs the stock addon.",
        ),
        kpi_table(
            "Service recovery by store",
            "Store",
            "service_recovery",
            "store_id",
            HOURS,
            "Hours from complaint to closure ÷ complaints closed in the period.",
            7,
        ),
        kpi_table(
            "Return resolution by store",
            "Store",
            "return_resolution",
            "store_id",
            HOURS,
            "Hours from opening to resolution ÷ returns resolved in the period.",
            7,
        ),
        kpi_table(
            "Order cycle time by store",
            "Store",
            "order_cycle_time",
            "store_id",
            HOURS,
            "Hours from the request to the last receipt ÷ orders fully received in the "
            "period. Needs the purchase addon.",
            7,
        ),
        kpi_table(
            "Replenishment responsiveness by store",
            "Store",
            "replenishment_response",
            "store_id",
            HOURS,
            "Hours from the level that was passed to the proposal ÷ proposals prepared "
            "in the period. Needs the stock addon.",
            7,
        ),
    ],
)

BOARDS = [NETWORK, EXCEPTIONS, APPROVALS, CAMPAIGNS, INTEGRATIONS, VALUE_BOARD]
