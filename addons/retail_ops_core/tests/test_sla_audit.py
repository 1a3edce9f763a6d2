from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import errors

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import RetailOpsCase

MONDAY = date(2026, 3, 2)


class TestSlaAudit(RetailOpsCase):
    """Stores open 08:00 to 20:00 in Los Angeles, 16:00 to 04:00 UTC.

    A medium discrepancy of Monday 08:00 is due 30 hours later, on Wednesday 14:00.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discrepancy.write({"storm_threshold": 0, "repeat_limit": 0})
        cls.env["retail.exception"].search([]).write({"state": "cancelled"})

    def _raise_on_monday(self, **values):
        with freeze_time("2026-03-02 16:00:00"):
            return self._take_in(**values)

    def _resolve(self, exception, moment):
        with freeze_time(moment):
            exception._set_resolved("Recounted")

    def _audit(self, day=MONDAY + timedelta(days=2)):
        return self.env["retail.sla.audit"]._audit(self.company, day)

    # === What is counted === #
    def test_kept_missed_and_open_deadlines_of_a_day_are_all_counted(self):
        kept, late, _open = (self._raise_on_monday() for _number in range(3))
        self._resolve(kept, "2026-03-03 18:00:00")
        self._resolve(late, "2026-03-04 23:00:00")
        audit = self._audit()
        self.assertEqual(kept.resolve_due, datetime(2026, 3, 4, 22))
        self.assertEqual(audit.due_count, 3)
        self.assertEqual(audit.in_time_count, 1)
        self.assertEqual(audit.late_count, 1)
        self.assertEqual(audit.open_count, 1)
        self.assertAlmostEqual(audit.resolve_percent, 33.33, 2)

    def test_acknowledging_and_acting_are_measured_on_their_own_day(self):
        seen = self._raise_on_monday()
        self._raise_on_monday()
        with freeze_time("2026-03-02 17:00:00"):
            seen._set_in_progress()
        monday = self._audit(MONDAY)
        self.assertEqual(monday.acknowledge_count, 2)
        self.assertEqual(monday.acknowledge_in_time, 1)
        self.assertEqual(monday.act_count, 2)
        self.assertEqual(monday.act_in_time, 1)
        self.assertEqual(monday.due_count, 0)
        self.assertFalse(monday.resolve_percent)

    def test_a_day_is_the_stores_own(self):
        self._raise_on_monday()
        with freeze_time("2026-03-03 01:00:00"):  # Monday 17:00 in Los Angeles
            self._take_in()
        # The second one is to be acknowledged within four hours: Tuesday 09:00.
        self.assertEqual(self._audit(MONDAY).acknowledge_count, 1)
        self.assertEqual(self._audit(MONDAY + timedelta(days=1)).acknowledge_count, 1)

    def test_what_is_overdue_stays_in_sight_on_the_days_after(self):
        self._raise_on_monday()
        after = self._audit(MONDAY + timedelta(days=5))
        self.assertEqual(after.due_count, 0)
        self.assertEqual(after.backlog_count, 1)

    def test_what_waits_is_not_missed_and_its_pause_is_reported(self):
        exception = self._raise_on_monday()
        with freeze_time("2026-03-02 18:00:00"):
            exception._set_waiting("supplier")
        self.assertEqual(self._audit().due_count, 0)
        with freeze_time("2026-03-03 18:00:00"):
            exception._set_in_progress()
        self._resolve(exception, "2026-03-05 16:30:00")
        thursday = self._audit(MONDAY + timedelta(days=3))
        self.assertEqual(thursday.in_time_count, 1)
        self.assertEqual(thursday.paused_hours, 12)

    def test_what_was_cancelled_never_had_a_deadline(self):
        self._raise_on_monday()._set_cancelled("Counted twice")
        self.assertEqual(self._audit().due_count, 0)

    def test_a_breach_stays_counted_after_the_case_is_taken_up_again(self):
        exception = self._raise_on_monday()
        with freeze_time("2026-03-05 16:00:00"):
            exception._escalate()
        self._resolve(exception, "2026-03-05 17:00:00")
        with freeze_time("2026-03-06 16:00:00"):
            exception._set_reopened("Gone again")
        self._resolve(exception, "2026-03-06 17:00:00")
        self.assertEqual(exception.resolve_due.date(), date(2026, 3, 8))
        self.assertEqual(self._audit().late_count + self._audit().open_count, 1)
        self.assertEqual(self._audit(exception.resolve_due.date()).in_time_count, 1)

    def test_figures_stand_by_store_type_queue_and_severity(self):
        self._raise_on_monday()
        self._raise_on_monday(store_id=self.far_store.id)
        lines = self._audit().line_ids
        self.assertEqual(lines.store_id, self.store | self.far_store)
        self.assertEqual(lines.type_id, self.discrepancy)
        self.assertEqual(lines.queue_id, self.queue)
        self.assertEqual(set(lines.mapped("severity")), {"medium"})
        self.assertEqual(sum(lines.mapped("due_count")), 2)

    def test_percentages_add_up_by_their_counts(self):
        kept = [self._raise_on_monday() for _number in range(3)]
        self._raise_on_monday(store_id=self.far_store.id)
        for exception in kept:
            self._resolve(exception, "2026-03-03 18:00:00")
        [(percent,)] = self.env["retail.sla.audit.line"]._read_group(
            [("audit_id", "=", self._audit().id)], [], ["resolve_percent:avg"]
        )
        self.assertEqual(percent, 75)

    # === The Scheduled Action === #
    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_sla_audit").method_direct_trigger()
        self.env.invalidate_all()
        domain = [("company_id", "=", self.company.id)]
        return self.env["retail.sla.audit"].search(domain, order="date")

    def test_yesterday_is_recorded_once_it_has_ended_everywhere(self):
        before = self._run()
        with freeze_time("2099-03-04 11:00:00"):
            early = self._run() - before
        with freeze_time("2099-03-04 12:01:00"):
            on_time = self._run() - before
        self.assertNotIn(date(2099, 3, 3), early.mapped("date"))
        self.assertIn(date(2099, 3, 3), on_time.mapped("date"))

    def test_running_twice_records_a_day_once(self):
        first = self._run()
        self.assertTrue(first)
        self.assertEqual(self._run(), first)

    def test_days_without_the_server_are_made_up_for(self):
        with freeze_time("2099-03-04 13:00:00"):
            before = self._run()
        with freeze_time("2099-03-07 13:00:00"):
            made_up = self._run() - before
        self.assertEqual(
            made_up.mapped("date"),
            [date(2099, 3, 4), date(2099, 3, 5), date(2099, 3, 6)],
        )

    def test_a_day_without_deadlines_is_recorded_too(self):
        audit = self._audit(date(2030, 1, 1))
        self.assertEqual(audit.due_count, 0)
        self.assertFalse(audit.line_ids)

    def test_the_cost_does_not_grow_with_the_number_of_cases(self):
        self._raise_on_monday()
        self._audit(MONDAY)
        for _number in range(20):
            self._raise_on_monday()
        self.env.flush_all()
        with self.assertQueryCount(8):
            self._audit()

    # === Reading it === #
    def test_operations_opens_and_prints_the_record(self):
        self._raise_on_monday()
        audit = self._audit().with_user(self.operations)
        action = audit.action_open_lines()
        lines = self.env["retail.sla.audit.line"].with_user(self.operations)
        self.assertEqual(lines.search(action["domain"]), audit.line_ids)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "retail_ops_core.report_sla_audit", audit.ids
        )
        self.assertIn(b"Country / Region", html)
        self.assertIn(b"T042", html)

    def test_a_line_opens_the_exceptions_behind_it(self):
        exception = self._raise_on_monday()
        other = self._raise_on_monday(store_id=self.far_store.id)
        line = self._audit().line_ids.filtered(lambda one: one.store_id == self.store)
        action = line.with_user(self.operations).action_open_exceptions()
        found = self.env["retail.exception"].search(action["domain"])
        self.assertIn(exception, found)
        self.assertNotIn(other, found)

    def test_each_role_reads_the_lines_of_its_part_of_the_network(self):
        self._raise_on_monday()
        self._raise_on_monday(store_id=self.far_store.id)
        lines = self._audit().line_ids
        near = lines.filtered(lambda one: one.store_id == self.store)
        seen = {
            self.manager: near,
            self.region_manager: near,
            self.country_manager: near,
            self.far_manager: lines - near,
            self.operations: lines,
            self.auditor: lines,
            self.finance: lines,
        }
        for user, expected in seen.items():
            with self.subTest(user.login):
                mine = self.env["retail.sla.audit.line"].with_user(user)
                self.assertEqual(mine.search([("id", "in", lines.ids)]), expected)

    def test_the_totals_of_a_company_are_for_headquarters(self):
        audit = self._audit()
        for user in (self.manager, self.region_manager, self.finance, self.outsider):
            with self.subTest(user.login), self.assertRaises(AccessError):
                audit.with_user(user).read(["due_count"])

    # === Append-only === #
    def test_nobody_edits_or_deletes_a_record(self):
        self._raise_on_monday()
        audit = self._audit()
        for record in (audit, audit.line_ids):
            for attempt in (
                lambda record=record: record.sudo().write({"due_count": 0}),
                lambda record=record: record.sudo().unlink(),
                lambda record=record: record.with_user(self.admin).write({"date": 0}),
                lambda record=record: record.with_user(self.admin).create({}),
            ):
                self.assertRaises(AccessError, attempt)

    def test_the_database_itself_refuses_changes(self):
        self._raise_on_monday()
        self._audit()
        for table in ("retail_sla_audit", "retail_sla_audit_line"):
            for statement in ("UPDATE %s SET due_count = 0", "DELETE FROM %s"):
                with (
                    self.subTest(table),
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(errors.InsufficientPrivilege),
                    self.env.cr.savepoint(),
                ):
                    self.env.cr.execute(statement % table)

    def test_the_record_is_in_the_ledger(self):
        audit = self._audit()
        entry = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.sla.audit"), ("res_id", "=", audit.id)]
        )
        self.assertEqual(entry.action, "sla.audited")
        self.assertEqual(entry.facts["due_count"], audit.due_count)
