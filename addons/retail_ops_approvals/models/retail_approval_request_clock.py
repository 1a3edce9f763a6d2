from odoo import api, fields, models

BATCH = 100


class RetailApprovalRequest(models.Model):
    """Reminders, escalation, lapse and the change of versions, by the clock."""

    _inherit = "retail.approval.request"

    @api.model
    def _cron_remind(self):
        """Scheduled Action: remind, once, those who have not decided in time."""
        domain = [("state", "=", "open"), ("remind_at", "<=", fields.Datetime.now())]
        self._work_through(domain, "remind_at", lambda steps: steps._remind())

    @api.model
    def _cron_escalate(self):
        """Scheduled Action: ask the next level where a deadline has passed."""
        domain = [
            ("state", "=", "open"),
            ("due_at", "<=", fields.Datetime.now()),
            ("is_escalation_over", "=", False),
        ]
        self._work_through(domain, "due_at", lambda steps: steps._escalate())

    @api.model
    def _work_through(self, domain, order, work):
        """Take the steps that fit in small batches, each committed by itself."""
        steps = self.env["retail.approval.request.step"]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=steps.search_count(domain))
        while batch := steps.search(domain, order=order, limit=BATCH):
            locked = batch.request_id.try_lock_for_update()
            batch = batch.filtered(lambda step: step.request_id in locked)  # noqa: B023
            if not batch:
                break
            work(batch.filtered_domain(domain))
            if not progress(len(batch)):
                break

    @api.model
    def _cron_lapse(self):
        """Scheduled Action: end approvals nobody used, put due versions into force."""
        domain = [
            ("state", "=", "approved"),
            ("spent_at", "=", False),
            ("valid_until", "<", fields.Datetime.now()),
        ]
        progress = self.env["ir.cron"]._commit_progress
        self.env["retail.approval.policy"]._supersede_due()
        progress(remaining=self.search_count(domain))
        while batch := self.search(domain, order="valid_until", limit=BATCH):
            batch = batch.try_lock_for_update()
            if not batch:
                break
            batch._end("lapsed", self.env._("Nobody used it while it was valid."))
            if not progress(len(batch)):
                break
