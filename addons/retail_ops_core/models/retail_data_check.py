from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

CHECKED_MODELS = [
    ("retail.store", "Stores"),
    ("product.product", "Products"),
    ("retail.region", "Regions"),
    ("retail.queue", "Queues"),
]
MOST_FOUND = 10000


class RetailDataCheck(models.Model):
    """One thing that master data must not lack, and how to mend it."""

    _name = "retail.data.check"
    _description = "Data Quality Check"
    _inherit = ["retail.audited"]
    _order = "sequence, id"
    _unaudited = frozenset({"violation_count", "checked_at"})

    name = fields.Char(
        "What is wrong", required=True, translate=True, help="As the list shows it."
    )
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    model = fields.Selection(
        CHECKED_MODELS,
        "Looks at",
        required=True,
        default="retail.store",
        help="Which records the check goes through, company by company.",
    )
    kind = fields.Selection(
        [
            ("condition", "Every record that meets the conditions"),
            ("duplicate", "Records that share a value"),
        ],
        "Finds",
        required=True,
        default="condition",
        help="Whether each record is looked at by itself, or records with the same "
        "value in the field below are found together.",
    )
    domain = fields.Char(
        "Conditions",
        required=True,
        default="[]",
        help="Records that meet them are found; where values are compared, only these "
        "records are.",
    )
    field_name = fields.Char(
        "Field",
        help="Technical name of the field whose values must differ, such as "
        "default_code.",
    )
    remedy = fields.Text(
        "How to mend it",
        required=True,
        translate=True,
        help="What to do next, in one sentence.",
    )
    is_blocking = fields.Boolean(
        "Keeps stores from going live",
        help="A store with this violation cannot go live. For products: no store of "
        "their company can.",
    )
    violation_count = fields.Integer("Violations", readonly=True, copy=False)
    checked_at = fields.Datetime(readonly=True, copy=False)

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another check has this code: choose a code of its own."
    )

    @api.constrains("model", "domain", "kind", "field_name")
    def _check_can_be_run(self):
        for check in self:
            try:
                check._violations_in(self.env.company)
            except (ValueError, SyntaxError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "The check “%(name)s” cannot be run (%(error)s): pick its "
                        "conditions and its field again.",
                        name=check.name,
                        error=error,
                    )
                ) from error

    # === Looking === #
    def _violations_in(self, company, limit=MOST_FOUND):
        """Return the records of a company that violate the check.

        :param company: res.company; records without company count for every one
        :param limit: most records returned
        :return: recordset of the checked model, as superuser
        """
        self.ensure_one()
        Model = self.env[self.model].sudo().with_company(company)
        domain = self._domain_in(Model, company)
        if self.kind == "duplicate":
            domain &= self._duplicate_domain(Model, domain)
        return Model.search(domain, limit=limit)

    def _domain_in(self, Model, company):
        owners = [False, company.id]
        domain = Domain(literal_eval(self.domain))
        if self.model == "retail.store":
            domain &= Domain("state", "!=", "closed") & Domain("format", "!=", "office")
        return domain & Domain("company_id", "in", owners)

    def _duplicate_domain(self, Model, domain):
        name = self.field_name
        if name not in Model._fields:
            raise KeyError(name)
        groups = Model._read_group(
            domain & Domain(name, "!=", False), [name], having=[("__count", ">", 1)]
        )
        values = [value for [value] in groups]
        return Domain(name, "in", values)

    @api.model
    def _of_store(self, store):
        """Return dict check -> violating records that concern one store.

        :param store: retail.store
        """
        # Conditions look at computed fields of other models, as a region's leaders.
        self.env.flush_all()
        found = {}
        for check in self.sudo().search([("active", "=", True)]):
            records = check._violations_in(store.company_id)
            if check.model == "retail.store":
                records &= store
            elif check.model == "retail.region":
                records &= store.region_id
            if records:
                found[check] = records
        return found

    # === Findings === #
    @api.model
    def _cron_check(self):
        """Scheduled Action: list every violation anew; repeating it is safe."""
        companies = self.env["retail.store"].sudo()._read_group([], ["company_id"])
        for check in self.sudo().search([("active", "=", True)]):
            check._refresh_findings([company for [company] in companies])

    def _refresh_findings(self, companies):
        Finding = self.env["retail.data.finding"].sudo()
        Finding.search([("check_id", "=", self.id)]).unlink()
        rows = {}
        for company in companies:
            for record in self._violations_in(company):
                rows[record.id] = self._finding_values(record, company)
        Finding.create(list(rows.values()))
        self.write({"violation_count": len(rows), "checked_at": fields.Datetime.now()})

    def _finding_values(self, record, company):
        return {
            "check_id": self.id,
            "res_id": record.id,
            "name": record.display_name,
            "company_id": company.id,
            "store_id": record.id if self.model == "retail.store" else False,
        }

    def action_check_now(self):
        """Look again now, and open what was found.

        :return: the action that lists the violations
        """
        self.env["retail.data.finding"].check_access("read")
        self.sudo()._cron_check()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_data_finding"
        )
