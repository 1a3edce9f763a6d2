from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase
from .test_store_request import StoreRequestCase


@tagged("post_install", "-at_install")
class TestBreakGlass(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "retail_ops_core.group_operations,"
        groups += "retail_ops_approvals.group_break_glass"
        cls.first = new_test_user(cls.env, "test_first", groups)
        cls.second = new_test_user(cls.env, "test_second", groups)

    def setUp(self):
        super().setUp()
        self.exception = self._write_off()
        self.request = self._request_of(self.exception)

    def _propose(self, user=None):
        asked = self.request.with_user(user or self.first)
        asked.action_break_glass("The freezer is down and nobody answers")

    def _confirm(self, user=None):
        self.request.with_user(user or self.second).action_confirm_break()

    def test_two_people_release_it_and_it_is_reviewed_afterwards(self):
        self._propose()
        self.assertEqual(self.request.state, "pending")
        self._confirm()
        self.assertEqual(self.request.state, "approved")
        self.assertTrue(self.request.is_override)
        self.assertEqual(self.exception.state, "resolved")
        self.assertEqual(self.request.review_state, "due")
        self.assertEqual(self.request.activity_ids.user_id, self.request.owner_id)
        self.request.with_user(self.request.owner_id).action_review_right("It was so")
        self.assertEqual(self.request.review_state, "fine")
        self.assertFalse(self.request.activity_ids)

    def test_it_is_all_in_the_ledger(self):
        self._propose()
        self._confirm()
        self.request.with_user(self.request.owner_id).action_review_breach("Why?")
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", self.request._name), ("res_id", "=", self.request.id)],
            order="id",
        )
        self.assertEqual(
            entries.mapped("action"),
            [
                "approval.requested",
                "approval.override.proposed",
                "approval.override.confirmed",
                "approval.decided",
                "approval.reviewed",
            ],
        )
        self.assertEqual(
            entries.mapped("user_id")[1:3], [self.first.id, self.second.id]
        )

    def test_one_person_alone_releases_nothing(self):
        self._propose()
        with self.assertRaisesRegex(AccessError, "a second person"):
            self._confirm(self.first)
        with self.assertRaisesRegex(UserError, "proposed already"):
            self._propose(self.second)
        self.assertEqual(self.request.state, "pending")

    def test_it_takes_the_role_and_no_hand_in_the_case(self):
        for user in (self.manager, self.operations, self.region_manager, self.admin):
            with self.assertRaises(AccessError):
                self._propose(user)
        self.exception._assign(self.first)
        with self.assertRaisesRegex(AccessError, "You work on this case"):
            self._propose()
        group = self.env.ref("retail_ops_approvals.group_break_glass")
        self.manager.group_ids = [Command.link(group.id)]
        with self.assertRaisesRegex(AccessError, "You asked for this approval"):
            self._propose(self.manager)

    def test_a_proposal_that_nobody_confirms_within_the_hour_is_void(self):
        self._propose()
        self.request.override_ids.expires_at = fields.Datetime.now() - timedelta(
            seconds=1
        )
        with self.assertRaisesRegex(UserError, "propose it again"):
            self._confirm()
        self._propose(self.second)
        self._confirm(self.first)
        self.assertEqual(self.request.state, "approved")

    def test_a_release_lapses_when_it_is_not_used_in_time(self):
        self.kind.break_glass_hours = 4
        self.discrepancy.root_cause_required = True
        self._propose()
        self._confirm()
        until = fields.Datetime.add(self.request.decided_at, hours=4)
        self.assertEqual(self.request.valid_until, until)

    def test_a_release_that_nobody_used_is_reviewed_all_the_same(self):
        self.discrepancy.root_cause_required = True
        self._propose()
        self._confirm()
        self.request._end("lapsed", "Nobody used it")
        self.assertEqual(self.request.state, "lapsed")
        self.assertEqual(self.request.review_state, "due")
        self.assertEqual(self.request.activity_ids.user_id, self.request.owner_id)

    def test_an_overdue_review_is_seen_and_the_owners_are_reminded_once(self):
        self.kind.review_days = 2
        self._propose()
        self._confirm()
        asked = self.request.decided_at
        self.assertEqual(self.request.review_due_at, asked + timedelta(days=2))
        self.assertFalse(self.request.is_review_overdue)
        self.request.review_due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.assertTrue(self.request.is_review_overdue)
        for _time in range(2):
            with self.enter_registry_test_mode():
                job = self.env.ref("retail_ops_approvals.cron_review_overdue")
                job.method_direct_trigger()
        entries = self.env["retail.audit.entry"].search(
            [
                ("action", "=", "approval.review.overdue"),
                ("res_id", "=", self.request.id),
            ]
        )
        self.assertEqual(len(entries), 1)
        notices = self.env["mail.message"].search(
            [
                ("model", "=", self.request._name),
                ("res_id", "=", self.request.id),
                ("partner_ids", "in", self.request.owner_id.partner_id.ids),
            ]
        )
        self.assertIn("overdue", "".join(notices.mapped("body")))

    def test_who_decided_a_step_does_not_release_the_rest(self):
        group = self.env.ref("retail_ops_approvals.group_break_glass")
        self.loss_prevention.group_ids = [Command.link(group.id)]
        self._approve(self.request, self.loss_prevention)
        with self.assertRaisesRegex(AccessError, "decided about"):
            self._propose(self.loss_prevention)

    def test_roles_that_must_not_meet_do_not_release_together(self):
        self.second.group_ids = [
            Command.link(self.env.ref("retail_ops_core.group_finance").id),
            Command.unlink(self.env.ref("retail_ops_core.group_operations").id),
        ]
        self.env["retail.approval.incompatibility"].create(
            {
                "group_id": self.env.ref("retail_ops_core.group_operations").id,
                "other_group_id": self.env.ref("retail_ops_core.group_finance").id,
                "reason": "Control handbook 3.2",
            }
        )
        self._propose()
        self.request.with_user(self.admin).invalidate_recordset()
        with self.assertRaises(AccessError):
            self._confirm()
        self.assertEqual(self.request.state, "pending")

    def test_what_changed_meanwhile_is_not_released(self):
        self._propose()
        self.exception.with_user(self.manager).counted_quantity = 0
        with self.assertRaises(AccessError):
            self._confirm()
        self.assertEqual(self.request.state, "lapsed")

    def test_who_had_a_hand_in_it_does_not_review(self):
        self._propose()
        self._confirm()
        group = self.env.ref("retail_ops_core.group_admin")
        for user in (self.first, self.second, self.manager):
            user.group_ids = [Command.link(group.id)]
            with self.assertRaisesRegex(AccessError, "somebody else has to review"):
                self.request.with_user(user).action_review_right("Fine")
        self.assertEqual(self.request.review_state, "due")

    def test_a_release_is_written_by_nobody(self):
        self._propose()
        override = self.request.override_ids
        for user in (self.first, self.admin):
            with self.assertRaises(AccessError):
                override.with_user(user).write({"second_user_id": self.second.id})
        self._confirm()
        with self.assertRaises(AccessError):
            override.reason = "Other"
        with self.assertRaises(AccessError):
            override.unlink()

    def test_the_dialog_proposes_too(self):
        dialog = self.request.with_user(self.first).action_break_glass()
        self.env["retail.approval.dialog"].with_user(self.first).with_context(
            **dialog["context"]
        ).create({"text": "It cannot wait"}).action_confirm()
        self.assertEqual(self.request.override_ids.user_id, self.first)


