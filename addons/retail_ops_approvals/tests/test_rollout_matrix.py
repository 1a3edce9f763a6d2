from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.retail_ops_core.tests.rollout_common import RolloutCase

from .common import ApprovalCase
from .common_rpc import RpcCase


@tagged("post_install", "-at_install")
class TestMatrixInWaves(ApprovalCase, RolloutCase):
    """A write-off of 72.50 and 41 %: the region and loss prevention decide."""

    def setUp(self):
        super().setUp()
        self._put_in_waves()

    def _resolve(self, case, user):
        case = case.with_user(user)
        case.action_start()
        case.sudo()._set_resolved("Written off")

    def test_outside_every_wave_nothing_is_held_and_nothing_noted(self):
        case = self._write_off()
        self.assertFalse(case.approval_request_ids)
        self.assertFalse(case.with_user(self.manager).can_request_approval)
        self._resolve(case, self.manager)
        self.assertEqual(case.state, "resolved")
        self.assertFalse(self._shadow_of(case))

    def test_in_a_live_wave_the_matrix_holds_as_ever(self):
        self._wave(self.store, "live")
        case = self._write_off()
        self.assertEqual(self._request_of(case).state, "pending")
        with self.assertRaisesRegex(UserError, "waits for an approval"):
            case._set_resolved("Written off")
        with self.assertRaises(ValidationError):
            case.write({"state": "resolved"})

    def test_in_shadow_the_route_is_noted_and_nothing_is_held(self):
        self._wave(self.store, "shadow")
        case = self._write_off()
        self.assertFalse(case.approval_request_ids)
        route = self._shadow_of(case).filtered(lambda each: each.subject == "route")
        self.assertEqual(route.proposed_code, "asked")
        self.assertEqual(route.approver_ids, self.region_manager | self.loss_prevention)
        self.assertEqual(route.rule, self.policy.rule_ids[0].line)

    def test_small_amounts_are_noted_as_passing_by_themselves(self):
        self._wave(self.store, "shadow")
        case = self._write_off(counted_quantity=11)
        route = self._shadow_of(case).filtered(lambda each: each.subject == "route")
        self.assertEqual(route.proposed_code, "automatic")
        self._resolve(case, self.manager)
        route.wave_id.action_compare()
        self.assertEqual(route.verdict, "agrees")

    def test_who_did_it_is_compared_with_who_would_have_been_asked(self):
        wave = self._wave(self.store, "shadow")
        alone, asked = self._write_off(), self._write_off()
        self._resolve(alone, self.manager)
        asked.with_user(self.region_manager).action_start()
        asked.with_user(self.region_manager).sudo()._set_resolved("Looked at it.")
        wave.action_compare()
        routes = {
            case: self._shadow_of(case).filtered(lambda each: each.subject == "route")
            for case in (alone, asked)
        }
        self.assertEqual(routes[alone].verdict, "differs")
        self.assertIn(self.manager.name, routes[alone].explanation)
        self.assertEqual(routes[asked].verdict, "agrees")

    def test_what_was_given_up_is_neither_unfinished_nor_compared(self):
        wave = self._wave(self.store, "shadow")
        case = self._write_off()
        wave.action_compare()
        self.assertEqual(wave.open_count, len(self._shadow_of(case)))
        case.with_user(self.manager).sudo()._set_cancelled("Nothing was missing.")
        wave.action_compare()
        verdicts = set(self._shadow_of(case).mapped("verdict"))
        self.assertEqual(verdicts, {"dropped"})
        self.assertEqual((wave.open_count, wave.compared_count), (0, 0))

    def test_outside_live_waves_nothing_is_a_breach(self):
        outside = self._write_off()
        self._resolve(outside, self.manager)
        wave = self._wave(self.store, "shadow")
        watched, unseen = self._write_off(), self._write_off()
        self._resolve(watched, self.manager)
        self._finish_unseen(unseen)
        for case in (outside, watched, unseen):
            self.assertFalse(self._is_breach(case))
        wave.sudo().state = "live"
        for case in (outside, watched):
            self.assertEqual(case.approval_gate, "free")
            self.assertFalse(self._is_breach(case))

    def test_what_was_finished_behind_a_live_wave_stays_a_breach(self):
        wave = self._wave(self.store, "live")
        case = self._write_off()
        self._finish_unseen(case)
        self.assertTrue(self._is_breach(case))
        wave.action_roll_back("Start over.")
        wave.with_user(self.second_admin).action_agree()
        self.assertTrue(self._is_breach(case))

    def test_acting_everywhere_makes_no_breach_of_what_was_free_before(self):
        loaded = self._write_off()
        self._finish_unseen(loaded, at=fields.Datetime.now() - timedelta(days=1))
        self.workflow.with_user(self.admin).action_act_everywhere("It works.")
        self.assertFalse(self._is_breach(loaded))

    def test_going_in_waves_hides_no_breach_of_before(self):
        self.workflow.with_user(self.admin).action_act_everywhere("It works.")
        case = self._write_off()
        self._finish_unseen(case)
        self._put_in_waves()
        self.assertTrue(self._is_breach(case))

    def test_moving_a_case_to_another_store_does_not_free_it(self):
        self._wave(self.store, "live")
        case = self._write_off()
        case.with_user(self.manager).store_id = self.other_store
        with self.assertRaises(UserError):
            case._set_resolved("Written off")

    def test_going_back_lets_go_of_what_is_held(self):
        wave = self._wave(self.store, "live")
        case = self._write_off()
        request = self._request_of(case)
        wave.action_back_to_shadow("The limits are wrong.")
        self.assertEqual((wave.state, request.state), ("live", "pending"))
        wave.with_user(self.second_admin).action_agree()
        self.assertEqual((wave.state, request.state), ("shadow", "withdrawn"))
        self.assertEqual(case.state, "in_progress")
        case._set_resolved("Written off")
        self.assertEqual(case.state, "resolved")

    def test_one_alone_does_not_take_back_what_holds_documents(self):
        wave = self._wave(self.store, "live")
        case = self._write_off()
        for step in ("back_to_shadow", "roll_back"):
            getattr(wave, f"action_{step}")("It is in my way.")
            with self.assertRaisesRegex(UserError, "another agrees"):
                wave.action_agree()
            wave.action_stay()
            with self.assertRaisesRegex(UserError, "another agrees"):
                wave.with_user(self.second_admin).action_agree()
        self.assertEqual(wave.state, "live")
        with self.assertRaisesRegex(UserError, "waits for an approval"):
            case._set_resolved("Written off")

    def test_the_ledger_names_who_asked_and_who_agreed_to_take_a_wave_back(self):
        wave = self._wave(self.store, "live")
        wave.action_roll_back("Start over.")
        wave.with_user(self.second_admin).action_agree()
        entries = self._ledger_of(wave)
        asked = entries.filtered(lambda each: each.action == "rollout.back_asked")
        moved = entries.filtered(lambda each: each.action == "rollout.wave")[:1]
        self.assertEqual(asked.user_id, self.admin.id)
        self.assertEqual(moved.facts["to"], "rolled_back")
        self.assertEqual(
            (moved.user_id, moved.facts["asked_by"]),
            (self.second_admin.id, self.admin.id),
        )
        self.assertFalse(wave.asked_by_id)

    def test_who_could_agree_is_told_and_who_has_nobody_hears_it(self):
        wave = self._wave(self.store, "live")
        wave.action_roll_back("Start over.")
        told = self.env["mail.message"].search(
            [("model", "=", wave._name), ("res_id", "=", wave.id)]
        )
        self.assertIn(self.second_admin.partner_id, told.notified_partner_ids)
        wave.action_stay()
        administrators = self.env.ref("retail_ops_core.group_admin").all_user_ids
        (administrators - self.admin).active = False
        with self.assertRaisesRegex(UserError, "second administrator"):
            wave.action_roll_back("Start over.")

    def test_a_wave_that_holds_nothing_goes_back_at_once(self):
        wave = self._wave(self.store, "shadow")
        wave.action_roll_back("Another month.")
        self.assertEqual(wave.state, "rolled_back")

    def test_acting_everywhere_again_holds_in_every_store(self):
        case = self._write_off()
        self.workflow.with_user(self.admin).action_act_everywhere("It works.")
        with self.assertRaisesRegex(UserError, "needs an approval"):
            case._set_resolved("Written off")

    def test_other_kinds_are_held_as_ever(self):
        cash = self.env.ref("retail_ops_core.type_cash_over_short")
        cash.approval_kind_id = self.kind.copy(
            {"code": "test_cash", "name": "Cash", "workflow_id": False}
        )
        case = self._write_off(type_id=cash.id, amount=500, product_id=False)
        with self.assertRaises(UserError):
            case._set_resolved("Written off")

    def test_a_preview_says_that_nobody_is_asked(self):
        case = self._write_off()
        self.assertEqual(case.with_user(self.manager).approval_preview(), {})

    def test_a_store_request_is_decided_wherever_it_is_asked(self):
        request = self.env["retail.request"].create(
            {
                "kind_id": self.env.ref(
                    "retail_ops_approvals.kind_stock_correction"
                ).id,
                "store_id": self.store.id,
                "summary": "Correct a count",
                "reason": "Counted twice",
            }
        )
        self.assertEqual(request._approval_binding(), request)

    def test_no_kind_is_taken_into_waves_by_one_alone(self):
        self.admin.group_ids |= self.env.ref("base.group_system")
        price = self.env.ref("retail_ops_approvals.kind_price_change")
        with self.assertRaisesRegex(UserError, "in waves"):
            price.with_user(self.admin).workflow_id = self.workflow
        with self.assertRaisesRegex(UserError, "in waves"):
            self.kind.with_user(self.admin).workflow_id = False

    def test_no_context_key_moves_a_case_out_of_a_live_wave(self):
        self._wave(self.store, "live")
        case = self._write_off().with_context(stage="shadow", mode="waves", live=False)
        with self.assertRaises(UserError):
            case._set_resolved("Written off")

    def test_a_kind_without_policy_keeps_a_wave_from_going_live(self):
        wave = self._wave(self.store, "shadow")
        wave.action_check_gates()
        gate = wave.gate_ids.filtered(lambda each: each.code == "controls")
        self.assertEqual(gate.verdict, "fail")
        self.assertIn("Stock correction", gate.evidence)


