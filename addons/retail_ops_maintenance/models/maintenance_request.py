from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MATERIAL = {"repair_cost", "is_emergency", "vendor_id", "equipment_id", "company_id"}
CONTROLLED = {
    "store_id",
    "exception_id",
    "approved_by_id",
    "stage_before_id",
    "down_since",
    "repaired_at",
    "downtime_before",
    "downtime_repaired",
}


def defaults_of(context):
    """Return the names of the fields that a context gives a value to."""
    prefix = "default_"
    return {key[len(prefix) :] for key in context if key.startswith(prefix)}


class MaintenanceRequest(models.Model):
    """A repair for a store is begun, and finished, as the matrix allows.

    Stages that mean work or a repair done are bound: a request is in one of them only
    when its cost passes by itself or was approved. Everything reads the database.
    """

    _name = "maintenance.request"
    _inherit = ["maintenance.request", "retail.approval.mixin"]

    store_id = fields.Many2one(
        "retail.store",
        compute="_compute_store_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        copy=False,
        help="The store whose limits hold: that of the case, else of the equipment, "
        "else of whoever asked. Empty: Odoo's own rules.",
    )
    vendor_id = fields.Many2one(
        "res.partner",
        compute="_compute_vendor_id",
        store=True,
        precompute=True,
        readonly=False,
        check_company=True,
        prefetch="retail_repair",
        help="Who repairs it. The equipment's vendor unless another one is chosen.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    repair_cost = fields.Monetary(
        copy=False,
        tracking=True,
        prefetch="retail_repair",
        help="What the repair costs in all: the quote at first, the bill in the end. "
        "Above the limits of the approval policy it waits for its approval.",
    )
    is_emergency = fields.Boolean(
        "Emergency",
        copy=False,
        tracking=True,
        prefetch="retail_repair",
        help="It cannot wait. Fewer people decide, faster, and the policy's owner "
        "looks at it again afterwards.",
    )
    approved_by_id = fields.Many2one(
        "retail.approval.request",
        "Approved under",
        readonly=True,
        copy=False,
        prefetch="retail_repair",
        help="The approval under which work goes on.",
    )
    stage_before_id = fields.Many2one(
        "maintenance.stage",
        "Stage before",
        readonly=True,
        copy=False,
        prefetch="retail_repair",
    )

    _repair_cost_not_negative = models.Constraint(
        "CHECK(repair_cost >= 0)", "A repair never costs less than nothing."
    )

    @api.depends("equipment_id", "exception_id")
    def _compute_store_id(self):
        """A request keeps its store: clearing the equipment frees it from no limit."""
        for request in self:
            request.store_id = (
                request.sudo().exception_id.store_id
                or request.sudo().equipment_id.store_id
                or request.store_id
                or request._store_of_user()
            )

    @api.depends("equipment_id")
    def _compute_vendor_id(self):
        for request in self:
            request.vendor_id = request.equipment_id.partner_id or request.vendor_id

    def _store_of_user(self):
        """People of a store ask for their store, whatever company they act in."""
        stores = self.env["retail.store"].sudo()
        mine = [("manager_id", "=", self.env.uid), ("member_ids", "in", self.env.uid)]
        if self.env.user.has_group("retail_ops_core.group_operations"):
            return stores
        own = stores.search(["|", *mine])
        return own.sorted(lambda store: store.company_id != self.company_id)[:1]

    def _refuse_controlled(self, names):
        """Refuse what only the course of a repair sets.

        Not in `_has_field_access` or `_check_field_access`, which Odoo asks for each
        field that it reads.
        """
        if not self.env.su:
            self._refuse_whoever_asks(names)

    def _refuse_whoever_asks(self, names):
        for name in CONTROLLED.intersection(names):
            raise AccessError(
                self.env._(
                    "“%s” is set by what happens to the repair, by nobody himself.",
                    self._fields[name]._description_string(self.env),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_controlled(defaults_of(self.env.context))
        for vals in vals_list:
            self._refuse_controlled(vals)
        return super().create(vals_list)

    # === SOFT HOLD === #

    def write(self, vals):
        """Write; a repair under way that comes to cost more waits for its approval."""
        self._refuse_controlled(vals)
        parked = self.browse()
        if "stage_id" not in vals and not MATERIAL.isdisjoint(vals):
            parked = self.filtered(lambda request: request._has_to_wait(vals))
            parked._park()
        result = super().write(vals)
        if "repair_cost" in vals:
            self.sudo()._void_changed_approvals()
            self.sudo()._withdraw_where_it_passes()
        if vals.get("archive"):
            self._withdraw_approval(self.env._("The repair was cancelled."))
        if parked:
            parked._request_approval_where_needed()
        return result

    def _withdraw_where_it_passes(self):
        """Nobody is asked any longer about what came to cost little."""
        for request in self.filtered(lambda each: each._under_way()):
            if request._passes_by_itself():
                request._withdraw_approval(
                    self.env._("It costs so little now that nobody has to decide.")
                )

    def _has_to_wait(self, vals):
        """Tell whether a repair under way is refused ``vals`` where it stands.

        What refuses it for another reason than its approval refuses it again, when it
        is written where it waits.
        """
        request = self.sudo()
        if not request.store_id or request.done or not request.stage_id._is_bound():
            return False
        try:
            with self.env.cr.savepoint():
                super(MaintenanceRequest, request).write(dict(vals))
        except UserError:
            return True
        return False

    def _park(self):
        """Put repairs where the wait for an approval shows."""
        waiting = self.env["maintenance.stage"]._of_step("approval")
        for request in self.sudo():
            if request.stage_id.retail_step != "approval":
                request.stage_before_id = request.stage_id
            request.stage_id = waiting or request._default_stage()

    # === HARD STOP === #

    @api.constrains(
        "stage_id",
        "archive",
        "repair_cost",
        "is_emergency",
        "vendor_id",
        "equipment_id",
        "company_id",
        "exception_id",
        "approved_by_id",
    )
    def _check_worked_as_approved(self):
        """Catch every path to a repair that goes on, or is done, unapproved."""
        for request in self.sudo().filtered("store_id"):
            if not request.stage_id._is_bound():
                continue
            if not request._stands_approved():
                raise UserError(request._needs_approval_text())
            request._note_routes(done_by=self.env.user)

    def _stands_approved(self):
        """Tell whether the repair is what was approved, from the database."""
        return (
            self._passes_by_itself()
            or self._stands_under_approval()
            or bool(self._valid_approvals("approved"))
        )

    def _stands_under_approval(self):
        """Tell whether the approval under which it was begun covers it as it is."""
        under = self.approved_by_id.filtered(
            lambda request: request.state == "approved"
            and (request.res_model, request.res_id) == (self._name, self.id)
        )
        return bool(under) and under._says_the_same(self)

    def _with_valid_request(self):
        standing = self.filtered(lambda each: each._stands_under_approval())
        return super()._with_valid_request() | standing

    def _passes_by_itself(self):
        """Tell whether nobody has to decide: it costs nothing yet, or a row says so."""
        if self.currency_id.is_zero(self.repair_cost) or not self._approval_binding():
            return True
        routes = self._approval_routes()
        return bool(routes) and all(route.is_automatic for route in routes)

    def _needs_approval_text(self):
        if self._valid_approvals("pending"):
            return self.env._(
                "%(request)s is held until it is approved. %(text)s",
                request=self.display_name,
                text=self.approval_text,
            )
        return self.env._(
            "%(request)s for %(store)s costs %(cost)s and needs an approval for this: "
            "press Ask for approval.",
            request=self.display_name,
            store=self.store_id.display_name,
            cost=self.currency_id.format(self.repair_cost),
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never_of_a_case(self):
        for request in self.sudo():
            if request.exception_id or request.approval_request_ids:
                raise UserError(
                    self.env._(
                        "%s is part of a case's history: cancel it instead.",
                        request.display_name,
                    )
                )
