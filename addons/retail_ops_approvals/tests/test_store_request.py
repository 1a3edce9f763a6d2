from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase


class StoreRequestCase(ApprovalCase):
    """Requests of the test store's manager; most kinds ask the regional manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deviation = cls.env.ref("retail_ops_approvals.kind_policy_deviation")
        cls.staffing = cls.env.ref("retail_ops_approvals.kind_staffing_override")
        cls.procurement = cls.env.ref("retail_ops_approvals.kind_local_procurement")
        cls.maintenance = cls.env.ref("retail_ops_approvals.kind_emergency_maintenance")
        cls._publish_rows()

    @classmethod
    def _publish_rows(cls):
        store_manager = cls.env.ref("retail_ops_core.group_store_manager")
        operations = cls.env.ref("retail_ops_core.group_operations")
        finance = cls.env.ref("retail_ops_core.group_finance")
        both = [
            {"approver": "group", "group_id": group.id}
            for group in (operations, finance)
        ]
        own = {"requester_group_ids": [Command.set(store_manager.ids)]}
        buying, repair = (
            {"kind_id": kind.id} for kind in (cls.procurement, cls.maintenance)
        )
        cls._publish_policy(
            [
                {**buying, **own, "amount_max": 50, "outcome": "none"},
                {**buying, "amount_max": 50, "steps": ["store"]},
                {**buying, "amount_max": 500, "steps": ["region"]},
                {**buying, "amount_min": 500, "steps": both},
                {**repair, "is_emergency": True, "steps": ["region"]},
                {**repair, "steps": [{"approver": "region_manager"}, both[0]]},
                {"kind_id": cls.deviation.id, "steps": ["region"]},
                {
                    "kind_id": cls.staffing.id,
                    "recurrence_min": 3,
                    "steps": ["region", both[1]],
                },
                {"kind_id": cls.staffing.id, "steps": ["region"]},
            ]
        )

    def _draft(self, kind=None, user=None, **values):
        return (
            self.env["retail.request"]
            .with_user(user or self.manager)
            .create(
                {
                    "kind_id": (kind or self.staffing).id,
                    "store_id": self.store.id,
                    "summary": "Two extra hands",
                    "reason": "Inventory night",
                    "amount": 120,
                    **values,
                }
            )
            .sudo()
        )

    def _ask(self, kind=None, user=None, **values):
        draft = self._draft(kind, user, **values)
        draft.with_user(user or self.manager).action_submit()
        return draft

    def _run(self, job):
        with self.enter_registry_test_mode():
            self.env.ref(f"retail_ops_approvals.{job}").method_direct_trigger()

    def _attach(self, user, name="quote.pdf", content=b"Quote"):
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .create({"name": name, "raw": content, "res_model": "retail.request"})
        )


@tagged("post_install", "-at_install")
class TestStoreRequest(StoreRequestCase):
    def test_who_asked_for_staff_and_who_approved_stand_in_the_ledger(self):
        request = self._request_of(self._ask(self.staffing, self.member))
        for asker in (self.member, self.manager):
            with self.assertRaises(AccessError):
                request.with_user(asker).action_approve()
        self._approve(request, self.region_manager)
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", request._name), ("res_id", "=", request.id)], order="id"
        )
        who = {entry.action: entry.user_id for entry in entries}
        self.assertEqual(who["approval.requested"], self.member.id)
        self.assertEqual(who["approval.decision"], self.region_manager.id)

    def test_what_a_store_needs_goes_to_whom_the_matrix_names_and_is_then_done(self):
        asked = self._ask()
        self.assertRegex(asked.name, r"^REQ/\d{4}/\d{5}$")
        self.assertEqual(asked.state, "waiting")
        request = self._request_of(asked)
        self.assertEqual(request.step_ids.approver_ids, self.region_manager)
        self._approve(request, self.region_manager)
        self.assertEqual(asked.state, "approved")
        self.assertEqual(request.act_state, "queued")
        self.assertFalse(request.spent_at)
        self._run("cron_act")
        self.assertEqual(asked.state, "done")
        self.assertEqual(request.act_state, "done")
        self.assertTrue(request.spent_at)

    def test_a_rejection_gives_it_back_and_it_can_be_corrected(self):
        asked = self._ask()
        self._request_of(asked).with_user(self.region_manager).action_reject("Too many")
        self.assertEqual(asked.state, "refused")
        self.assertIn("by Region Manager: Too many", asked.approval_text)
        asked.with_user(self.manager).amount = 60
        asked.with_user(self.manager).action_submit()
        self.assertEqual(self._request_of(asked).amount, 60)
        self._approve(self._request_of(asked), self.region_manager)
        self.assertEqual(asked.state, "approved")

    def test_a_managers_small_need_passes_by_an_explicit_row(self):
        asked = self._ask(self.procurement, amount=40)
        self.assertTrue(self._request_of(asked).is_automatic)
        self.assertEqual(asked.state, "approved")

    def test_the_same_need_of_a_team_member_is_decided_by_the_manager_alone(self):
        asked = self._ask(self.procurement, self.member, amount=40)
        request = self._request_of(asked)
        self.assertEqual(request.step_ids.approver_ids, self.manager)
        self._approve(request, self.manager)
        self.assertEqual(asked.state, "approved")

    def test_a_large_purchase_needs_operations_and_finance(self):
        asked = self._ask(self.procurement, amount=500)
        request = self._request_of(asked)
        self.assertEqual(len(request.step_ids), 2)
        self._approve(request, self.finance)
        self.assertEqual(asked.state, "waiting")
        self._approve(request, self.operations)
        self.assertEqual(asked.state, "approved")

    def test_an_emergency_takes_the_shorter_path(self):
        for is_emergency, count in ((True, 1), (False, 2)):
            asked = self._ask(self.maintenance, is_emergency=is_emergency)
            self.assertEqual(len(self._request_of(asked).step_ids), count)

    def test_what_comes_up_often_asks_more_people(self):
        counts = [len(self._request_of(self._ask()).step_ids) for _time in range(3)]
        self.assertEqual(counts, [1, 1, 2])

    def test_the_stores_risk_can_decide(self):
        buying = {"kind_id": self.procurement.id}
        self._publish_policy(
            [
                {**buying, "store_risk": "3", "steps": ["loss"]},
                {**buying, "steps": ["region"]},
            ]
        )
        request = self._request_of(self._ask(self.procurement))
        self.assertEqual(request.step_ids.approver_ids, self.region_manager)
        self._fail_a_veto()
        request = self._request_of(self._ask(self.procurement))
        self.assertIn(self.loss_prevention, request.step_ids.approver_ids)

    def _fail_a_veto(self):
        items = [
            {"name": "Exits are clear", "due_hours": 1, "is_veto": True},
            {"name": "Lamps work", "due_hours": 2},
        ]
        template = self.env["retail.checklist.template"].create(
            {
                "name": "Fire drill",
                "kind": "once",
                "store_domain": str([("id", "=", self.store.id)]),
                "item_ids": [Command.create(item) for item in items],
            }
        )
        template.action_start_now()
        veto = template.checklist_ids.item_ids.filtered("is_veto")
        veto.sudo()._set_answer("failed", "Pallets stand before the door")
        self.assertEqual(template.checklist_ids.risk, "high")

    # === DEVIATIONS === #

    def test_a_deviation_names_its_scope_and_its_end(self):
        with self.assertRaisesRegex(UserError, "becomes the rule"):
            self._ask(self.deviation)
        past = fields.Datetime.now() - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "has passed"):
            self._ask(self.deviation, scope="No fish on Sundays", date_to=past)

    def test_a_deviation_holds_until_its_end_and_lapses_by_itself(self):
        now = fields.Datetime.now()
        asked = self._ask(
            self.deviation, scope="No fish", date_to=now + timedelta(days=7)
        )
        self._approve(self._request_of(asked), self.region_manager)
        self.assertFalse(asked._holds_now())
        self._run("cron_act")
        self.assertEqual(asked.state, "in_force")
        self.assertTrue(asked._holds_now())
        self.env.cr.execute(
            "UPDATE retail_request SET date_to = %s WHERE id = %s",
            [now - timedelta(minutes=1), asked.id],
        )
        self.env.invalidate_all()
        self.assertFalse(asked._holds_now())
        self._run("cron_end")
        self.assertEqual(asked.state, "ended")

    # === EVIDENCE === #

    def test_demanded_evidence_has_to_be_there_before_it_is_asked(self):
        self.staffing.needs_evidence = True
        asked = self._draft()
        with self.assertRaisesRegex(UserError, "needs evidence"):
            asked.with_user(self.manager).action_submit()
        self.assertFalse(asked.approval_request_ids)
        asked.with_user(self.manager).evidence_ids = self._attach(self.manager)
        asked.with_user(self.manager).action_submit()
        self.assertEqual(asked.state, "waiting")

    def test_a_row_can_demand_it_too(self):
        rule = {"kind_id": self.staffing.id, "needs_evidence": True}
        self._publish_policy([{**rule, "steps": ["region"]}])
        with self.assertRaisesRegex(UserError, "needs evidence"):
            self._ask()

    def test_other_evidence_after_the_approval_is_another_request(self):
        asked = self._draft()
        mine = asked.with_user(self.manager)
        mine.evidence_ids = self._attach(self.manager)
        mine.action_submit()
        request = self._request_of(asked)
        self._approve(request, self.region_manager)
        mine.evidence_ids = self._attach(self.manager, content=b"Another quote")
        self.assertEqual(request.state, "lapsed")
        self.assertEqual(asked.state, "draft")

    def test_a_file_taken_away_stops_what_was_approved(self):
        asked = self._draft()
        mine = asked.with_user(self.manager)
        mine.evidence_ids = self._attach(self.manager)
        mine.action_submit()
        request = self._request_of(asked)
        self._approve(request, self.region_manager)
        asked.evidence_ids.with_user(self.manager).unlink()
        self.assertEqual(request.state, "lapsed")
        self._run("cron_act")
        self.assertEqual(asked.state, "draft")
        self.assertFalse(request.spent_at)

    # === WHO DECIDES === #

    def test_who_wrote_at_it_or_brought_the_evidence_does_not_decide(self):
        asked = self._draft()
        asked.with_user(self.region_manager).amount = 300
        asked.with_user(self.manager).action_submit()
        request = self._request_of(asked)
        self.assertEqual(request.block, "no_people")
        with self.assertRaisesRegex(AccessError, "You wrote at this"):
            self._approve(request, self.region_manager)

    # === CARRYING OUT === #

    def _carry_out(self, code, user=None):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Carry out",
                "model_id": self.env["ir.model"]._get_id("retail.request"),
                "state": "code",
                "code": code,
                "group_ids": [Command.link(self.env.ref("base.group_user").id)],
            }
        )
        self.staffing.action_id = action
        self.staffing.action_user_id = user

    def test_it_is_carried_out_under_the_user_the_kind_names(self):
        self._carry_out("record.message_post(body='Booked')", self.operations)
        asked = self._ask()
        self._approve(self._request_of(asked), self.region_manager)
        self._run("cron_act")
        posted = asked.message_ids.filtered(lambda m: "Booked" in (m.body or ""))
        self.assertEqual(posted.author_id, self.operations.partner_id)

    def test_a_failure_is_visible_owned_and_repeatable(self):
        self.staffing.owner_id = self.finance
        self._carry_out("raise UserError('The planner is closed')", self.operations)
        asked = self._ask()
        request = self._request_of(asked)
        self._approve(request, self.region_manager)
        self._run("cron_act")
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.act_state, "failed")
        self.assertIn("The planner is closed", request.act_error)
        self.assertEqual(request.activity_ids.user_id, self.finance)
        self.assertEqual(asked.state, "approved")
        self.assertFalse(request.spent_at)
        with self.assertRaises(AccessError):
            request.with_user(self.manager).action_act_again()
        self._carry_out("record.message_post(body='Booked')", self.operations)
        request.with_user(self.finance).action_act_again()
        self._run("cron_act")
        self.assertEqual(asked.state, "done")
        self.assertEqual(request.act_count, 2)

    def test_a_named_user_without_the_right_carries_nothing_out(self):
        nobody = new_test_user(self.env, "test_nobody", "base.group_user")
        self._carry_out("record.write({'summary': 'Mine'})", nobody)
        asked = self._ask()
        self._approve(self._request_of(asked), self.region_manager)
        self._run("cron_act")
        self.assertEqual(self._request_of(asked).act_state, "failed")
        self.assertEqual(asked.summary, "Two extra hands")

    def test_it_is_carried_out_once(self):
        self._carry_out("record.message_post(body='Booked')", self.operations)
        asked = self._ask()
        self._approve(self._request_of(asked), self.region_manager)
        self._run("cron_act")
        self._run("cron_act")
        posted = asked.message_ids.filtered(lambda m: "Booked" in (m.body or ""))
        self.assertEqual(len(posted), 1)

    def test_a_lower_amount_reaches_the_document(self):
        asked = self._ask()
        request = self._request_of(asked).with_user(self.region_manager)
        request.action_approve_lower(80, "One person is enough")
        self.assertEqual(asked.granted_amount, 80)
        self.assertEqual(asked.amount, 120)

    def test_only_settings_users_say_who_carries_out_what(self):
        kind = self.staffing.with_user(self.admin)
        for change in ({"action_user_id": self.admin.id}, {"action_id": 1}):
            with self.assertRaises(AccessError):
                kind.write(change)

    # === ATTACKS === #

    def test_the_state_is_written_by_nobody(self):
        asked = self._ask()
        for user in (self.manager, self.operations, self.admin):
            for change in (
                {"state": "done"},
                {"granted_amount": 9999},
                {"editor_ids": [Command.clear()]},
            ):
                with self.assertRaises(AccessError):
                    asked.with_user(user).write(change)
            with self.assertRaises(AccessError):
                self._draft(user=user, state="approved")
            with self.assertRaises(AccessError):
                asked.with_user(user).unlink()
        with self.assertRaisesRegex(AccessError, "was not approved"):
            asked.state = "done"
            self.env.flush_all()

    def test_a_change_while_it_waits_or_after_it_was_approved_voids_it(self):
        for change in ({"amount": 9999}, {"summary": "A car"}, {"scope": "All"}):
            asked = self._ask()
            request = self._request_of(asked)
            self._approve(request, self.region_manager)
            asked.with_user(self.manager).write(change)
            self.assertEqual(request.state, "lapsed")
            self.assertEqual(asked.state, "draft")
            self._run("cron_act")
            self.assertEqual(asked.state, "draft")

    def test_what_is_done_stands(self):
        asked = self._ask()
        self._approve(self._request_of(asked), self.region_manager)
        self._run("cron_act")
        for change in ({"amount": 9999}, {"reason": "Other"}):
            with self.assertRaisesRegex(UserError, "stands as it is"):
                asked.with_user(self.manager).write(change)

    def test_a_copy_is_a_draft_of_its_own(self):
        asked = self._ask()
        self._approve(self._request_of(asked), self.region_manager)
        copy = asked.with_user(self.manager).copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.sudo().approval_request_ids)
        self.assertNotEqual(copy.name, asked.name)

    def test_other_stores_requests_are_not_seen(self):
        asked = self._ask()
        self.assertFalse(asked.with_user(self.far_manager).has_access("read"))
        self.assertTrue(asked.with_user(self.region_manager).has_access("read"))
        self.assertTrue(asked.with_user(self.auditor).has_access("read"))
        self.assertFalse(asked.with_user(self.auditor).has_access("write"))
        with self.assertRaises(AccessError):
            self._draft(store_id=self.far_store.id)

    def test_cancelling_withdraws_what_waits(self):
        asked = self._ask()
        asked.with_user(self.manager).action_cancel()
        self.assertEqual(asked.state, "cancelled")
        self.assertEqual(self._request_of(asked).state, "withdrawn")
