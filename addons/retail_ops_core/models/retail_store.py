from datetime import timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get

from ..tools import worktime

FIRST_HORIZON_DAYS = 30
LAST_HORIZON_DAYS = 480


class RetailStore(models.Model):
    _name = "retail.store"
    _description = "Store"
    _inherit = ["mail.thread"]
    _order = "code"
    _check_company_auto = True
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True)
    code = fields.Char(
        required=True,
        index=True,
        help="The number by which every system knows this store, such as 0042.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    region_id = fields.Many2one(
        "retail.region",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    manager_id = fields.Many2one(
        "res.users",
        string="Store manager",
        tracking=True,
        help="Gets the store's exceptions unless a queue says otherwise.",
    )
    member_ids = fields.Many2many(
        "res.users",
        relation="retail_store_member_rel",
        string="Store team",
        help="Users who may see and work this store's exceptions.",
    )
    partner_id = fields.Many2one("res.partner", string="Address")
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Deadlines are counted in the store's own opening hours, in this zone.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Opening hours",
        check_company=True,
        help="Working hours on which deadlines are counted. Without them every "
        "hour of the week counts.",
    )
    format = fields.Selection(
        [
            ("hypermarket", "Hypermarket"),
            ("supermarket", "Supermarket"),
            ("convenience", "Convenience"),
            ("outlet", "Outlet"),
            ("office", "Office"),
        ],
        required=True,
        default="supermarket",
    )
    cluster = fields.Char(help="A free label to compare like stores with like.")
    pilot_wave = fields.Integer(help="Roll-out wave in which the store goes live.")
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("pilot", "Pilot"),
            ("live", "Live"),
            ("closed", "Closed"),
        ],
        string="Go-live",
        required=True,
        default="live",
        tracking=True,
    )
    exception_ids = fields.One2many("retail.exception", "store_id")
    open_exception_count = fields.Integer(compute="_compute_open_exception_count")

    _code_company_unique = models.Constraint(
        "UNIQUE(company_id, code)",
        "Another store of this company has this code: each code names one store.",
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for store in self:
            store.display_name = f"{store.code} {store.name}"

    def _compute_open_exception_count(self):
        counts = dict(
            self.env["retail.exception"]._read_group(
                [("store_id", "in", self.ids), ("is_open", "=", True)],
                ["store_id"],
                ["__count"],
            )
        )
        for store in self:
            store.open_exception_count = counts.get(store, 0)

    @api.model
    def _office_of(self, company):
        """Return the place for what belongs to no store: the company's office.

        :param company: res.company
        :return: retail.store, made on first use
        """
        domain = [("company_id", "=", company.id), ("format", "=", "office")]
        office = self.sudo().search(domain, limit=1)
        return office or self.sudo().create(
            {
                "name": self.env._("Headquarters %s", company.name),
                "code": "HQ",
                "company_id": company.id,
                "region_id": self._office_region(company).id,
                "format": "office",
                "tz": "UTC",
            }
        )

    @api.model
    def _office_region(self, company):
        Region = self.env["retail.region"].sudo()
        code = f"HQ-{company.id}"
        return Region.search([("code", "=", code)]) or Region.create(
            {
                "name": self.env._("Headquarters"),
                "code": code,
                "company_id": company.id,
            }
        )

    def _follow_open_work(self, region):
        """Open exceptions go with the store to its new region; history stays."""
        self.env["retail.exception"].sudo().search(
            [("store_id", "in", self.ids), ("is_open", "=", True)]
        ).write({"region_id": region.id})

    def write(self, vals):
        result = super().write(vals)
        if "region_id" in vals:
            self._follow_open_work(self.region_id)
        return result

    def _working_intervals(self, start, days):
        """Return the store's opening hours from ``start`` on.

        :param start: naive UTC datetime
        :param days: length of the horizon in days
        :return: list of ``(begin, end)`` naive UTC datetimes; one endless
            interval when the store has no calendar
        """
        self.ensure_one()
        end = start + timedelta(days=days)
        if not self.resource_calendar_id:
            return [(start, end)]
        zone = timezone(self.tz)
        intervals = self.resource_calendar_id.sudo()._work_intervals_batch(
            utc.localize(start), utc.localize(end), tz=zone
        )[False]
        return [
            (
                begin.astimezone(utc).replace(tzinfo=None),
                close.astimezone(utc).replace(tzinfo=None),
            )
            for begin, close, _attendance in intervals
        ]

    def _plan_hours(self, plan):
        """Place working hours on the store's calendar.

        :param plan: list of ``(start, hours)``: naive UTC datetime, working hours
        :return: list of naive UTC datetimes aligned with ``plan``
        :raise UserError: when the calendar has too few hours in a year
        """
        self.ensure_one()
        first = min(start for start, _hours in plan)
        days = FIRST_HORIZON_DAYS
        while days <= LAST_HORIZON_DAYS:
            intervals = self._working_intervals(first, days)
            moments = [worktime.moment_after(intervals, *item) for item in plan]
            if all(moments):
                return moments
            days *= 4
        raise UserError(
            self.env._(
                "The opening hours of store %(store)s leave no time to work in: add "
                "hours to the calendar “%(calendar)s”, or give the store another one.",
                store=self.display_name,
                calendar=self.resource_calendar_id.name,
            )
        )

    def action_open_exceptions(self):
        """Open the store's exceptions that are still to be finished."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_open"
        )
        action["context"] = {"default_store_id": self.id}
        action["domain"] = [("store_id", "=", self.id), ("is_open", "=", True)]
        return action
