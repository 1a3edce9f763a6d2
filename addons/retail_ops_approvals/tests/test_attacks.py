from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_rpc import RpcCase


@tagged("post_install", "-at_install")
class TestAttacks(RpcCase):
    """What a user could try over RPC, tried as that user over real HTTP."""

    def setUp(self):
        super().setUp()
        self.exception = self._write_off()
        self.request = self._request_of(self.exception)
        self.env.flush_all()

    def _assert_still_pending(self):
        self.assertEqual(self.request.state, "pending")
        self.assertEqual(self.exception.state, "waiting")
        self.assertFalse(self.exception.resolution)

    # === THE REQUEST === #

    def test_a_request_cannot_be_created_approved(self):
        values = self.request.copy_data()[0] | {
            "state": "approved",
            "requester_id": self.finance.id,
        }
        values = {key: values[key] for key in ("state", "requester_id", "res_id")}
        for user in (self.manager, self.loss_prevention, self.admin):
            self._login(user)
            self._assert_refused("retail.approval.request", "create", [values])

    def test_a_requests_state_amount_and_people_cannot_be_written(self):
        for user in (self.manager, self.loss_prevention, self.admin):
            self._login(user)
            for change in (
                {"state": "approved"},
                {"amount": 1},
                {"requester_id": self.finance.id},
                {"fingerprint": "0" * 64},
                {"spent_at": False},
                {"step_ids": [[5]]},
            ):
                self._assert_refused(
                    "retail.approval.request", "write", self.request.ids, change
                )
        self._assert_still_pending()

    def test_requests_steps_and_decisions_cannot_be_deleted_copied_or_imported(self):
        self._approve(self.request, self.region_manager)
        self.env.flush_all()
        parts = (self.request, self.request.step_ids, self.request.decision_ids)
        for user in (self.manager, self.admin):
            self._login(user)
            for part in parts:
                self._assert_refused(part._name, "unlink", part.ids)
                self._assert_refused(part._name, "copy", part.ids[:1])
            answer = self._call(
                "retail.approval.request", "load", ["state"], [["approved"]]
            )
            self.assertFalse(answer.get("result", {}).get("ids"))
        self.assertTrue(all(part.exists() == part for part in parts))

    def test_a_decision_in_anothers_name_cannot_be_written(self):
        step = self.request.step_ids[0]
        forged = {
            "request_id": self.request.id,
            "step_id": step.id,
            "user_id": self.region_manager.id,
            "verdict": "approved",
        }
        for user in (self.manager, self.loss_prevention, self.admin):
            self._login(user)
            self._assert_refused("retail.approval.decision", "create", [forged])
            self._assert_refused(
                "retail.approval.request.step",
                "write",
                step.ids,
                {"state": "approved", "approver_ids": [[4, user.id]]},
            )
        self._assert_still_pending()

    def test_a_decision_cannot_be_changed(self):
        self._approve(self.request, self.region_manager)
        self.env.flush_all()
        decision = self.request.decision_ids
        for user in (self.region_manager, self.admin):
            self._login(user)
            for change in ({"verdict": "rejected"}, {"user_id": self.manager.id}):
                self._assert_refused(decision._name, "write", decision.ids, change)
        self.assertEqual(decision.verdict, "approved")
        self.assertEqual(decision.user_id, self.region_manager)

    # === DECIDING === #

    def test_the_requester_cannot_approve_his_own_request(self):
        self._login(self.manager)
        message = self._assert_refused(
            "retail.approval.request", "action_approve", self.request.ids
        )
        self.assertIn("You asked for this approval", message)
        self._assert_still_pending()

    def test_a_private_method_is_no_way_in(self):
        self._login(self.manager)
        for method in ("_decide", "_grant", "_end", "_open", "_write_decision"):
            self._assert_refused("retail.approval.request", method, self.request.ids)
        self._assert_refused(
            "retail.exception", "_set_resolved", self.exception.ids, "Written off"
        )
        self._assert_still_pending()

    def test_a_client_context_changes_nothing(self):
        self._login(self.manager)
        context = {
            "su": True,
            "uid": self.region_manager.id,
            "default_state": "approved",
            "install_mode": True,
            "skip_validation_check": True,
            "mail_activity_automation_skip": True,
        }
        self._assert_refused(
            "retail.approval.request",
            "action_approve",
            self.request.ids,
            context=context,
        )
        self._assert_refused(
            "retail.exception",
            "write",
            self.exception.ids,
            {"state": "resolved"},
            context=context,
        )
        self._assert_still_pending()

    def test_a_second_decision_of_the_same_person_is_none(self):
        self._login(self.region_manager)
        for _click in range(3):
            answer = self._call(
                "retail.approval.request", "action_approve", self.request.ids
            )
            self.assertTrue(answer["result"])
        self._assert_still_pending()
        self.assertEqual(self.request.decision_count, 1)

    def test_a_context_that_silences_activities_does_not_silence_an_approval(self):
        self._login(self.manager)
        answer = self._call(
            "retail.exception",
            "create",
            [
                {
                    "summary": "Quiet",
                    "store_id": self.store.id,
                    "type_id": self.discrepancy.id,
                    "product_id": self.product.id,
                    "expected_quantity": 12,
                    "counted_quantity": 2,
                }
            ],
            context={"mail_activity_automation_skip": True},
        )
        request = self._request_of(
            self.env["retail.exception"].browse(answer["result"])
        )
        self.assertEqual(
            request.activity_ids.user_id, self.region_manager | self.loss_prevention
        )

    def test_nobody_silences_anothers_activity(self):
        activity = self.request.activity_ids.filtered(
            lambda each: each.user_id == self.region_manager
        )
        for user in (self.manager, self.loss_prevention, self.admin):
            self._login(user)
            self._assert_refused("mail.activity", "unlink", activity.ids)
            change = {"user_id": user.id}
            self._assert_refused("mail.activity", "write", activity.ids, change)
        self.assertTrue(activity.exists())

    # === THE CASE === #

    def test_the_case_cannot_be_resolved_by_any_door(self):
        for user in (self.manager, self.loss_prevention, self.admin):
            self._login(user)
            for change in ({"state": "resolved"}, {"state": "closed"}):
                self._assert_refused(
                    "retail.exception", "write", self.exception.ids, change
                )
            step = self._call(
                "retail.exception.step",
                "create",
                [
                    {
                        "step": "resolve",
                        "exception_ids": [[6, 0, self.exception.ids]],
                        "note": "Written off",
                    }
                ],
            )["result"]
            message = self._assert_refused(
                "retail.exception.step", "action_confirm", step
            )
            self.assertIn("waits for an approval", message)
        self._assert_still_pending()

    def test_a_case_cannot_be_created_resolved_or_copied_so(self):
        self._login(self.manager)
        values = {
            "summary": "Resolved from birth",
            "store_id": self.store.id,
            "type_id": self.discrepancy.id,
            "state": "resolved",
        }
        self._assert_refused("retail.exception", "create", [values])
        self._assert_refused("retail.exception", "unlink", self.exception.ids)

    def test_raised_facts_after_an_approval_need_another(self):
        self._approve(self.request, self.region_manager)
        self.env.flush_all()
        self._login(self.manager)
        for change in (
            {"counted_quantity": 0},
            {"expected_quantity": 1000},
            {"unit_cost": 1000000},
        ):
            answer = self._call("retail.exception", "write", self.exception.ids, change)
            self.assertTrue(answer["result"])
            latest = self._request_of(self.exception)
            self.assertEqual(latest.state, "pending")
            self.assertFalse(latest.decision_ids)
        self.assertEqual(self.request.state, "lapsed")

    def test_the_type_cannot_be_swapped_for_one_without_a_gate(self):
        free = self.env.ref("retail_ops_core.type_equipment_failure")
        self._login(self.manager)
        message = self._assert_refused(
            "retail.exception", "write", self.exception.ids, {"type_id": free.id}
        )
        self.assertIn("raise it again under the right type", message)
        self._assert_still_pending()

    # === THE POLICY === #

    def test_a_published_policy_cannot_be_edited_or_deleted(self):
        rule = self.policy.rule_ids[0]
        self._login(self.admin)
        for part, change in (
            (self.policy, {"name": "Mine"}),
            (self.policy, {"state": "draft"}),
            (self.policy, {"rule_ids": [[1, rule.id, {"amount_min": 1e6}]]}),
            (rule, {"amount_min": 1e6}),
            (rule, {"step_ids": [[5]]}),
            (rule.step_ids[0], {"approver": "store_manager"}),
        ):
            self._assert_refused(part._name, "write", part.ids, change)
            self._assert_refused(part._name, "unlink", part.ids)
        self.assertEqual(rule.amount_min, 50)

    def test_a_store_manager_can_write_neither_policy_nor_kind(self):
        self._login(self.manager)
        for record in (self.policy, self.kind, self.policy.rule_ids[0]):
            self._assert_refused(record._name, "write", record.ids, {"sequence": 1})
        self._assert_refused(
            "retail.exception.type",
            "write",
            self.discrepancy.ids,
            {"approval_kind_id": False},
        )

    # === ANOTHER DOOR === #

    def test_json2_refuses_the_same(self):
        refused = (
            ("retail.approval.request", "write", {"vals": {"state": "approved"}}),
            ("retail.approval.request", "action_approve", {}),
            ("retail.approval.request", "unlink", {}),
        )
        for model, method, body in refused:
            status = self._json2(
                self.manager, model, method, ids=self.request.ids, **body
            )
            self.assertEqual(status, 403, method)
        self._assert_still_pending()

    @mute_logger(
        "odoo.http",
        "odoo.addons.rpc.controllers.jsonrpc",
        "odoo.addons.rpc.controllers.xmlrpc",
    )
    def test_xmlrpc_refuses_the_same(self):
        self.manager.sudo().password = "Correct-Horse-42"
        for method, args in (
            ("write", [self.request.ids, {"state": "approved"}]),
            ("action_approve", [self.request.ids]),
        ):
            with self.assertRaises(Exception) as refused:
                self.xmlrpc_object.execute(
                    self.env.cr.dbname,
                    self.manager.id,
                    "Correct-Horse-42",
                    "retail.approval.request",
                    method,
                    *args,
                )
            self.assertEqual(type(refused.exception).__name__, "Fault")
        self.env.invalidate_all()
        self._assert_still_pending()
