import re

from odoo import Command, api, fields, models


class RetailExceptionTypeNew(models.TransientModel):
    """A new exception type from one that works already: name, owner, done."""

    _name = "retail.exception.type.new"
    _description = "New Exception Type"

    template_id = fields.Many2one(
        "retail.exception.type",
        "Works like",
        required=True,
        help="SLA, severity, thresholds, evidence, milestones and categories are taken "
        "from this type; all of it can be changed afterwards.",
    )
    name = fields.Char(required=True)
    code = fields.Char(
        compute="_compute_code",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="The name by which other systems and reports know it.",
    )
    description = fields.Text(
        help="When a store should choose this type, in one sentence."
    )
    queue_id = fields.Many2one(
        "retail.queue",
        "Owned by",
        compute="_compute_queue_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="The team that gets exceptions of this type.",
    )
    business_owner_id = fields.Many2one(related="queue_id.business_owner_id")
    technical_owner_id = fields.Many2one(related="queue_id.technical_owner_id")
    is_reported_by_stores = fields.Boolean(
        "On the report screen",
        default=True,
        help="Stores pick it on their report screen; else only rules and events "
        "raise it.",
    )

    @api.depends("name")
    def _compute_code(self):
        for wizard in self:
            words = re.findall(r"[a-z0-9]+", (wizard.name or "").lower())
            wizard.code = "_".join(words)

    @api.depends("template_id")
    def _compute_queue_id(self):
        for wizard in self:
            wizard.queue_id = wizard.template_id.queue_id

    def action_create_type(self):
        """Make the type and open it, ready for its first exception.

        :return: the action that opens the new type
        """
        self.ensure_one()
        kind = self.template_id.copy(
            {
                "name": self.name,
                "code": self.code,
                "description": self.description,
                "queue_id": self.queue_id.id,
                "is_reported_by_stores": self.is_reported_by_stores,
                "active": True,
            }
        )
        self._join_classifiers(kind)
        return {
            "type": "ir.actions.act_window",
            "res_model": kind._name,
            "res_id": kind.id,
            "view_mode": "form",
        }

    def _join_classifiers(self, kind):
        """Classifiers that name the template speak of the new type too."""
        classifiers = self.env["retail.exception.classifier"].search(
            [("type_ids", "in", self.template_id.ids)]
        )
        classifiers.write({"type_ids": [Command.link(kind.id)]})
