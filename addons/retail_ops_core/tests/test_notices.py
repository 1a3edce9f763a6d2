from datetime import timedelta

from freezegun import freeze_time

from .common import RetailOpsCase


class TestNotices(RetailOpsCase):
    def _run(self, cron):
        with self.enter_registry_test_mode():
            self.env.ref(f"retail_ops_core.{cron}").method_direct_trigger()
        self.env.invalidate_all()

    def _notified(self, exception):
        return exception.message_ids.notified_partner_ids

    # === Preferences === #
    def test_a_grave_exception_notifies_its_assignee_at_once(self):
        exception = self._take_in(unit_cost=400)
        self.assertIn(self.manager.partner_id, self._notified(exception))

    def test_a_smaller_one_waits_in_the_list_of_activities(self):
        exception = self._take_in()
        self.assertFalse(self._notified(exception))
        self.assertEqual(exception.activity_ids.user_id, self.manager)

    def test_a_user_chooses_the_severity_that_notifies(self):
        self.manager.with_user(self.manager).retail_notice_from = "low"
        self.assertIn(self.manager.partner_id, self._notified(self._take_in()))

    def test_quiet_hours_hold_back_all_but_critical_ones(self):
        self.manager.write({"tz": "UTC", "retail_quiet_from": 22, "retail_quiet_to": 7})
        with freeze_time("2026-03-02 23:30:00"):
            self.assertFalse(self._notified(self._take_in(unit_cost=60)))
            self.assertTrue(self._notified(self._take_in(unit_cost=400)))
        with freeze_time("2026-03-02 12:00:00"):
            self.assertTrue(self._notified(self._take_in(unit_cost=60)))

    # === Warnings and missed clocks === #
    def test_the_assignee_is_warned_once_before_the_deadline(self):
        self.manager.retail_notice_from = "low"
        with freeze_time("2026-03-02 18:00:00"):
            exception = self._take_in()
        messages = len(exception.message_ids)
        with freeze_time(exception.warn_at + timedelta(minutes=1)):
            self._run("cron_warn")
            self._run("cron_warn")
        self.assertTrue(exception.warned_at)
        self.assertLess(exception.warned_at, exception.resolve_due)
        self.assertEqual(len(exception.message_ids), messages + 1)

    def test_a_missed_acknowledgement_is_stamped_with_the_deadline_itself(self):
        with freeze_time("2026-03-02 18:00:00"):
            seen, unseen = self._take_in(), self._take_in()
            seen.with_user(self.manager).action_acknowledge()
        with freeze_time(unseen.acknowledge_due + timedelta(minutes=7)):
            self._run("cron_warn")
        self.assertEqual(unseen.acknowledge_breached_at, unseen.acknowledge_due)
        self.assertFalse(seen.acknowledge_breached_at)

    # === Stale cases, abandoned queues === #
    def test_a_case_nobody_works_on_is_listed_and_nudged_once_a_day(self):
        with freeze_time("2026-03-02 18:00:00"):
            exception = self._take_in()
        with freeze_time("2026-03-07 18:00:00"):
            Exception_ = self.env["retail.exception"]
            self.assertIn(exception, Exception_.search(Exception_._stale_domain()))
            self._run("cron_nudge")
            messages = len(exception.message_ids)
            self._run("cron_nudge")
        self.assertEqual(len(exception.message_ids), messages)
        self.assertTrue(exception.nudged_at)

    def test_an_abandoned_queue_alerts_the_owners_manager_once(self):
        self.queue.alert_user_id = self.admin
        self.admin.tz = "America/Los_Angeles"
        self.env["retail.exception"].search([]).touched_at = "2026-03-02 18:00:00"
        with freeze_time("2026-03-02 18:00:00"):
            self._take_in()
        with freeze_time("2026-03-04 18:00:00"):
            self._run("cron_nudge")
            self._run("cron_nudge")
        self.assertTrue(self.queue.abandoned_since)
        self.assertEqual(self.queue.activity_ids.user_id, self.admin)
        self.assertEqual(len(self.queue.activity_ids), 1)
        self.assertRegex(self.queue.activity_ids.summary, r"since 3/2/26, 10:00\sAM$")

    def test_a_queue_that_is_worked_on_again_is_not_abandoned(self):
        self.queue.abandoned_since = "2026-03-02 18:00:00"
        self._take_in()
        self.queue._find_abandoned()
        self.assertFalse(self.queue.abandoned_since)