@tagged("post_install", "-at_install")
class TestMatrixAttacks(RolloutCase, RpcCase):
    def test_stores_and_regions_cannot_suspend_a_hold_over_rpc(self):
        case = self._write_off()
        kind, workflow = self.kind, self.workflow
        for user in (self.manager, self.region_manager):
            self._login(user)
            self._assert_refused(
                workflow._name, "action_ask_for_waves", workflow.ids, "Because."
            )
            self._assert_refused(
                workflow._name, "write", workflow.ids, {"mode": "waves"}
            )
            self._assert_refused(kind._name, "write", kind.ids, {"workflow_id": False})
            self._assert_refused(
                "retail.rollout.wave", "create", {"name": "Mine", "state": "live"}
            )
        with self.assertRaises(UserError):
            case._set_resolved("Written off")

    def test_nobody_notes_over_rpc_that_a_breach_was_free(self):
        case = self._write_off()
        self._finish_unseen(case)
        free = {"approval_gate": "free"}
        self._login(self.manager)
        self._assert_refused(case._name, "write", case.ids, free)
        values = {"type_id": case.type_id.id, "store_id": self.store.id, **free}
        self._assert_refused(case._name, "create", {"summary": "Mine", **values})
        self._login(self.admin)
        self._assert_refused(case._name, "write", case.ids, free)
        later = {"approval_since": "2030-01-01 00:00:00"}
        self._assert_refused(case.type_id._name, "write", case.type_id.ids, later)
        self.assertTrue(self._is_breach(case))

    def test_an_administrator_frees_nothing_alone_over_rpc(self):
        self._put_in_waves()
        wave = self._wave(self.store, "live")
        case = self._write_off()
        self._login(self.admin)
        for method in ("action_roll_back", "action_back_to_shadow"):
            self._call(wave._name, method, wave.ids, "Mine is in there.")
            self._assert_refused(wave._name, "action_agree", wave.ids)
        for values in (
            {"asked_by_id": self.second_admin.id},
            {"asked_step": "roll_back", "asked_reason": "Because."},
            {"state": "shadow"},
            {"store_ids": [[5, 0, 0]]},
            {"workflow_ids": [[5, 0, 0]]},
        ):
            self._assert_refused(wave._name, "write", wave.ids, values)
        self._assert_refused(wave._name, "unlink", wave.ids)
        wave.invalidate_recordset()
        self.assertEqual((wave.state, wave.asked_by_id), ("live", self.admin))
        with self.assertRaisesRegex(UserError, "waits for an approval"):
            case._set_resolved("Written off")
