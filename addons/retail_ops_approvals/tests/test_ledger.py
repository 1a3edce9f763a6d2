from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestLedger(ApprovalCase):
    """Whatever is decided or decides is an entry of the chain."""

    def _entries(self, record):
        return self.env["retail.audit.entry"].search(
            [("model", "=", record._name), ("res_id", "in", record.ids)], order="id"
        )

    def _actions(self, record):
        return self._entries(record).mapped("action")

    def _delegate(self):
        now = fields.Datetime.now()
        delegations = self.env["retail.approval.delegation"]
        return delegations.with_user(self.region_manager).create(
            {
                "user_id": self.region_manager.id,
                "delegate_id": self.country_manager.id,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(days=1),
                "reason": "Leave",
            }
        )

    def test_every_step_of_a_request_is_an_entry_in_its_order(self):
        self._publish_policy([{"steps": ["climb", "loss"]}])
        second = new_test_user(
            self.env, "test_second_lp", "retail_ops_core.group_loss_prevention"
        )
        request = self._request_of(self._write_off())
        request.with_user(self.loss_prevention).action_ask("Which shelf?")
        request.with_user(self.manager).action_answer("The third")
        request.with_user(second).action_reassign(self.loss_prevention.id, "His")
        request.step_ids.filtered("region_level")._escalate()
        request.step_ids[0]._escalate()
        self._approve(request, self.loss_prevention)
        request.with_user(self.region_manager).action_reject("Count again")
        self.assertEqual(
            self._actions(request),
            [
                "approval.requested",
                "approval.question",
                "approval.answer",
                "approval.reassigned",
                "approval.escalated",
                "approval.decision",
                "approval.decision",
                "approval.decided",
            ],
        )

    def test_withdrawing_and_lapsing_are_entries(self):
        withdrawn = self._request_of(self._write_off())
        withdrawn.with_user(self.manager).action_withdraw()
        self.assertIn("approval.withdrawn", self._actions(withdrawn))
        exception = self._write_off()
        lapsed = self._request_of(exception)
        exception.with_user(self.manager).counted_quantity = 0
        self.assertIn("approval.lapsed", self._actions(lapsed))

    def test_a_delegation_its_use_and_its_end_are_entries(self):
        delegation = self._delegate()
        request = self._request_of(self._write_off())
        self._approve(request, self.country_manager)
        delegation.with_user(self.region_manager).action_revoke()
        self.assertEqual(
            self._actions(delegation),
            ["approval.delegation.made", "approval.delegation.revoked"],
        )
        decision = self._entries(request).filtered(
            lambda entry: entry.action == "approval.decision"
        )
        self.assertEqual(decision.facts["on_behalf_of_id"], self.region_manager.id)
        self.assertEqual(decision.user_id, self.country_manager.id)

    def test_changes_of_the_policy_are_entries(self):
        policy = self._publish_policy([{"steps": ["region"]}])
        policy.with_user(self.admin).owner_id = self.operations
        self.assertIn("approval.policy.published", self._actions(policy))
        owner = self._entries(policy).filtered(
            lambda entry: entry.action == "approval.policy.owner"
        )
        self.assertEqual(owner.facts["to"], self.operations.id)
        draft = self._draft_policy([{"steps": ["region"]}])
        kept = draft.id
        draft.unlink()
        removed = self.env["retail.audit.entry"].search(
            [("action", "=", "approval.draft.removed"), ("res_id", "=", kept)]
        )
        self.assertEqual(removed.user_id, self.admin.id)

    def test_changes_of_kinds_and_of_who_holds_a_role_are_entries(self):
        kind = (
            self.env["retail.request.kind"]
            .with_user(self.admin)
            .create({"name": "Loans", "code": "loans"})
        )
        kind.identity_amount = 500
        kept = kind.id
        kind.unlink()
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", kind._name), ("res_id", "=", kept)], order="id"
        )
        self.assertEqual(
            entries.mapped("action"),
            ["approval.kind.made", "approval.kind.changed", "approval.kind.removed"],
        )
        self.assertEqual(entries[1].facts["identity_amount"], 500)
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        self.loss_prevention.group_ids = [Command.unlink(group.id)]
        [*_rest, last] = self._entries(self.loss_prevention)
        self.assertEqual(last.action, "approval.role.changed")
        self.assertIn(group.id, last.facts["withdrawn"])

    def test_auditors_export_it(self):
        request = self._request_of(self._write_off())
        entries = self._entries(request).with_user(self.auditor)
        names = ["recorded_at", "user_id", "action", "facts", "digest"]
        [row] = entries.export_data(names)["datas"]
        self.assertEqual(row[2], "approval.requested")
        self.assertEqual(row[4], entries.digest)

    def test_a_decision_that_somebody_altered_raises_a_critical_exception(self):
        request = self._request_of(self._write_off())
        self._approve(request, self.region_manager)
        seals = self.env["retail.audit.seal"]
        while seals._seal_batch():
            pass
        [entry] = self._entries(request).filtered(
            lambda each: each.action == "approval.decision"
        )
        self.env.cr.execute("ALTER TABLE retail_audit_entry DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE retail_audit_entry SET user_id = %s WHERE id = %s",
            [self.finance.id, entry.id],
        )
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_verify").method_direct_trigger()
        raised = self.env["retail.exception"].search(
            [("type_id.code", "=", "ledger_broken")], limit=1
        )
        self.assertEqual(raised.severity, "critical")
        self.assertIn(str(entry.id), raised.reason)
