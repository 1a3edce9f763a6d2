from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

HISTORY_MONTHS = 12
HISTORY_LIMIT = 5


class MaintenanceRequest(models.Model):
    """What the matrix and the deciding person hear about a repair."""

    _inherit = "maintenance.request"

    def _approval_kind(self):
        if not self.store_id:
            return self.env["retail.request.kind"]
        return super()._approval_kind()

    def _compute_can_request_approval(self):
        """What stands approved is not asked about again."""
        result = super()._compute_can_request_approval()
        for request in self.filtered("can_request_approval"):
            request.can_request_approval = not request.sudo()._stands_approved()
        return result

    def _approval_amount(self):
        return self.repair_cost

    def _approval_currency(self):
        return self.currency_id

    def _approval_date(self):
        return self.request_date or fields.Date.context_today(self)

    def _approval_is_emergency(self):
        return self.is_emergency

    def _approval_partner(self):
        return self.vendor_id

    def _approval_recurrence(self):
        return 1 + len(self._earlier_failures())

    def _approval_correlation(self):
        return self.exception_id.correlation_id

    def _approval_scope(self):
        kind = self.exception_id.type_id
        return {"type_id": kind.id, "family": kind.family or ""} if kind else {}

    def _approval_excluded(self):
        people = {self.user_id.id: "assignee", self.owner_user_id.id: "raiser"}
        people.pop(False, None)
        return {**people, **super()._approval_excluded()}

    def _approval_is_settled(self):
        return self.done or self.archive

    def _approval_context_fields(self):
        return [
            "equipment_id",
            "vendor_id",
            "is_emergency",
            "downtime_hours",
            "equipment_downtime_hours",
            "equipment_failure_count",
            "description",
        ]

    def _earlier_failures(self):
        if not self.equipment_id:
            return self.browse()
        since = fields.Date.context_today(self) - relativedelta(months=HISTORY_MONTHS)
        return self.sudo().search(
            [
                ("equipment_id", "=", self.equipment_id.id),
                ("maintenance_type", "=", "corrective"),
                ("archive", "=", False),
                ("request_date", ">=", since),
                ("id", "!=", self.id),
            ]
        )

    def _approval_related(self):
        before = self._earlier_failures()[:HISTORY_LIMIT]
        return [request._history_line() for request in before]

    def _history_line(self):
        return {
            "name": self.display_name,
            "date": format_date(self.env, self.request_date),
            "amount": formatLang(
                self.env, self.repair_cost, currency_obj=self.currency_id
            ),
            "state": self.stage_id.name,
        }

    # === WHAT HAPPENS === #

    def _approval_asked(self, request):
        self._park()

    def _approval_granted(self, request):
        return None if request.is_automatic else request._queue_act()

    def _approval_act(self, request):
        """Let the repair go on where it stood; one ended meanwhile stays so."""
        repair = self.sudo()
        if not repair._approval_is_settled():
            repair.approved_by_id = request
            repair._leave_the_wait()

    def _approval_refused(self, request, reason):
        self._give_back()
        self.message_post(body=reason)

    def _approval_voided(self, request):
        if request.state == "lapsed" and not self._approval_is_settled():
            self._request_approval_where_needed()
        if not self._valid_approvals("pending"):
            self._leave_the_wait()

    def _leave_the_wait(self):
        """Go back to where it stood, as far as that is allowed."""
        if self.stage_id.retail_step == "approval":
            before = self.stage_before_id
            free = before and (not before._is_bound() or self._stands_approved())
            self.stage_id = before if free else self._default_stage()

    def _give_back(self):
        """A repair that was refused is where nothing is done."""
        if self.stage_id.retail_step == "approval":
            self.stage_id = self._default_stage()
