from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get

FORMATS = [
    ("hypermarket", "Hypermarket"),
    ("supermarket", "Supermarket"),
    ("convenience", "Convenience"),
    ("outlet", "Outlet"),
    ("office", "Office"),
]


class RetailStore(models.Model):
    _name = "retail.store"
    _description = "Store"
    _inherit = ["retail.audited", "mail.thread", "retail.import"]
    _import_key = ("company_id", "code")
    _order = "code"
    _unaudited = frozenset({"report_next_at"})
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
        help="Its policies, currency and people hold for the store.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    region_id = fields.Many2one(
        "retail.region",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Its manager sees the store, escalations go up its levels, and policies "
        "may differ by it.",
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
    partner_id = fields.Many2one(
        "res.partner",
        string="Address",
        help="Where the store is; shown to those who drive or deliver there.",
    )
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
        FORMATS,
        required=True,
        default="supermarket",
        help="Formats are compared apart until the usual transactions are known. An "
        "office gets no letter and is compared with no store.",
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
        help="Pilot and live stores file daily reports, get letters and are compared; "
        "planned and closed ones do not.",
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

    @api.constrains("resource_calendar_id")
    def _check_resource_calendar_id(self):
        for store in self:
            calendar = store.sudo().resource_calendar_id
            if calendar and not calendar._week():
                raise ValidationError(store._no_hours_text())

    @api.constrains("manager_id")
    def _check_manager_id(self):
        for store in self:
            what = self.env._("store %s", store.display_name)
            store.manager_id._check_works_here(what)

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
    def get_import_templates(self):
        """Return the file that shows how to import them, for the import screen."""
        return [
            {
                "label": self.env._("Import template for stores"),
                "template": "/retail_ops_core/static/import/stores.csv",
            }
        ]

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

    def _deputy(self):
        """Return who acts for a manager who left: a manager of its team, its region.

        :return: res.users, empty when there is nobody up to the top of the tree
        """
        self.ensure_one()
        group = "retail_ops_core.group_store_manager"
        team = self.member_ids.filtered(lambda user: user.active)
        deputy = team.filtered(lambda user: user.has_group(group))[:1]
        region = self.region_id
        while not deputy and region:
            deputy, region = region._manager_at_level(0), region.parent_id
        return deputy

    def _follow_open_work(self, region):
        """Open exceptions go with the store to its new region; history stays.

        What somebody of the old region worked on goes to the new one: the old one
        no longer sees it.
        """
        open_work = (
            self.env["retail.exception"]
            .sudo()
            .search([("store_id", "in", self.ids), ("is_open", "=", True)])
        )
        leaders = open_work.region_id.leader_ids - region.leader_ids
        open_work.write({"region_id": region.id})
        note = self.env._("The store is part of %s now.", region.display_name)
        for exception in open_work.filtered(lambda exc: exc.user_id in leaders):
            before = exception.user_id
            if not exception.with_user(before).has_access("write"):
                exception._hand_over(exception._heir_in_region(), note)
                exception.activity_ids.filtered(
                    lambda act, before=before: act.user_id == before
                ).user_id = exception.user_id

    def write(self, vals):
        result = super().write(vals)
        if "region_id" in vals:
            self._follow_open_work(self.region_id)
        return result

    def action_open_exceptions(self):
        """Open the store's exceptions that are still to be finished."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_open"
        )
        action["context"] = {"default_store_id": self.id}
        action["domain"] = [("store_id", "=", self.id), ("is_open", "=", True)]
        return action
