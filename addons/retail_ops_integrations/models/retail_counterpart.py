from odoo import api, fields, models
from odoo.exceptions import ValidationError

ENVIRONMENTS = [("production", "Production"), ("test", "Test")]
ATTENTION = "retail_ops_integrations.activity_attention"


class RetailCounterpart(models.AbstractModel):
    """A system at the other end of a door, and the person who answers for it."""

    _name = "retail.counterpart"
    _description = "System at the other end"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Only stores and facts of this company pass here.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        help="Gets an activity when something here needs a person.",
    )
    environment = fields.Selection(
        ENVIRONMENTS,
        required=True,
        default="production",
        tracking=True,
        help="Which of its systems the other end connects. Shown on every event and "
        "delivery.",
    )
    runbook_url = fields.Char(
        string="Own runbook",
        tracking=True,
        help="Address of what to do while this system is out: whom to call, what "
        "stores do meanwhile. Its alerts and their cases link to it; empty links to "
        "the suite's runbook.",
    )
    is_neutralized = fields.Boolean(compute="_compute_is_neutralized")

    def _compute_is_neutralized(self):
        self.is_neutralized = self._database_is_neutralized()

    @api.model
    def _database_is_neutralized(self):
        """Tell whether this is a copy that must send nothing."""
        parameters = self.env["ir.config_parameter"].sudo()
        return bool(parameters.get_param("database.is_neutralized"))

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "state":
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.constrains("runbook_url")
    def _check_runbook_url(self):
        for counterpart in self.filtered("runbook_url"):
            if not counterpart.runbook_url.startswith(("https://", "http://")):
                raise ValidationError(
                    self.env._(
                        "“%s” is no address of a page: begin with https://.",
                        counterpart.runbook_url,
                    )
                )

    @api.constrains("owner_id")
    def _check_owner_id(self):
        self.owner_id._check_answers_for_integrations()

    def write(self, vals):
        """Revoke the keys of those that move to the other environment."""
        moving = self.filtered(
            lambda counterpart: counterpart.environment
            != vals.get("environment", counterpart.environment)
        )
        done = super().write(vals)
        if moving:
            moving.key_ids._revoke()
        return done

    def _set_state(self, state, **values):
        """Change the state of those that are not in it, and note it in the ledger.

        :param state: one of the model's states
        :param values: further values to write with it
        :return: those that changed
        """
        changing = self.filtered(lambda counterpart: counterpart.state != state)
        changing.sudo().write({"state": state, **values})
        self.env["retail.audit.entry"]._record(
            changing,
            f"{self._audit_name()}.{state}",
            [{"name": counterpart.name} for counterpart in changing],
        )
        return changing

    def _ask_for_attention(self, count, reason):
        """Give the owner an activity, unless an earlier one is still open.

        :param count: int, how many events or deliveries need a person
        :param reason: text, of the first of them
        """
        self.ensure_one()
        if self.activity_search([ATTENTION]):
            return
        self.activity_schedule(
            ATTENTION,
            user_id=self.owner_id.id,
            summary=self.env._(
                "%(name)s: %(count)s need a person", name=self.name, count=count
            ),
            note=reason,
        )
