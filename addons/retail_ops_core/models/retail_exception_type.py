from odoo import api, fields, models

from .retail_sla_target import SEVERITIES

FAMILIES = [
    ("stock", "Stock"),
    ("cash", "Cash"),
    ("pricing", "Pricing"),
    ("promotion", "Promotion"),
    ("delivery", "Delivery"),
    ("customer", "Customer"),
    ("equipment", "Equipment"),
    ("people", "People"),
    ("safety", "Safety"),
    ("compliance", "Compliance"),
    ("data", "Data"),
    ("integration", "Integration"),
]


class RetailExceptionType(models.Model):
    _name = "retail.exception.type"
    _description = "Exception Type"
    _inherit = ["retail.audited", "retail.import"]
    _import_key = ("code",)
    _rec_names_search = ["name", "code"]
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="The name by which other systems and reports know this type.",
    )
    description = fields.Text(
        translate=True, help="When a store should choose this type, in one sentence."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    family = fields.Selection(
        FAMILIES,
        required=True,
        help="Headquarters functions see the families they answer for.",
    )
    queue_id = fields.Many2one(
        "retail.queue",
        required=True,
        ondelete="restrict",
        help="The team that owns exceptions of this type.",
    )
    business_owner_id = fields.Many2one(related="queue_id.business_owner_id")
    technical_owner_id = fields.Many2one(related="queue_id.technical_owner_id")
    sla_policy_id = fields.Many2one(
        "retail.sla.policy",
        required=True,
        ondelete="restrict",
        help="Hours allowed to acknowledge, act and resolve.",
    )
    default_severity = fields.Selection(
        SEVERITIES,
        required=True,
        default="medium",
        help="Severity when no classifier matches.",
    )
    impact_formula = fields.Selection(
        [
            ("none", "No money impact"),
            ("quantity_cost", "Missing or surplus quantity × unit cost"),
            ("amount", "The amount reported"),
        ],
        required=True,
        default="none",
        help="How the money impact is worked out from the facts reported.",
    )
    tolerance_percent = fields.Float(
        help="A variance up to this percentage opens no exception, as long as it "
        "stays within the amount tolerated too. 0 tolerates nothing.",
    )
    tolerance_amount = fields.Float(
        help="Money impact, in the company's currency, up to which a tolerated "
        "variance opens no exception. 0 sets no limit by money.",
    )
    review_threshold = fields.Float(
        string="HQ review from",
        help="Money impact, in the company's currency, from which headquarters gets "
        "a review task. 0 means never.",
    )
    latency_class = fields.Selection(
        [
            ("real_time", "Real time"),
            ("near_real_time", "Near real time"),
            ("scheduled", "Scheduled"),
        ],
        required=True,
        default="near_real_time",
        help="How soon after the fact an exception of this type should be here.",
    )
    root_cause_required = fields.Boolean(
        help="Resolving asks for the root cause.",
    )
    exception_ids = fields.One2many("retail.exception", "type_id")

    _code_unique = models.Constraint(
        "UNIQUE(code)",
        "Another exception type has this code: reports group by code, so choose one "
        "of its own.",
    )
    _tolerances_not_negative = models.Constraint(
        "CHECK(tolerance_percent >= 0 AND tolerance_amount >= 0"
        " AND review_threshold >= 0)",
        "Tolerances and thresholds cannot be below zero.",
    )

    @api.model
    def get_import_templates(self):
        """Return the file that shows how to import them, for the import screen."""
        return [
            {
                "label": self.env._("Import template for exception types"),
                "template": "/retail_ops_core/static/import/exception_types.csv",
            }
        ]

    def _tolerates(self, percent, impact):
        """Tell whether a variance is small enough to open no exception.

        :param percent: variance in percent of what was expected, >= 0
        :param impact: money impact in company currency, >= 0
        :return: bool
        """
        self.ensure_one()
        if not self.tolerance_percent or percent > self.tolerance_percent:
            return False
        return not self.tolerance_amount or impact <= self.tolerance_amount