@tagged("post_install", "-at_install")
class TestReview(StoreRequestCase):
    def test_an_emergency_on_the_shorter_path_is_looked_at_again(self):
        for is_emergency, review in ((True, "due"), (False, False)):
            asked = self._ask(self.maintenance, is_emergency=is_emergency)
            request = self._request_of(asked)
            self._approve(request, *request.step_ids.approver_ids[:2])
            self.assertEqual(request.review_state, review)


@tagged("post_install", "-at_install")
class TestRoles(StoreRequestCase):
    def _keep_apart(self, one, other):
        return (
            self.env["retail.approval.incompatibility"]
            .with_user(self.admin)
            .create(
                {
                    "group_id": self.env.ref(f"retail_ops_core.group_{one}").id,
                    "other_group_id": self.env.ref(f"retail_ops_core.group_{other}").id,
                    "reason": "Control handbook 3.2",
                }
            )
        )

    def test_two_incompatible_roles_do_not_both_decide(self):
        request = self._request_of(self._ask(self.procurement, amount=500))
        self._keep_apart("operations", "finance")
        self._approve(request, self.operations)
        self.assertTrue(request.is_blocked)
        with self.assertRaisesRegex(AccessError, "Your roles"):
            self._approve(request, self.finance)
        at_once = self._request_of(self._ask(self.procurement, amount=600))
        self.assertEqual(at_once.block, "no_people")

    def test_what_the_requester_is_counts_too(self):
        self._keep_apart("store_manager", "regional_manager")
        request = self._request_of(self._ask())
        self.assertEqual(request.block, "no_people")
        self.assertIn(
            "incompatible", [out["reason"] for out in request.explanation["left_out"]]
        )

    def test_what_the_system_asked_for_keeps_nobody_apart(self):
        self._publish_policy([{"steps": ["region"]}])
        self._keep_apart("operations", "regional_manager")
        system = self.env.ref("base.user_root")
        system.group_ids |= self.env.ref("retail_ops_core.group_operations")
        request = self._request_of(self._take_in())
        self.assertFalse(request.is_blocked)

    def test_who_holds_both_decides_nothing(self):
        self._keep_apart("operations", "loss_prevention")
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        self.operations.group_ids = [Command.link(group.id)]
        request = self._request_of(self._ask(self.procurement, amount=500))
        with self.assertRaisesRegex(AccessError, "Your roles"):
            self._approve(request, self.operations)

    def test_pairs_are_the_administrators_and_in_the_ledger(self):
        pair = self._keep_apart("operations", "finance")
        with self.assertRaises(AccessError):
            pair.with_user(self.operations).unlink()
        with self.assertRaisesRegex(AccessError, "Settings"):
            pair.with_user(self.admin).active = False
        pair.sudo().active = False
        actions = self.env["retail.audit.entry"].search([("model", "=", pair._name)])
        self.assertIn("approval.incompatibility.changed", actions.mapped("action"))

    def test_who_decided_the_other_half_does_not_decide_this_one(self):
        vendor = self.env["res.partner"].create({"name": "New vendor"})
        onboarding = self.env.ref("retail_ops_approvals.kind_vendor_onboarding")
        onboarding.needs_evidence = False
        self.procurement.pair_kind_ids = onboarding
        groups = [
            {"approver": "group", "group_id": self.env.ref(f"retail_ops_core.{g}").id}
            for g in ("group_operations", "group_finance")
        ]
        self._publish_policy(
            [
                {"kind_id": onboarding.id, "steps": groups[:1]},
                {"kind_id": self.procurement.id, "steps": groups[:1]},
            ]
        )
        admitted = self._request_of(self._ask(onboarding, partner_id=vendor.id))
        self._approve(admitted, self.operations)
        order = self._request_of(self._ask(self.procurement, partner_id=vendor.id))
        with self.assertRaisesRegex(AccessError, "the other half"):
            self._approve(order, self.operations)
        other = self._request_of(self._ask(self.procurement))
        self._approve(other, self.operations)
        self.assertEqual(other.state, "approved")

    def test_a_pair_holds_both_ways_and_for_who_asked(self):
        vendor = self.env["res.partner"].create({"name": "New vendor"})
        onboarding = self.env.ref("retail_ops_approvals.kind_vendor_onboarding")
        onboarding.write({"needs_evidence": False, "pair_kind_ids": False})
        self.procurement.pair_kind_ids = onboarding
        group = self.env.ref("retail_ops_core.group_operations")
        step = {"approver": "group", "group_id": group.id}
        self._publish_policy(
            [
                {"kind_id": onboarding.id, "steps": [step]},
                {"kind_id": self.procurement.id, "steps": [step]},
            ]
        )
        self._ask(self.procurement, self.operations, partner_id=vendor.id)
        admitted = self._request_of(self._ask(onboarding, partner_id=vendor.id))
        with self.assertRaisesRegex(AccessError, "the other half"):
            self._approve(admitted, self.operations)

    def test_who_brought_the_evidence_does_not_decide(self):
        asked = self._ask()
        self.env["ir.attachment"].with_user(self.region_manager).create(
            {"name": "Photo", "raw": b"x", "res_model": "retail.approval.request"}
        )
        request = self._request_of(self._write_off())
        self.env["ir.attachment"].with_user(self.loss_prevention).sudo().create(
            {
                "name": "Photo",
                "raw": b"x",
                "res_model": "retail.exception",
                "res_id": request.res_id,
            }
        )
        with self.assertRaisesRegex(AccessError, "You brought the evidence"):
            self._approve(request, self.loss_prevention)
        self._approve(self._request_of(asked), self.region_manager)


