from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import readiness
from .retail_checklist_template import KINDS

RISKS = [("none", "None"), ("low", "Low"), ("medium", "Medium"), ("high", "High")]
CONTROLLED_FIELDS = {
    "name",
    "template_id",
    "campaign_id",
    "kind",
    "store_id",
    "company_id",
    "region_id",
    "period",
    "start_at",
    "due_at",
    "ready_percent",
    "state",
    "item_ids",
    "item_count",
    "answered_count",
    "overdue_count",
    "veto_count",
    "readiness",
    "is_ready",
    "is_late",
    "risk",
    "missing",
    "next_due_at",
    "reminded_on",
    "exception_ids",
}


class RetailChecklist(models.Model):
    _name = "retail.checklist"
    _description = "Store Checklist"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "next_due_at, id"

    name = fields.Char(required=True, readonly=True)
    template_id = fields.Many2one(
        "retail.checklist.template",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        "retail.campaign", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    store_id = fields.Many2one(
        "retail.store", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_place",
        store=True,
        precompute=True,
        index=True,
    )
    region_id = fields.Many2one(
        "retail.region",
        compute="_compute_place",
        store=True,
        precompute=True,
        index=True,
    )
    period = fields.Char(
        required=True, readonly=True, help="The day, or the run, it stands for."
    )
    start_at = fields.Datetime("Starts", required=True, readonly=True)
    due_at = fields.Datetime(
        "Finished by",
        required=True,
        readonly=True,
        help="When the last item is due; for a campaign, its launch in this store.",
    )
    ready_percent = fields.Float("Ready from (%)", required=True, readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("done", "Done"), ("missed", "Missed")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="Missed: it ended, by its campaign or the next run, before all items "
        "were answered.",
    )
    item_ids = fields.One2many("retail.checklist.item", "checklist_id", "Items")
    exception_ids = fields.One2many("retail.exception", "checklist_id", "Exceptions")
    reminded_on = fields.Date(readonly=True, copy=False)

    # === Progress, stored so that lists sort by it === #
    item_count = fields.Integer(
        "Number of items", compute="_compute_progress", store=True
    )
    answered_count = fields.Integer("Answered", compute="_compute_progress", store=True)
    overdue_count = fields.Integer(
        "Overdue items", compute="_compute_progress", store=True
    )
    veto_count = fields.Integer(
        "Veto items missing",
        compute="_compute_progress",
        store=True,
        help="Items without which the store is not ready, open or failed.",
    )
    readiness = fields.Float(
        "Readiness %",
        compute="_compute_progress",
        store=True,
        aggregator="avg",
        help="Share of the weight that is done. A veto item that is not done keeps it "
        "below what counts as ready.",
    )
    is_ready = fields.Boolean("Ready", compute="_compute_progress", store=True)
    is_late = fields.Boolean("Late", compute="_compute_progress", store=True)
    risk = fields.Selection(
        RISKS,
        compute="_compute_progress",
        store=True,
        help="High: a veto item is overdue or failed. Medium: a veto item is open, or "
        "another item is overdue or failed. Low: something is still open.",
    )
    missing = fields.Text(
        compute="_compute_progress", store=True, help="What is not done, vetoes first."
    )
    next_due_at = fields.Datetime("Next due", compute="_compute_progress", store=True)

    _run_unique = models.UniqueIndex(
        "(template_id, store_id, period)",
        "This store has this checklist already: open it in the list.",
    )
    _open_store_idx = models.Index("(store_id, next_due_at) WHERE state = 'open'")
    _open_region_idx = models.Index("(region_id, next_due_at) WHERE state = 'open'")
    _open_idx = models.Index("(next_due_at, id) WHERE state = 'open'")

    @api.depends("store_id")
    def _compute_place(self):
        for checklist in self:
            checklist.company_id = checklist.store_id.company_id
            checklist.region_id = checklist.store_id.region_id

    @api.depends(
        "ready_percent",
        "item_ids.name",
        "item_ids.state",
        "item_ids.is_veto",
        "item_ids.is_overdue",
        "item_ids.weight",
        "item_ids.due_at",
    )
    def _compute_progress(self):
        for checklist in self:
            checklist.update(checklist._progress())

    def _progress(self):
        items = self.item_ids
        waiting = items.filtered(lambda item: item.state == "open")
        figures = [item._figures() for item in items]
        share = readiness.percent(figures, self.ready_percent)
        overdue = len(items.filtered("is_overdue"))
        return {
            "item_count": len(items),
            "answered_count": len(items) - len(waiting),
            "overdue_count": overdue,
            "veto_count": sum(map(readiness.is_vetoed, figures)),
            "readiness": share,
            "is_ready": share >= self.ready_percent,
            "is_late": bool(overdue),
            "risk": readiness.store_risk(figures),
            "missing": items._missing_text(),
            "next_due_at": min(waiting.mapped("due_at"), default=False),
        }

    @api.depends("name", "store_id", "period", "kind")
    def _compute_display_name(self):
        for checklist in self:
            parts = [checklist.name, checklist.store_id.code]
            if checklist.kind in ("daily", "weekly"):
                parts.append(checklist.period)
            checklist.display_name = " · ".join(filter(None, parts))

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by how high the risk is, not by its name."""
        if field_name != "risk":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        return SQL(
            "array_position(%s, %s::text) %s %s",
            list(readiness.RISKS),
            self._field_to_sql(alias, field_name, query),
            direction,
            nulls,
        )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    # === Life === #
    def _check_is_running(self):
        """Raise when a checklist has ended and takes no more answers."""
        for checklist in self.filtered(lambda checklist: checklist.state == "missed"):
            raise UserError(
                self.env._(
                    "%s has ended: its answers stay as they are. Say in the exception "
                    "what was done since.",
                    checklist.display_name,
                )
            )

    def _settle(self):
        """Be done when every item is answered, and open when one is not."""
        running = self.filtered(lambda checklist: checklist.state != "missed")
        finished = running.filtered(
            lambda checklist: checklist.answered_count == checklist.item_count
        )
        finished.filtered(lambda checklist: checklist.state == "open")._set_done()
        (running - finished).filtered(
            lambda checklist: checklist.state == "done"
        )._set_open()

    def _set_done(self):
        self.state = "done"
        self.env["retail.audit.entry"]._record(
            self, "checklist.done", [{"readiness": one.readiness} for one in self]
        )
        self._finish_reminders()
        self._offer_exceptions()

    def _set_open(self):
        self.state = "open"
        self.env["retail.audit.entry"]._record(self, "checklist.open", {})

    def _set_missed(self):
        """End what was not finished; whatever is open counts as overdue."""
        unfinished = self.filtered(lambda checklist: checklist.state == "open")
        unfinished._mark_overdue(all_open=True)
        unfinished.state = "missed"
        self.env["retail.audit.entry"]._record(
            unfinished,
            "checklist.missed",
            [{"readiness": one.readiness} for one in unfinished],
        )
        unfinished._finish_reminders()

    def _end_previous(self):
        """End the runs before these of daily and weekly checklists."""
        repeated = self.filtered(lambda one: one.kind in ("daily", "weekly"))
        if not repeated:
            return
        self.search(
            [
                ("template_id", "in", repeated.template_id.ids),
                ("store_id", "in", repeated.store_id.ids),
                ("state", "=", "open"),
                ("id", "not in", repeated.ids),
            ]
        )._set_missed()

    def _note_creation(self):
        self.env["retail.audit.entry"]._record(
            self,
            "checklist.created",
            [
                {"template_id": one.template_id.id, "store_id": one.store_id.id}
                for one in self
            ],
        )

    def action_open(self):
        """Open the checklist to work on it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def action_open_exception(self):
        """Open the exception that the checklist raised."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.exception",
            "res_id": self.exception_ids[:1].id,
            "view_mode": "form",
        }
