from odoo import api, fields, models
from odoo.exceptions import AccessError

from .maintenance_request import defaults_of

STEPS = [
    ("reported", "Reported, nothing is done yet"),
    ("approval", "Waits for an approval"),
    ("work", "Work goes on"),
    ("supplier", "Waits for a supplier"),
]


class MaintenanceStage(models.Model):
    """What a stage means for the store, its deadline and its limits."""

    _inherit = "maintenance.stage"

    retail_step = fields.Selection(
        STEPS,
        "Means for stores",
        required=True,
        default="work",
        prefetch=False,
        help="What the store's case shows, and whether a repair has to be approved "
        "before it gets here: work and waiting for a supplier ask for it, and so does "
        "every stage that is done. Only users with Settings rights change it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for names in (defaults_of(self.env.context), *vals_list):
            self._refuse_meaning(names)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_meaning(vals)
        return super().write(vals)

    def _refuse_meaning(self, names):
        """Refuse what binds repairs to everybody without Settings rights."""
        if "retail_step" not in names or self.env.su:
            return
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "Only users with Settings rights say what a stage means for stores."
                )
            )

    @api.model
    def _of_step(self, step):
        """Return the first stage that means a step, empty when none does.

        :param step: a step of :data:`STEPS`
        """
        domain = [("retail_step", "=", step), ("done", "=", False)]
        return self.sudo().search(domain, limit=1)

    def _is_bound(self):
        """Tell whether only what is approved may be in this stage."""
        return self.done or self.retail_step in ("work", "supplier")

    @api.model
    def _set_first_step(self):
        """Say of the stage in which requests begin that nothing is done in it."""
        self.env["maintenance.request"]._default_stage().retail_step = "reported"

    @api.constrains("done", "retail_step")
    def _check_requests_approved(self):
        """A stage that is given another meaning binds the requests in it."""
        bound = self.filtered(lambda stage: stage._is_bound())
        requests = self.env["maintenance.request"].sudo()
        requests.search(
            [("stage_id", "in", bound.ids), ("store_id", "!=", False)]
        )._check_worked_as_approved()