@tagged("post_install", "-at_install")
class TestSplit(StoreRequestCase):
    def test_one_need_cut_in_two_is_shown_on_the_second(self):
        first = self._request_of(self._ask(self.procurement, amount=300))
        second = self._request_of(self._ask(self.procurement, amount=300))
        self.assertFalse(first.is_split)
        self.assertTrue(second.is_split)
        self.assertIn(first.name, second.split_text)
        self.assertIn("600", second.split_text)
        self.assertEqual(second.step_ids.approver_ids, self.region_manager)

    def test_parts_asked_for_in_one_call_see_each_other(self):
        drafts = self._draft(self.procurement, amount=300)
        drafts |= self._draft(self.procurement, amount=300)
        drafts.with_user(self.manager).action_submit()
        first, second = (self._request_of(draft) for draft in drafts)
        self.assertFalse(first.is_split)
        self.assertTrue(second.is_split)

    def test_another_contact_of_the_same_vendor_is_the_same_vendor(self):
        vendor = self.env["res.partner"].create({"name": "V", "is_company": True})
        contact = vendor.create({"name": "Agent", "parent_id": vendor.id})
        for partner, is_split in ((vendor, False), (contact, True)):
            values = {"amount": 300, "partner_id": partner.id}
            asked = self._ask(self.procurement, **values)
            self.assertEqual(self._request_of(asked).is_split, is_split)

    def test_needs_below_the_limit_that_no_one_saw_are_shown(self):
        self._ask(self.procurement, amount=40)
        second = self._request_of(self._ask(self.procurement, amount=40))
        self.assertTrue(second.is_automatic)
        self.assertTrue(second.is_split)

    def test_other_partners_people_stores_and_older_ones_do_not_count(self):
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        self._ask(self.procurement, amount=300)
        for values in (
            {"partner_id": vendor.id},
            {"user": self.member},
            {"store_id": self.other_store.id},
        ):
            other = self._ask(self.procurement, amount=300, **values)
            self.assertFalse(self._request_of(other).is_split, values)
        self.env.cr.execute(
            "UPDATE retail_approval_request"
            " SET requested_at = requested_at - interval '8 days'"
        )
        self.env.invalidate_all()
        later = self._ask(self.procurement, amount=300)
        self.assertFalse(self._request_of(later).is_split)

    def test_within_one_band_nothing_is_shown(self):
        self._ask(self.procurement, amount=60)
        second = self._ask(self.procurement, amount=60)
        self.assertFalse(self._request_of(second).is_split)

    def test_a_row_that_counts_what_was_split_decides_by_the_sum(self):
        buying = {"kind_id": self.procurement.id}
        self._publish_policy(
            [
                {**buying, "amount_max": 500, "steps": ["region"]},
                {
                    **buying,
                    "amount_min": 500,
                    "counts_split": True,
                    "steps": ["region", "loss"],
                },
            ]
        )
        first = self._request_of(self._ask(self.procurement, amount=300))
        second = self._request_of(self._ask(self.procurement, amount=300))
        self.assertEqual(len(first.step_ids), 1)
        self.assertEqual(len(second.step_ids), 2)
        self.assertTrue(second.is_split)
