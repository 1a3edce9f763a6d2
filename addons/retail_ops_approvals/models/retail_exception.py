from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

RULE_ASK = "retail_ops_approvals.automation_ask"
HISTORY_MONTHS = 3
HISTORY_LIMIT = 5


class RetailException(models.Model):
    """A store exception whose type says that resolving it needs an approval."""

    _name = "retail.exception"
    _inherit = ["retail.exception", "retail.approval.mixin"]
    _approval_kind_by_model = False

    # === WHAT IT IS ABOUT === #

    def _approval_kind(self):
        """A case that was asked about stays governed, whatever becomes of its type."""
        if self.type_id.approval_kind_id:
            return self.type_id.approval_kind_id
        return self.sudo().approval_request_ids.sorted("id")[-1:].kind_id

    def _approval_amount(self):
        return self.impact_amount

    def _approval_currency(self):
        return self.company_currency_id

    def _approval_date(self):
        return (self.occurred_at or fields.Datetime.now()).date()

    def _approval_variance(self):
        return self.variance_percent

    def _approval_can_be_split(self):
        return self.origin == "manual"

    def _approval_recurrence(self):
        return self.recurrence_count

    def _approval_scope(self):
        return {"type_id": self.type_id.id, "family": self.family or ""}

    def _approval_excluded(self):
        assignee = {self.user_id.id: "assignee"} if self.user_id else {}
        return {**assignee, **super()._approval_excluded()}

    def _approval_is_settled(self):
        return not self.is_open

    def _approval_context_fields(self):
        return [
            "type_id",
            "severity",
            "product_id",
            "expected_quantity",
            "counted_quantity",
            "variance_quantity",
            "unit_cost",
            "reason",
            "occurred_at",
        ]

    def _approval_category(self):
        return self.sudo().product_id.categ_id

    def _approval_related(self):
        since = fields.Datetime.now() - relativedelta(months=HISTORY_MONTHS)
        before = self.search(
            [
                ("store_id", "=", self.store_id.id),
                ("type_id", "=", self.type_id.id),
                ("opened_at", ">=", since),
                ("id", "!=", self.id),
            ],
            order="id desc",
            limit=HISTORY_LIMIT,
        )
        return [exception._history_line() for exception in before]

    def _history_line(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "name": self.display_name,
            "date": format_date(self.env, self.opened_at),
            "amount": formatLang(
                self.env, self.impact_amount, currency_obj=self.company_currency_id
            ),
            "state": states[self.state],
        }

    def write(self, vals):
        if "type_id" in vals:
            self._check_type_may_change(vals["type_id"])
        return super().write(vals)

    def _check_type_may_change(self, type_id):
        """The type says who has to approve: it does not change under a request."""
        kind = self.env["retail.exception.type"].sudo().browse(type_id).approval_kind_id
        for exception in self.sudo():
            if exception._approval_kind() - kind:
                raise UserError(
                    self.env._(
                        "Resolving %(exception)s needs an approval, and its type says "
                        "whose. Cancel it and raise it again under the right type.",
                        exception=exception.name,
                    )
                )

    # === WHEN IT IS ASKED === #

    @api.model
    def _raise_and_triage(self, vals_list):
        """A batch from the inbox is asked about in one call that obeys the rule."""
        exceptions = super()._raise_and_triage(vals_list)
        if exceptions and self._is_rule_on(RULE_ASK):
            triaged = exceptions.filtered(lambda each: each.state == "triaged")
            triaged._request_approval_where_needed()
        return exceptions

    # === WHAT HAPPENS === #

    def _approval_asked(self, request):
        self.filtered(lambda each: each.state != "waiting")._set_waiting("approval")

    def _approval_granted(self, request):
        if request.is_automatic:
            self._go_on_without_waiting()
            return
        try:
            with self.env.cr.savepoint():
                self._set_resolved(
                    self.env._(
                        "%(kind)s approved: %(request)s",
                        kind=request.kind_id.name,
                        request=request.name,
                    )
                )
        except UserError as missing:
            self._go_on_approved(request, missing)

    def _go_on_approved(self, request, missing):
        """The decision stands; what resolving still lacks is for the assignee."""
        self._go_on_without_waiting()
        self.message_post(
            body=self.env._(
                "%(request)s is approved. Before the case can be resolved: %(missing)s",
                request=request.name,
                missing=missing,
            )
        )

    def _approval_refused(self, request, reason):
        self._go_on_without_waiting()
        self.message_post(
            body=self.env._(
                "%(request)s was rejected: %(reason)s",
                request=request.name,
                reason=reason,
            )
        )

    def _approval_voided(self, request):
        if self.waiting_reason != "approval":
            return
        self._go_on_without_waiting()
        if request.state == "lapsed":
            self._request_approval_where_needed()

    def _go_on_without_waiting(self):
        held = self.filtered(lambda each: each.waiting_reason == "approval")
        return held._set_in_progress()

    # === THE GATE === #

    def _check_can_resolve(self):
        result = super()._check_can_resolve()
        self._check_approved()
        return result

    def _set_resolved(self, resolution, root_cause=None):
        resolved = super()._set_resolved(resolution, root_cause)
        resolved._spend_approval()
        return resolved

    def _set_cancelled(self, reason):
        cancelled = super()._set_cancelled(reason)
        cancelled._withdraw_approval(reason)
        return cancelled

    @api.constrains("state")
    def _check_resolved_as_approved(self):
        """Catch every path to resolved, also those that pass by the verbs."""
        finished = self.sudo().filtered(
            lambda each: each.state == "resolved"
            or (each.state == "closed" and not each.resolved_at)
        )
        governed = finished.filtered(lambda each: each._approval_kind())
        for exception in governed._approval_binding():
            requests = exception.approval_request_ids.filtered(
                lambda request: request.state == "approved"
            )
            if not any(request._fits(exception) for request in requests):
                raise ValidationError(
                    self.env._(
                        "%(exception)s cannot be finished without the approval that "
                        "its type asks for: press Ask for approval.",
                        exception=exception.name,
                    )
                )

    def _publication_data(self):
        data = super()._publication_data()
        latest = self.sudo().approval_request_ids.sorted("id")[-1:]
        if latest:
            data["approval"] = latest._publication_data()
        return data
