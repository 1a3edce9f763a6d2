from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ("once", "Once, when started"),
    ("daily", "Every day"),
    ("weekly", "Every week"),
    ("campaign", "For a campaign"),
]
WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class RetailChecklistTemplate(models.Model):
    _name = "retail.checklist.template"
    _description = "Checklist Template"
    _inherit = ["retail.store.selection"]
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        KINDS,
        string="When",
        required=True,
        default="daily",
        help="Daily and weekly checklists start by themselves in each store's own "
        "time zone, on days on which the store is open. A campaign's start when it "
        "is planned.",
    )
    weekday = fields.Selection(
        WEEKDAYS, default="0", help="Day on which a weekly checklist starts."
    )
    start_hour = fields.Float(
        default=8.0, help="Hour of the store's own day at which the checklist starts."
    )
    first_day = fields.Date(
        default=fields.Date.context_today,
        help="No checklist is started for days before this one.",
    )
    ready_percent = fields.Float(
        "Ready from (%)",
        required=True,
        default=90.0,
        help="Percentage of the weight from which a store counts as ready. A veto "
        "item that is not done keeps the store below it.",
    )
    exception_type_id = fields.Many2one(
        "retail.exception.type",
        string="Overdue items raise",
        compute="_compute_exception_type_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        ondelete="restrict",
        help="Type of the one exception that a checklist raises when items are "
        "overdue or a veto item fails.",
    )
    item_ids = fields.One2many(
        "retail.checklist.template.item", "template_id", string="Items", copy=True
    )
    checklist_ids = fields.One2many("retail.checklist", "template_id")

    _hour_of_the_day = models.Constraint(
        "CHECK(start_hour >= 0 AND start_hour < 24)",
        "A checklist starts at an hour from 0:00 to 23:59.",
    )
    _ready_percent_in_range = models.Constraint(
        "CHECK(ready_percent > 0 AND ready_percent <= 100)",
        "A store counts as ready from a percentage above 0 and up to 100.",
    )

    @api.depends("kind")
    def _compute_exception_type_id(self):
        readiness = self.env.ref("retail_ops_core.type_promotion_readiness")
        compliance = self.env.ref("retail_ops_core.type_compliance_breach")
        for template in self:
            template.exception_type_id = (
                readiness if template.kind == "campaign" else compliance
            )

    @api.constrains("kind", "weekday")
    def _check_weekday(self):
        for template in self:
            if template.kind == "weekly" and not template.weekday:
                raise ValidationError(
                    self.env._(
                        "“%s” starts every week: choose the day on which it starts.",
                        template.name,
                    )
                )

    def action_open_checklists(self):
        """Open what was made from these templates."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_checklist_all"
        )
        action["domain"] = [("template_id", "in", self.ids)]
        return action
