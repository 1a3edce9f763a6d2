from odoo import api, fields, models
from odoo.tools import SQL

WEIGHTED = {
    "acknowledge_percent:avg": ("acknowledge_in_time", "acknowledge_count"),
    "act_percent:avg": ("act_in_time", "act_count"),
    "resolve_percent:avg": ("in_time_count", "due_count"),
}


class RetailSlaFigures(models.AbstractModel):
    """Deadlines of a day: how many fell on it, and how many were kept."""

    _name = "retail.sla.figures"
    _description = "SLA Figures"

    date = fields.Date(required=True, readonly=True, index=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    acknowledge_count = fields.Integer("To acknowledge", readonly=True)
    acknowledge_in_time = fields.Integer("Acknowledged in time", readonly=True)
    acknowledge_percent = fields.Float(
        "Acknowledged in time %", readonly=True, aggregator="avg"
    )
    act_count = fields.Integer("To act on", readonly=True)
    act_in_time = fields.Integer("Acted on in time", readonly=True)
    act_percent = fields.Float("Acted on in time %", readonly=True, aggregator="avg")
    due_count = fields.Integer(
        "To resolve",
        readonly=True,
        help="Deadlines that fell on this day, kept or not: exceptions that are still "
        "open count too.",
    )
    in_time_count = fields.Integer("Resolved in time", readonly=True)
    late_count = fields.Integer(
        "Resolved late", readonly=True, help="After the deadline, on the same day."
    )
    open_count = fields.Integer(
        "Breached and open",
        readonly=True,
        help="Still open when the day ended, the deadline missed.",
    )
    backlog_count = fields.Integer(
        "Overdue from before",
        readonly=True,
        help="Open when the day ended, with a deadline on an earlier day: each was "
        "counted as missed on that day.",
    )
    paused_hours = fields.Float(
        "Paused (opening hours)",
        readonly=True,
        help="Opening hours in which the clocks of these exceptions stood still.",
    )
    resolve_percent = fields.Float(
        "Resolved in time %",
        readonly=True,
        aggregator="avg",
        help="Resolved in time out of all deadlines of the day, open ones included.",
    )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Add percentages up by their counts, not as a mean of means."""
        if aggregate_spec not in WEIGHTED:
            return super()._read_group_select(aggregate_spec, query)
        met, due = (
            self._field_to_sql(self._table, name, query)
            for name in WEIGHTED[aggregate_spec]
        )
        return SQL("100.0 * SUM(%s) / NULLIF(SUM(%s), 0)", met, due)

    @api.model
    def _refusal(self):
        return self.env._(
            "An SLA audit is a record of its day: it is not edited or deleted."
        )
