from ast import literal_eval
from datetime import timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestClock(ApprovalCase):
    def _run(self, job):
        with self.enter_registry_test_mode():
            self.env.ref(f"retail_ops_approvals.{job}").method_direct_trigger()

    def _make_late(self, steps):
        steps.due_at = fields.Datetime.now() - timedelta(minutes=1)

    def test_hours_are_opening_hours_of_the_store(self):
        request = self._request_of(self._write_off())
        step = request.step_ids.filtered("hours")
        self.assertEqual(step.due_at, self.store._plan_hours([(step.opened_at, 8)])[0])
        self.assertEqual(request.due_at, step.due_at)

    def test_the_activity_menu_opens_what_is_due_in_days_as_well(self):
        request = self._request_of(self._write_off())
        request.activity_ids.date_deadline = fields.Date.today() + timedelta(days=3)
        requests = self.env["retail.approval.request"].with_user(self.region_manager)
        search = etree.fromstring(requests.get_view(view_type="search")["arch"])
        [asked] = search.xpath("//filter[@name='activities_today']")
        found = requests.search(literal_eval(asked.get("domain")))
        self.assertIn(request, found)

    def test_an_overdue_approval_asks_the_next_manager_up_and_says_so(self):
        self._publish_policy([{"steps": ["climb"]}])
        exception = self._write_off()
        request = self._request_of(exception)
        self._make_late(request.step_ids)
        self._run("cron_escalate")
        step = request.step_ids
        self.assertEqual(step.approver_ids, self.region_manager | self.country_manager)
        self.assertGreater(step.due_at, fields.Datetime.now())
        self.assertIn(self.country_manager, request.activity_ids.user_id)
        self.assertIn("is asked as well", "".join(request.message_ids.mapped("body")))
        self.assertTrue(
            self.env["retail.audit.entry"].search_count(
                [("action", "=", "approval.escalated"), ("res_id", "=", request.id)]
            )
        )
        self._approve(request, self.country_manager)
        self.assertEqual(exception.state, "resolved")

    def test_at_the_top_the_policys_owner_hears_of_it_once(self):
        request = self._request_of(self._write_off())
        self._make_late(request.step_ids.filtered("hours"))
        self._run("cron_escalate")
        self._run("cron_escalate")
        owner = request.activity_ids.filtered(
            lambda activity: activity.user_id == request.owner_id
        )
        self.assertEqual(len(owner), 1)
        self.assertEqual(request.step_ids.mapped("is_escalation_over").count(True), 1)

    def test_who_had_a_hand_in_the_case_is_passed_over(self):
        self._publish_policy([{"steps": ["climb"]}])
        exception = self._write_off()
        request = self._request_of(exception)
        exception._assign(self.country_manager)
        self._make_late(request.step_ids)
        self._run("cron_escalate")
        self.assertEqual(request.step_ids.approver_ids, self.region_manager)
        self.assertTrue(request.step_ids.is_escalation_over)

    def test_a_reminder_goes_out_once_and_stands_in_the_history(self):
        request = self._request_of(self._write_off())
        step = request.step_ids[0]
        step.remind_at = fields.Datetime.now() - timedelta(minutes=1)
        self._run("cron_remind")
        self._run("cron_remind")
        reminders = request.message_ids.filtered(
            lambda message: "reminded" in (message.body or "")
        )
        self.assertEqual(len(reminders), 1)

    def _reminders(self, request):
        return request.message_ids.filtered(lambda each: "reminded" in each.body)

    def test_a_reminder_follows_the_hours_of_the_step(self):
        for hours in (1, 2.5):
            step = {"approver": "region_manager", "hours": 8, "remind_hours": hours}
            with freeze_time("2026-03-03 09:00:00"):
                self._publish_policy([{"steps": [step]}])
                request = self._request_of(self._write_off())
            after = timedelta(hours=hours)
            opened = request.step_ids.opened_at
            planned = self.store._plan_hours([(opened, hours)])[0]
            self.assertGreaterEqual(planned - opened, after)
            for moment, count in (
                (planned - timedelta(minutes=1), 0),
                (planned + timedelta(minutes=1), 1),
                (planned + timedelta(hours=1), 1),
            ):
                with freeze_time(moment):
                    self._run("cron_remind")
                self.assertEqual(len(self._reminders(request)), count, (hours, moment))
            self.assertIn("Regional manager", self._reminders(request).body)

    def test_a_step_without_reminder_hours_reminds_nobody(self):
        request = self._request_of(self._write_off())
        self.assertFalse(request.step_ids.filtered("remind_at"))
        with freeze_time(fields.Datetime.now() + timedelta(days=30)):
            self._run("cron_remind")
        self.assertFalse(self._reminders(request))

    def test_nobody_is_reminded_or_escalated_after_a_rejection(self):
        self._publish_policy([{"steps": ["climb"]}])
        request = self._request_of(self._write_off())
        self._make_late(request.step_ids)
        request.with_user(self.region_manager).action_reject("No")
        self._run("cron_escalate")
        self._run("cron_remind")
        self.assertEqual(request.step_ids.approver_ids, self.region_manager)

    def test_later_steps_are_asked_in_their_turn(self):
        self._publish_policy(
            [
                {
                    "steps": [
                        {"approver": "region_manager", "sequence": 1},
                        {
                            "approver": "group",
                            "group_id": self.env.ref(
                                "retail_ops_core.group_finance"
                            ).id,
                            "sequence": 2,
                        },
                    ]
                }
            ]
        )
        exception = self._write_off()
        request = self._request_of(exception)
        self.assertEqual(request.activity_ids.user_id, self.region_manager)
        self._approve(request, self.region_manager)
        self.assertEqual(request.activity_ids.user_id, self.finance)
        self.assertEqual(request.state, "pending")
        self._approve(request, self.finance)
        self.assertEqual(exception.state, "resolved")

    def test_two_of_three_or_all_of_them_are_counted(self):
        group = self.env.ref("retail_ops_core.group_loss_prevention")
        people = self.loss_prevention
        for number in (2, 3):
            people |= self.loss_prevention.copy({"login": f"test_lp_{number}"})
        step = {"approver": "group", "group_id": group.id}
        for need, enough in (("number", 2), ("all", len(group.all_user_ids))):
            self._publish_policy(
                [{"steps": [{**step, "need": need, "needed_number": 2}]}]
            )
            request = self._request_of(self._write_off())
            asked = request.step_ids.approver_ids
            self._approve(request, *asked[: enough - 1])
            self.assertEqual(request.state, "pending", need)
            self._approve(request, asked[enough - 1])
            self.assertEqual(request.state, "approved", need)
