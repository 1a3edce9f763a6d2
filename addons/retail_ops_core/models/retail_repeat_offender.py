from odoo import api, fields, models
from odoo.tools import SQL

from .retail_exception_type import FAMILIES


class RetailRepeatOffender(models.Model):
    """Stores where the same type came up too often within its repeat window."""

    _name = "retail.repeat.offender"
    _description = "Repeat Offender"
    _auto = False
    _order = "count desc, impact_amount desc, id"
    _depends = {
        "retail.exception": ["store_id", "type_id", "opened_at", "state"],
        "retail.exception.type": ["repeat_days", "repeat_limit"],
    }

    store_id = fields.Many2one("retail.store", readonly=True)
    region_id = fields.Many2one("retail.region", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    type_id = fields.Many2one("retail.exception.type", readonly=True)
    family = fields.Selection(FAMILIES, readonly=True)
    count = fields.Integer(
        "Times", readonly=True, help="Exceptions of this type within the window."
    )
    window_days = fields.Integer("Window (days)", readonly=True)
    limit = fields.Integer(readonly=True)
    rule = fields.Char("Rule breached", compute="_compute_rule")
    impact_amount = fields.Monetary("Money impact", readonly=True)
    last_at = fields.Datetime("Last time", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT MIN(exception.id) AS id,
                   exception.store_id,
                   store.region_id,
                   store.company_id,
                   exception.type_id,
                   kind.family,
                   COUNT(*) AS count,
                   kind.repeat_days AS window_days,
                   kind.repeat_limit AS "limit",
                   SUM(exception.impact_amount) AS impact_amount,
                   MAX(exception.opened_at) AS last_at
              FROM retail_exception AS exception
              JOIN retail_exception_type AS kind ON kind.id = exception.type_id
              JOIN retail_store AS store ON store.id = exception.store_id
             WHERE kind.repeat_limit > 0
               AND exception.state != 'cancelled'
               AND exception.opened_at
                   >= %s - kind.repeat_days * INTERVAL '1 day'
             GROUP BY exception.store_id, exception.type_id, store.id, kind.id
            HAVING COUNT(*) >= kind.repeat_limit
            """,
            fields.Datetime.now(),
        )

    @api.depends("count", "window_days", "limit")
    def _compute_rule(self):
        for offender in self:
            offender.rule = self.env._(
                "%(count)s times in %(days)s days; the limit is %(limit)s",
                count=offender.count,
                days=offender.window_days,
                limit=offender.limit,
            )

    def action_open_exceptions(self):
        """Open the exceptions that make the store a repeat offender."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_all"
        )
        since = fields.Datetime.subtract(fields.Datetime.now(), days=self.window_days)
        action["domain"] = [
            ("store_id", "=", self.store_id.id),
            ("type_id", "=", self.type_id.id),
            ("opened_at", ">=", since),
            ("state", "!=", "cancelled"),
        ]
        return action
