from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

CONTROLLED_FIELDS = {"state", "locked_at", "locked_by_id", "line_ids"}


class RetailKpiBaseline(models.Model):
    """KPIs as they were over some days: locked, dated, and compared with ever after."""

    _name = "retail.kpi.baseline"
    _description = "KPI Baseline"
    _order = "date_to desc, id desc"
    _check_company_auto = True
    _allow_sudo_commands = False

    name = fields.Char(
        required=True, help="What it is the start of, such as “Before wave 1”."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Only its stores are in the frozen figures, in its currency.",
    )
    date_from = fields.Date(
        "From", required=True, help="First day whose figures are frozen."
    )
    date_to = fields.Date(
        "To",
        required=True,
        help="Figures of these days are frozen. Later figures are compared with them "
        "over as many days up to yesterday.",
    )
    region_id = fields.Many2one(
        "retail.region",
        check_company=True,
        ondelete="restrict",
        help="Only stores of this region and below it. Empty: every region.",
    )
    pilot_wave = fields.Integer(
        help="Only stores of this roll-out wave. 0: every wave."
    )
    store_ids = fields.Many2many(
        "retail.store",
        string="Stores",
        check_company=True,
        help="Only these stores. Empty: every store of the region and the wave.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("locked", "Locked")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    locked_at = fields.Datetime(readonly=True, copy=False)
    locked_by_id = fields.Many2one(
        "res.users", "Locked by", readonly=True, copy=False, ondelete="restrict"
    )
    line_ids = fields.One2many(
        "retail.kpi.baseline.line", "baseline_id", readonly=True, copy=False
    )
    total_ids = fields.One2many(
        "retail.kpi.baseline.line",
        "baseline_id",
        "Figures",
        domain=[("is_total", "=", True)],
        readonly=True,
        copy=False,
    )

    _period_in_order = models.Constraint(
        "CHECK(date_from <= date_to)", "The period ends before it begins."
    )
    _locked_says_by_whom = models.Constraint(
        "CHECK(state = 'draft' OR locked_at IS NOT NULL AND locked_by_id IS NOT NULL)",
        "A baseline is locked by its button, which notes when and by whom.",
    )

    def init(self):
        """Make the database itself refuse to change what is locked."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE TRIGGER retail_kpi_baseline_locked
                    BEFORE UPDATE OR DELETE ON retail_kpi_baseline
                    FOR EACH ROW WHEN (OLD.state = 'locked')
                    EXECUTE FUNCTION retail_audit_refuse()
                """
            )
        )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.constrains("date_to")
    def _check_date_to(self):
        if any(each.date_to >= fields.Date.today() for each in self):
            raise ValidationError(
                self.env._("A baseline is about days that are over: end it yesterday.")
            )

    def write(self, vals):
        if vals and "locked" in self.mapped("state"):
            raise AccessError(self._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never_locked(self):
        if "locked" in self.mapped("state"):
            raise AccessError(self._refusal())

    @api.model
    def _refusal(self):
        return self.env._(
            "A locked baseline stays as it is: nobody changes or deletes it. Make a "
            "new one beside it."
        )

    # === What it covers === #
    def _domain_of_scope(self, date_from, date_to):
        """Return the domain of the snapshots of its stores on some days."""
        self.ensure_one()
        scope = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("day", ">=", date_from)
            & Domain("day", "<=", date_to)
        )
        if self.store_ids:
            scope &= Domain("store_id", "in", self.store_ids.ids)
        if self.region_id:
            scope &= Domain("store_id.region_id", "child_of", self.region_id.id)
        if self.pilot_wave:
            scope &= Domain("store_id.pilot_wave", "=", self.pilot_wave)
        return scope

    def _sums(self, date_from, date_to):
        """Return dict ``(kpi, store or empty for all)`` -> (numerator, denominator).

        :param date_from: date
        :param date_to: date, included
        """
        sums = {}
        rows = (
            self.env["retail.kpi.snapshot"]
            .sudo()
            ._read_group(
                self._domain_of_scope(date_from, date_to),
                ["kpi_id", "store_id"],
                ["numerator:sum", "denominator:sum"],
            )
        )
        nowhere = self.env["retail.store"]
        for kpi, store, numerator, denominator in rows:
            for place in {store, nowhere}:
                before = sums.get((kpi, place), (0, 0))
                sums[kpi, place] = (before[0] + numerator, before[1] + denominator)
        return sums

    # === Locking === #
    def action_lock(self):
        """Freeze the figures of its days, for good.

        :raise AccessError: to others than administrators
        :raise UserError: when there is no figure to freeze
        """
        if not self.env.user.has_group("retail_ops_core.group_admin"):
            raise AccessError(
                self.env._("Only a retail administrator locks a baseline.")
            )
        self.check_access("write")
        for baseline in self.sudo().filtered(lambda each: each.state == "draft"):
            baseline._lock(self.env.uid)
        return True

    def _lock(self, user_id):
        lines = self._line_values()
        if not lines:
            raise UserError(
                self.env._(
                    "There is no figure of these days to freeze: see under Figures by "
                    "store which days are computed."
                )
            )
        made = self.env["retail.kpi.baseline.line"].create(lines)
        self.env.flush_all()
        self.write(
            {
                "state": "locked",
                "locked_at": fields.Datetime.now(),
                "locked_by_id": user_id,
            }
        )
        self.env.flush_all()
        totals = made.filtered("is_total")
        self.env["retail.audit.entry"]._record(
            self,
            "kpi_baseline.locked",
            {
                "from": str(self.date_from),
                "to": str(self.date_to),
                "figures": {line.kpi_id.code: line.value for line in totals},
            },
        )

    def _line_values(self):
        return [
            {
                "baseline_id": self.id,
                "kpi_id": kpi.id,
                "store_id": store.id,
                "region_id": store.region_id.id,
                "is_total": not store,
                "numerator": numerator,
                "denominator": denominator,
                "value": kpi._factor() * numerator / denominator if denominator else 0,
            }
            for (kpi, store), (numerator, denominator) in self._sums(
                self.date_from, self.date_to
            ).items()
            if denominator
        ]

    def action_open_lines(self):
        """Open the frozen figures store by store."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "retail.kpi.baseline.line",
            "views": [(False, "list")],
            "domain": [("baseline_id", "=", self.id), ("is_total", "=", False)],
            "context": {"search_default_group_kpi": 1},
        }
