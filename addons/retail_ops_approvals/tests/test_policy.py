from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestPolicy(ApprovalCase):
    def test_a_fresh_install_has_the_standard_policy_in_force(self):
        shipped = self.env.ref("retail_ops_approvals.policy_standard")
        self.assertTrue(shipped.published_at)
        self.assertFalse(shipped.publisher_id)
        of_kind = shipped.rule_ids.filtered(lambda rule: rule.kind_id == self.kind)
        for role in ("loss_prevention", "finance"):
            new_test_user(self.env, f"second_{role}", f"retail_ops_core.group_{role}")
        for role in ("marketing", "merchandising"):
            for login in (f"first_{role}", f"second_{role}"):
                new_test_user(self.env, login, f"retail_ops_approvals.group_{role}")
        self.assertFalse(shipped._find_problems())
        self.assertEqual(
            of_kind.sorted("sequence").mapped("line"),
            [
                "Stock write-off · 50.00 and more · variance ≥ 20 % → "
                "Regional manager AND Loss prevention",
                "Stock write-off · 10.00 and more · unusual (score ≥ 3.5) → "
                "Regional manager AND Loss prevention",
                "Stock write-off · 50.00 and more → Regional manager",
                "Stock write-off · below 50.00 → No approval needed",
            ],
        )

    def test_nobody_publishes_what_he_wrote(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        with self.assertRaisesRegex(UserError, "somebody else"):
            draft.with_user(self.admin).action_publish()
        self.assertEqual(draft.state, "draft")

    def test_who_changed_a_single_step_is_an_author_too(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        second = self._second_admin()
        draft.rule_ids.step_ids.with_user(second).hours = 2
        with self.assertRaisesRegex(UserError, "somebody else"):
            draft.with_user(second).action_publish()

    def test_publishing_replaces_the_version_before_and_is_in_the_ledger(self):
        before = self.policy
        after = self._publish_policy([{"steps": ["region"]}])
        self.assertEqual(before.state, "superseded")
        self.assertEqual(after.version, before.version + 1)
        entry = self.env["retail.audit.entry"].search(
            [
                ("model", "=", after._name),
                ("res_id", "=", after.id),
                ("action", "=", "approval.policy.published"),
            ]
        )
        self.assertEqual(entry.facts["publisher_id"], self.publisher.id)

    def test_a_published_version_its_rows_and_steps_cannot_be_changed(self):
        rule = self.policy.rule_ids[0]
        parts = (self.policy, rule, rule.step_ids[0])
        changes = ({"name": "Mine"}, {"amount_min": 9999}, {"hours": 99})
        for part, change in zip(parts, changes, strict=True):
            for who in (part.with_user(self.admin), part.sudo()):
                with self.assertRaisesRegex(UserError, "new version"):
                    who.write(change)
                with self.assertRaisesRegex(UserError, "new version"):
                    who.unlink()

    def test_no_row_or_step_can_be_added_to_a_published_version(self):
        rule = self.policy.rule_ids[0]
        with self.assertRaisesRegex(UserError, "new version"):
            rule.with_user(self.admin).copy()
        with self.assertRaisesRegex(UserError, "new version"):
            rule.step_ids[0].with_user(self.admin).copy()
        with self.assertRaisesRegex(UserError, "new version"):
            self.policy.with_user(self.admin).rule_ids = [Command.clear()]

    def test_a_row_cannot_be_moved_between_versions(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        with self.assertRaisesRegex(UserError, "new version"):
            draft.rule_ids.policy_id = self.policy
        with self.assertRaisesRegex(UserError, "new version"):
            self.policy.rule_ids[0].with_user(self.admin).policy_id = draft

    def test_state_and_authors_are_no_fields_to_write(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        for change in (
            {"state": "published"},
            {"author_ids": [Command.clear()]},
            {"publisher_id": self.finance.id},
            {"version": 99},
        ):
            with self.assertRaises(AccessError):
                draft.with_user(self.admin).write(change)

    def test_a_policy_is_not_born_published(self):
        values = {"name": "P", "code": "p", "state": "published"}
        with self.assertRaises(AccessError):
            self.Policy.with_user(self.admin).create(values)
        self.assertEqual(self.Policy.sudo().create(values).state, "draft")

    def test_only_administrators_write_policies(self):
        for user in (self.operations, self.region_manager, self.auditor):
            with self.assertRaises(AccessError):
                self.Policy.with_user(user).create({"name": "P", "code": "p"})
            with self.assertRaises(AccessError):
                self.policy.with_user(user).action_new_version()

    def test_a_row_that_asks_nobody_is_not_published(self):
        draft = self._draft_policy([{"outcome": "steps"}])
        with self.assertRaisesRegex(UserError, "asks nobody"):
            draft.with_user(self._second_admin()).action_publish()

    def test_a_row_without_approval_has_no_steps(self):
        with self.assertRaises(ValidationError):
            self._draft_policy([{"outcome": "none", "steps": ["region"]}])

    def test_two_policies_do_not_rule_the_same_kind(self):
        other = self.Policy.with_user(self.admin).create({"name": "Other", "code": "o"})
        self.env["retail.approval.rule"].with_user(self.admin).create(
            {"policy_id": other.id, "kind_id": self.kind.id, "outcome": "none"}
        )
        with self.assertRaisesRegex(UserError, "one policy decides"):
            other.with_user(self._second_admin()).action_publish()

    def test_a_draft_shows_gaps_rows_that_never_decide_and_empty_roles(self):
        empty = self.env["res.groups"].create({"name": "Nobody's role"})
        draft = self._draft_policy(
            [
                {"amount_min": 50, "steps": ["region"]},
                {
                    "amount_min": 100,
                    "steps": [{"approver": "group", "group_id": empty.id}],
                },
            ]
        )
        for finding in (
            "no row covers 0.00 to 50.00",
            "never decides",
            "Nobody's role",
        ):
            self.assertIn(finding, draft.findings)

    def test_amounts_of_a_finding_are_written_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        draft = self._draft_policy([{"amount_min": 50, "steps": ["region"]}])
        self.assertIn("50,00", draft.with_context(lang="fr_FR").findings)

    def test_a_version_with_a_later_date_waits_for_it(self):
        later = fields.Datetime.now() + timedelta(days=7)
        draft = self._publish_policy([{"outcome": "none"}], effective_from=later)
        self.assertEqual(self.policy.state, "published")
        self.assertEqual(self._request_of(self._write_off()).policy_id, self.policy)
        in_force = self.Policy._in_force(
            self.kind, self.company, later + timedelta(minutes=1)
        )
        self.assertEqual(in_force[self.kind, self.company], draft)

    def test_a_request_under_way_keeps_the_version_it_started_with(self):
        exception = self._write_off()
        request = self._request_of(exception)
        line = request.rule_line
        self._publish_policy([{"outcome": "none"}])
        self.assertEqual(request.policy_id, self.policy)
        self.assertEqual(request.rule_line, line)
        self._approve(request, self.region_manager)
        self.assertEqual(request.state, "pending")
        self._approve(request, self.loss_prevention)
        self.assertEqual(exception.state, "resolved")

    def test_a_new_version_starts_as_a_copy_with_rows_and_steps(self):
        action = self.policy.with_user(self.admin).action_new_version()
        draft = self.Policy.browse(action["res_id"])
        self.assertEqual(
            draft.rule_ids.mapped("line"), self.policy.rule_ids.mapped("line")
        )
        again = self.policy.with_user(self.admin).action_new_version()
        self.assertEqual(again["res_id"], draft.id)

    def _restored(self, old):
        action = old.with_user(self.admin).action_restore_version()
        return self.Policy.browse(action["res_id"])

    def _rows_of(self, policy):
        """Return rows and region variants with their steps, without their ids."""
        rules = policy._all_rules()
        return [
            (rule.kind_id, rule.outcome, rule.needs_evidence, rule.line, rule.allowed)
            + rule._compiled_row()._replace(id=0, base_id=bool(rule.base_id))
            + tuple(rule.step_ids.mapped(self._step_of))
            for rule in rules
        ]

    def _step_of(self, step):
        timed = (step.sequence, step.hours, step.remind_hours, step.escalate)
        return step._label(), *timed

    def _policy_with_a_variant(self):
        limits = {"amount_min_lowest": 30, "amount_min_highest": 100}
        timed = {"approver": "store_manager", "remind_hours": 1.5, "sequence": 5}
        draft = self._draft_policy(
            [
                {
                    "amount_min": 50,
                    "family": "stock",
                    "steps": ["climb", timed],
                    **limits,
                },
                {"outcome": "none"},
            ]
        )
        self.env["retail.approval.rule"].with_user(self.admin).create(
            {
                "base_id": draft.rule_ids[0].id,
                "region_ids": [Command.set(self.region.ids)],
                "amount_min": 80,
            }
        )
        draft.with_user(self._second_admin()).action_publish()
        return draft.sudo()

    def test_a_superseded_version_is_restored_with_its_rows_variants_and_steps(self):
        old = self._policy_with_a_variant()
        between = self._publish_policy([{"steps": ["loss"]}])
        between.with_user(self.admin).owner_id = self.operations
        draft = self._restored(old)
        self.assertEqual((draft.state, draft.version), ("draft", between.version + 1))
        self.assertEqual(draft.change_reason, f"Restores version {old.version}")
        self.assertEqual(draft.owner_id, between.owner_id)
        self.assertEqual(len(draft.rule_ids + draft.variant_ids), 3)
        self.assertEqual(self._rows_of(draft), self._rows_of(old))
        self.assertNotEqual(self._rows_of(draft), self._rows_of(between))

    def test_what_is_restored_is_published_by_somebody_else_and_then_decides(self):
        old = self.policy
        self._publish_policy([{"outcome": "none"}])
        draft = self._restored(old)
        with self.assertRaisesRegex(UserError, "somebody else"):
            draft.with_user(self.admin).action_publish()
        draft.with_user(self._second_admin()).action_publish()
        request = self._request_of(self._write_off())
        self.assertEqual(request.policy_id, draft)
        self.assertEqual(len(request.step_ids), 2)
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", draft._name), ("res_id", "=", draft.id)], order="id"
        )
        self.assertEqual(
            entries.mapped("action"),
            ["approval.policy.restored", "approval.policy.published"],
        )
        self.assertEqual(entries[0].facts["restores"], old.version)
        self.assertEqual(entries[0].user_id, self.admin.id)

    def test_no_version_is_restored_while_a_draft_is_open_and_it_is_named(self):
        old = self.policy
        draft = self._publish_policy([{"outcome": "none"}])
        draft = self.Policy.browse(
            draft.with_user(self.admin).action_new_version()["res_id"]
        )
        with self.assertRaisesRegex(UserError, f"{draft.display_name} is a draft"):
            self._restored(old)
        self.assertTrue(draft.rule_ids)

    def test_only_administrators_restore_and_only_what_was_replaced(self):
        with self.assertRaisesRegex(UserError, "only a superseded version"):
            self._restored(self.policy)
        old = self.policy
        self._publish_policy([{"outcome": "none"}])
        for user in (self.operations, self.region_manager, self.auditor):
            with self.assertRaises(AccessError):
                old.with_user(user).action_restore_version()

    def test_material_fields_have_to_exist_and_a_change_is_in_the_ledger(self):
        with self.assertRaisesRegex(ValidationError, "no field"):
            self.kind.material_fields = "counted_quantity,nonsense"
        with self.assertRaisesRegex(AccessError, "Settings rights"):
            self.kind.with_user(self.admin).material_fields = "counted_quantity"
        self.kind.material_fields = "counted_quantity"
        entry = self.env["retail.audit.entry"].search([], limit=1)
        self.assertEqual(entry.action, "approval.kind.changed")
