from datetime import timedelta

from odoo import api, fields, models

# Lanes that work at the same time would undo one another over each second.
LAST_AT_STEP = timedelta(minutes=1)


class RetailStorm(models.Model):
    """Many like exceptions in a short time, handled as one."""

    _name = "retail.storm"
    _description = "Storm of Exceptions"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "last_at desc"

    name = fields.Char(compute="_compute_name", store=True)
    type_id = fields.Many2one("retail.exception.type", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    store_id = fields.Many2one("retail.store", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    queue_id = fields.Many2one("retail.queue", required=True, readonly=True)
    started_at = fields.Datetime(required=True, readonly=True)
    last_at = fields.Datetime(required=True, readonly=True, index=True)
    is_over = fields.Boolean(
        readonly=True, help="Nothing like it came for the type's storm minutes."
    )
    member_ids = fields.One2many("retail.exception", "storm_id", string="Exceptions")
    member_count = fields.Integer(compute="_compute_counts", string="Count")
    open_count = fields.Integer(compute="_compute_counts", string="Still open")

    _current_unique = models.UniqueIndex(
        "(type_id, company_id, COALESCE(store_id, 0), COALESCE(product_id, 0))"
        " WHERE is_over IS NOT TRUE",
        "This storm is already known.",
    )

    @api.depends("type_id", "store_id", "product_id", "started_at")
    def _compute_name(self):
        for storm in self:
            what = [storm.type_id.name, storm.store_id.display_name]
            what.append(storm.product_id.display_name)
            storm.name = " · ".join(part for part in what if part)

    def _compute_counts(self):
        rows = self.env["retail.exception"]._read_group(
            [("storm_id", "in", self.ids)], ["storm_id", "is_open"], ["__count"]
        )
        for storm in self:
            counts = [(still, n) for which, still, n in rows if which == storm]
            storm.member_count = sum(n for _still, n in counts)
            storm.open_count = sum(n for still, n in counts if still)

    @api.model
    def _current(self, key, first):
        """Return the storm under way for ``key``, or begin one with one notice.

        :param key: ``(type, company, store, product)``, empty recordsets where the
            type does not tell them apart
        :param first: an exception of it
        """
        kind, company, store, product = key
        storm = self.search(
            [
                ("type_id", "=", kind.id),
                ("company_id", "=", company.id),
                ("store_id", "=", store.id),
                ("product_id", "=", product.id),
                ("is_over", "=", False),
            ]
        )
        return storm or self._begin(key, first)

    @api.model
    def _begin(self, key, first):
        kind, company, store, product = key
        storm = self.create(
            {
                "type_id": kind.id,
                "company_id": company.id,
                "store_id": store.id,
                "product_id": product.id,
                "queue_id": first.queue_id.id,
                "started_at": first.opened_at,
                "last_at": first.opened_at,
            }
        )
        storm.activity_schedule(
            "retail_ops_core.activity_storm",
            user_id=first.queue_id._answering().id,
            summary=storm.name,
        )
        return storm

    def _absorb(self, exceptions):
        """Take exceptions in: their own notices give way to the storm's."""
        kind = self.env.ref("retail_ops_core.activity_handle")
        exceptions.storm_id = self
        newest = max(exceptions.mapped("opened_at"))
        if newest >= self.last_at + LAST_AT_STEP:
            self.last_at = newest
        exceptions.activity_ids.filtered(
            lambda act: act.activity_type_id == kind
        ).unlink()

    def _heir_of_activity(self):
        """Return whose activities on this storm are, when their user leaves."""
        return self.queue_id._answering()

    @api.model
    def _cron_end(self):
        """Scheduled Action: end storms that nothing was added to for a while."""
        now = fields.Datetime.now()
        for storm in self.search([("is_over", "=", False)]):
            quiet_from = fields.Datetime.add(
                storm.last_at, minutes=storm.type_id.storm_minutes
            )
            storm.is_over = quiet_from < now

    def action_take_all(self):
        """Take over every open exception of the storm."""
        self.member_ids.filtered("is_open").action_take()

    def action_resolve_all(self):
        """Ask once for the resolution of every open exception of the storm."""
        members = self.member_ids.filtered("is_open")
        self.activity_feedback(["retail_ops_core.activity_storm"])
        return members.action_resolve()

    def action_open_members(self):
        """Open the exceptions of the storm."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_all"
        )
        action["domain"] = [("storm_id", "=", self.id)]
        return action
