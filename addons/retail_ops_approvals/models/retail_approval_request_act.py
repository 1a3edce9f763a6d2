from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

BATCH = 20


class RetailApprovalRequest(models.Model):
    """The held action: done once, by queue, after the decision has committed."""

    _inherit = "retail.approval.request"

    act_state = fields.Selection(
        [
            ("queued", "To be carried out"),
            ("done", "Carried out"),
            ("failed", "Failed"),
        ],
        string="Carrying out",
        readonly=True,
        help="What was approved is carried out by a queue, apart from the decision: "
        "if it fails, the decision stands.",
    )
    act_error = fields.Text(string="Why it failed", readonly=True)
    act_count = fields.Integer(string="Tries", readonly=True)
    can_act_again = fields.Boolean(compute="_compute_can_decide")

    _queued_idx = models.Index("(id) WHERE act_state = 'queued'")

    def _compute_can_decide(self):
        result = super()._compute_can_decide()
        for request in self:
            failed = request.act_state == "failed" and request.state == "approved"
            request.can_act_again = failed and request._may_act_again(self.env.user)
        return result

    def _queue_act(self):
        """Hold the action for the queue, which runs once this has committed."""
        self.write({"act_state": "queued", "act_error": False})
        self.env.ref("retail_ops_approvals.cron_act")._trigger()

    @api.model
    def _cron_act(self):
        """Scheduled Action: carry out what was approved, each by itself."""
        domain = [("act_state", "=", "queued"), ("state", "=", "approved")]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self.search_count(domain))
        while batch := self.search(domain, order="id", limit=BATCH):
            locked = batch.try_lock_for_update()
            for request in locked.filtered_domain(domain):
                request._act_once()
            if not locked or not progress(len(locked)):
                break

    def _act_once(self):
        """Carry it out, or keep why it failed; the decision stands either way."""
        self.act_count += 1
        try:
            with self.env.cr.savepoint():
                self._act()
        except OperationalError:
            raise  # the next run tries again
        except Exception as error:
            self.invalidate_recordset()
            self._note_failure(str(error))

    def _act(self):
        document, user = self._document(), self.kind_id.sudo().action_user_id
        self._check_may_act(document)
        if user:
            company = self.company_id
            document = document.with_user(user).with_company(company)
        document._approval_act(self)
        document.sudo()._spend_approval()
        self.write({"act_state": "done", "act_error": False})
        self.env["retail.audit.entry"]._record(
            self, "approval.acted", {"user_id": user.id or self.env.uid}
        )

    def _check_may_act(self, document):
        """The gate, asked again: time has passed since the decision."""
        self.invalidate_recordset()
        alive = self.state == "approved" and not self.spent_at
        if not alive or not document or not self._fits(document):
            raise UserError(
                self.env._(
                    "%s is not what was approved any more: ask for approval again.",
                    self.document_name,
                )
            )

    def _note_failure(self, error):
        self.write({"act_state": "failed", "act_error": error})
        text = self.env._(
            "%(request)s was approved, but could not be carried out: %(error)s",
            request=self.name,
            error=error,
        )
        self._add_activities(
            "retail_ops_approvals.activity_act_failed", self.kind_id.owner_id, text
        )
        self.message_post(body=text)
        self.env["retail.audit.entry"]._record(
            self, "approval.act.failed", {"tries": self.act_count}
        )

    def action_act_again(self):
        """Carry it out again, after the cause was mended.

        :raise AccessError: to anybody but the owner of the kind or the policy and
            administrators
        """
        self.check_access("read")
        for request in self:
            if not request._may_act_again(self.env.user):
                raise AccessError(
                    self.env._(
                        "Only %s or a retail administrator can try again.",
                        request.sudo().kind_id.owner_id.name,
                    )
                )
            request.sudo()._act_again()
        return True

    def _may_act_again(self, user):
        owners = self.sudo().kind_id.owner_id | self.sudo().owner_id
        return user in owners or user.has_group("retail_ops_core.group_admin")

    def _act_again(self):
        if self.act_state == "failed" and self.state == "approved":
            kind = self.env.ref("retail_ops_approvals.activity_act_failed")
            failed = self.activity_ids.filtered(lambda a: a.activity_type_id == kind)
            failed.unlink()
            self._queue_act()
