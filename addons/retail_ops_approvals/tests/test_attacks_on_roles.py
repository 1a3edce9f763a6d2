from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_attacks_by_door import DoorCase


@tagged("post_install", "-at_install")
class TestOwnRoles(DoorCase):
    """Nobody makes himself one of those who decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.duty = cls.env.ref("retail_ops_core.group_loss_prevention")
        cls.rights = new_test_user(
            cls.env, "test_rights", "base.group_user,base.group_erp_manager"
        )

    def _assert_not_in(self, user):
        self.assertNotIn(self.duty, user.all_group_ids)

    def test_a_user_does_not_change_his_groups(self):
        for change in (
            {"group_ids": [[4, self.duty.id]]},
            {"group_ids": [[6, 0, self.duty.ids]]},
            {"role": "group_system"},
        ):
            self._assert_every_door_refuses(
                self.manager, "res.users", "write", self.manager.ids, vals=change
            )
        self._assert_every_door_refuses(
            self.manager,
            "res.groups",
            "write",
            self.duty.ids,
            vals={"user_ids": [[4, self.manager.id]]},
        )
        self._assert_not_in(self.manager)

    def test_who_grants_access_rights_does_not_grant_himself_a_role_that_decides(self):
        self._assert_every_door_refuses(
            self.rights,
            "res.users",
            "write",
            self.rights.ids,
            vals={"group_ids": [[4, self.duty.id]]},
        )
        self._assert_every_door_refuses(
            self.rights,
            "res.groups",
            "write",
            self.duty.ids,
            vals={"user_ids": [[4, self.rights.id]]},
        )
        born = {
            "name": "Backdoor",
            "implied_ids": [[6, 0, self.duty.ids]],
            "user_ids": [[6, 0, self.rights.ids]],
        }
        self._assert_every_door_refuses(
            self.rights, "res.groups", "create", vals_list=[born]
        )
        self._assert_not_in(self.rights)

    def test_what_he_grants_others_stands_in_the_ledger(self):
        done, _answer = self._through(
            "jsonrpc",
            self.rights,
            "res.users",
            "write",
            self.outsider.ids,
            vals={"group_ids": [[4, self.duty.id]]},
        )
        self.assertTrue(done)
        entry = self.env["retail.audit.entry"].search(
            [
                ("action", "=", "approval.role.changed"),
                ("res_id", "=", self.outsider.id),
            ],
            limit=1,
        )
        self.assertEqual(entry.user_id, self.rights.id)
        self.assertIn(self.duty.id, entry.facts["granted"])
        self.assertFalse(entry.facts["by_himself"])

    def test_settings_users_who_do_it_are_found_and_the_owners_hear_of_it(self):
        system = new_test_user(self.env, "test_system", "base.group_system")
        system.group_ids = [Command.link(self.env.ref("base.group_user").id)]
        self.env.flush_all()
        self._through(
            "jsonrpc",
            system,
            "res.users",
            "write",
            system.ids,
            vals={"group_ids": [[4, self.duty.id]]},
        )
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "approval.role.changed"), ("res_id", "=", system.id)],
            limit=1,
        )
        self.assertTrue(entry.facts["by_himself"])
        told = self.env["mail.message"].search(
            [
                ("model", "=", self.policy._name),
                ("res_id", "=", self.policy.id),
                ("body", "like", "gave himself a role"),
            ]
        )
        self.assertIn(self.policy.owner_id.partner_id, told.partner_ids)

    def test_an_administrator_alone_does_not_take_the_control_away(self):
        """Each of these would let him pass for a moment, and be put back after."""
        pair = self.env["retail.approval.incompatibility"].create(
            {
                "group_id": self.duty.id,
                "other_group_id": self.env.ref("retail_ops_core.group_finance").id,
                "reason": "Control handbook 3.2",
            }
        )
        for record, change in (
            (self.discrepancy, {"approval_kind_id": False}),
            (self.kind, {"model_id": False}),
            (self.kind, {"material_fields": "summary"}),
            (self.kind, {"identity_amount": 0}),
            (self.kind, {"needs_evidence": False}),
            (self.kind, {"pair_kind_ids": [[5]]}),
            (self.kind, {"split_days": 0}),
            (pair, {"active": False}),
            (self.region, {"manager_id": self.admin.id}),
            (self.store, {"manager_id": self.admin.id}),
        ):
            self._assert_every_door_refuses(
                self.admin, record._name, "write", record.ids, vals=change
            )
        self._assert_every_door_refuses(self.admin, pair._name, "unlink", pair.ids)
        self._assert_still_pending()

    def test_an_administrator_does_not_put_himself_where_approvers_are_found(self):
        """Nor takes a store or region to where he decides already."""
        own = self.env["retail.region"].create(
            {"name": "Own", "code": "OWN", "manager_id": self.admin.id}
        )
        centre, own_centre = self.env["retail.cost.centre"].create(
            [
                {"name": "Shop", "code": "1", "owner_id": self.finance.id},
                {"name": "Own", "code": "2", "owner_id": self.admin.id},
            ]
        )
        for record, change in (
            (centre, {"owner_id": self.admin.id}),
            (centre, {"owner_id": float(self.admin.id)}),
            (self.store, {"cost_centre_id": own_centre.id}),
            (self.store, {"region_id": own.id}),
            (self.region, {"parent_id": own.id}),
            (own, {"store_ids": [[4, self.store.id, 0]]}),
            (own, {"store_ids": [[1, self.store.id, {"region_id": own.id}]]}),
            (own, {"child_ids": [[4, self.region.id, 0]]}),
        ):
            self._assert_every_door_refuses(
                self.admin, record._name, "write", record.ids, vals=change
            )
        self.assertEqual(centre.owner_id, self.finance)
        born = {"name": "Mine", "code": "3", "owner_id": self.admin.id}
        self._assert_every_door_refuses(
            self.admin, centre._name, "create", vals_list=[born]
        )
        self.assertNotIn(own, self.store.region_id | self.region.parent_id)

    def test_a_case_that_was_asked_about_stays_governed(self):
        self.discrepancy.sudo().approval_kind_id = False
        with self.assertRaises(UserError):
            self.exception._set_resolved("Written off")
        self.assertEqual(self.exception._approval_kind(), self.kind)

    def test_nobody_makes_code_that_runs_as_the_system(self):
        model_id = self.env["ir.model"]._get_id(self.request._name)
        code = "env['retail.approval.request'].sudo().search([])._grant()"
        action = {
            "name": "Approve",
            "model_id": model_id,
            "state": "code",
            "code": code,
            "usage": "ir_actions_server",
        }
        automation = {"name": "Approve", "model_id": model_id, "trigger": "on_write"}
        job = {**action, "usage": "ir_cron", "interval_number": 1}
        for user in (self.admin, self.manager, self.rights):
            for model, born in (
                ("ir.actions.server", action),
                ("base.automation", automation),
                ("ir.cron", job),
            ):
                self._assert_every_door_refuses(user, model, "create", vals_list=[born])
        shipped = self.env.ref("retail_ops_approvals.server_action_approve")
        self._assert_every_door_refuses(
            self.admin,
            "ir.actions.server",
            "write",
            shipped.ids,
            vals={"code": "records.sudo()._grant()"},
        )
        self._assert_still_pending()

    def test_a_shipped_server_action_gives_nobody_another_right(self):
        action = self.env.ref("retail_ops_approvals.server_action_approve")
        context = {
            "active_model": self.request._name,
            "active_id": self.request.id,
            "active_ids": self.request.ids,
        }
        for user in (self.manager, self.operations):
            self._assert_every_door_refuses(
                user, "ir.actions.server", "run", action.ids, context=context
            )
        self._assert_still_pending()

    def test_nobody_archives_who_decides_or_gives_himself_break_glass(self):
        group = self.env.ref("retail_ops_approvals.group_break_glass")
        self._assert_every_door_refuses(
            self.manager,
            "res.users",
            "write",
            self.region_manager.ids,
            vals={"active": False},
        )
        self._assert_every_door_refuses(
            self.rights,
            "res.groups",
            "write",
            group.ids,
            vals={"user_ids": [[4, self.rights.id]]},
        )
        self.assertTrue(self.region_manager.active)


@tagged("post_install", "-at_install")
class TestHistoryStands(DoorCase):
    """Holes seven to ten of the open peer: definitions change, decisions do not."""

    def setUp(self):
        super().setUp()
        self._approve(self.request, self.region_manager)
        self.env.flush_all()

    def _trace(self):
        request = self.request
        return (
            request.rule_line,
            request.snapshot,
            request.policy_version,
            request.step_ids.mapped("name"),
            request.decision_ids.mapped(lambda each: (each.user_id.id, each.verdict)),
        )

    def test_renaming_and_reassigning_changes_no_past_decision(self):
        before = self._trace()
        role = self.env.ref("retail_ops_core.group_loss_prevention")
        role.name = "Something else"
        self.region.manager_id = self.country_manager
        self.kind.sudo().sequence = 99
        self._publish_policy([{"steps": ["region"]}])
        self.env.invalidate_all()
        self.assertEqual(self._trace(), before)

    def test_what_decisions_rest_on_is_not_deleted(self):
        role = self.env.ref("retail_ops_core.group_loss_prevention")
        for part in (
            self.policy,
            self.request.rule_id,
            self.request.rule_id.step_ids,
            self.kind,
            self.request.step_ids,
            self.request.decision_ids,
        ):
            self._assert_every_door_refuses(self.admin, part._name, "unlink", part.ids)
        system = new_test_user(self.env, "test_system", "base.group_system")
        self._assert_every_door_refuses(system, "res.groups", "unlink", role.ids)
        self._assert_every_door_refuses(
            system, "res.users", "unlink", self.region_manager.ids
        )

    def test_asking_again_keeps_what_was_decided_before(self):
        first, decisions = self.request, self.request.decision_ids
        self.request.with_user(self.loss_prevention).action_reject("Count again")
        self.exception.with_user(self.manager).action_request_approval()
        self.assertEqual(len(self.exception.approval_request_ids), 2)
        self.assertEqual(first.decision_ids & decisions, decisions)
        self.assertEqual(first.state, "rejected")
        self.assertFalse(self._request_of(self.exception).decision_ids)
