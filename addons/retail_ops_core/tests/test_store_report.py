import base64
import hashlib
import json
from datetime import date, datetime, timedelta

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from ..models.retail_store_report import CONTROLLED_FIELDS
from ..tools import storeday
from .common import RetailOpsCase

SLIP = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGA"
    b"hKmMIQAAAABJRU5ErkJggg=="
)
DAY = date(2026, 3, 3)  # a Tuesday; cut-off 22:30 in Los Angeles is 06:30 UTC
MORNING = "2026-03-03 17:00:00"
CUT_OFF = datetime(2026, 3, 4, 6, 30)


class StoreReportCase(RetailOpsCase):
    """Only the three test stores file reports here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stores = cls.store | cls.other_store | cls.far_store
        cls.env["retail.store"].search([("id", "not in", stores.ids)]).write(
            {"report_required": False}
        )
        cls.Report = cls.env["retail.store.report"]
        cls.over_short = cls.env.ref("retail_ops_core.report_rule_over_short")
        cls.type_cash = cls.env.ref("retail_ops_core.type_cash_over_short")
        cls.finance_queue = cls.type_cash.queue_id
        cls.finance_queue.business_owner_id = cls.finance

    @classmethod
    def _today(cls, user=None):
        """Return today's report as ``user`` opens it."""
        user = user or cls.manager
        action = cls.Report.with_user(user).action_open_today()
        ids = action.get("res_id") or action["domain"][0][2]
        return cls.Report.with_user(user).browse(ids)

    @classmethod
    def _draft(cls, store=None, day=DAY):
        return cls.Report._open_days([(store or cls.store, day)])

    @classmethod
    def _line(cls, report, code="cash"):
        return report.tender_ids.filtered(lambda line: line.kind_id.code == code)

    @classmethod
    def _fill(cls, report, expected=1000, counted=1000, **values):
        """Fill in as a store does: cash, deposit, slip, every item ticked."""
        cls._line(report).write(
            {"expected_amount": expected, "counted_amount": counted}
        )
        report.write(
            {
                "deposit_amount": 900,
                "deposit_reference": "BAG-1",
                "slip": SLIP,
                "staff_planned": 8,
                "staff_present": 8,
                "done_item_ids": [(6, 0, report.asked_item_ids.ids)],
                **values,
            }
        )
        return report

    @classmethod
    def _submitted(cls, user=None, **values):
        report = cls._fill(cls._draft().with_user(user or cls.manager), **values)
        report.action_submit()
        return report

    @classmethod
    def _corrected(cls, report, user=None, **values):
        """Return the submitted correction of ``report``."""
        step = cls.env["retail.store.report.step"].with_user(user or cls.manager)
        wizard = step.create(
            {"step": "correct", "report_id": report.id, "reason": "Recounted"}
        )
        action = wizard.action_confirm()
        correction = report.with_user(user or cls.manager).browse(action["res_id"])
        if values:
            cls._line(correction).write(values)
        correction.action_submit()
        return correction

    def _run(self, job):
        with self.enter_registry_test_mode():
            self.env.ref(f"retail_ops_core.cron_report_{job}").method_direct_trigger()
        self.env.invalidate_all()

    def _exceptions(self, report, type_code=None):
        found = self.env["retail.exception"].search([("report_id", "=", report.id)])
        return found.filtered(
            lambda exc: not type_code or exc.type_id.code == type_code
        )

    def _failed(self, report):
        failed = report.sudo().check_ids.filtered(lambda check: not check.passed)
        return failed.rule_id.mapped("code")


class TestStoreReport(StoreReportCase):
    # === A store files its day === #
    @freeze_time(MORNING)
    def test_a_member_opens_todays_report_and_files_it(self):
        report = self._today(self.member)
        self.assertEqual(report.store_id, self.store)
        self.assertEqual(report.business_date, DAY)
        self.assertEqual(report.state, "draft")
        self.assertEqual(len(report.tender_ids), 4)
        notice = self._fill(report).action_submit()
        self.assertEqual(notice["params"]["type"], "success")
        self.assertEqual(report.state, "submitted")
        self.assertEqual(report.submitted_by_id, self.member)
        self.assertEqual(report.filing, "on_time")
        self.assertEqual(report.validation, "passed")

    @freeze_time(MORNING)
    def test_opening_todays_report_twice_opens_the_same_one(self):
        self.assertEqual(self._today(self.member), self._today(self.member))

    @freeze_time(MORNING)
    def test_who_has_two_stores_gets_a_list_of_both(self):
        self.assertEqual(
            self._today(self.manager).store_id, self.store | self.other_store
        )

    def test_who_belongs_to_no_store_hears_what_to_do(self):
        newcomer = new_test_user(
            self.env, "test_newcomer", "retail_ops_core.group_store_user"
        )
        with self.assertRaisesRegex(UserError, "ask the retail administrator"):
            self._today(newcomer)

    def test_a_regional_manager_gets_what_the_stores_have_filed(self):
        action = self.Report.with_user(self.region_manager).action_open_today()
        self.assertEqual(action["domain"], "[('is_current', '=', True)]")

    def test_a_day_has_one_report_in_the_database(self):
        self._draft()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.Report.create({"store_id": self.store.id, "business_date": DAY})
            self.env.flush_all()

    def test_money_is_in_the_currency_of_the_stores_company(self):
        company = self.env["res.company"].create(
            {"name": "North", "currency_id": self.env.ref("base.CAD").id}
        )
        region = self.env["retail.region"].create({"name": "North", "code": "T-N"})
        store = self.env["retail.store"].create(
            {
                "name": "North",
                "code": "T201",
                "company_id": company.id,
                "region_id": region.id,
                "tz": "America/Toronto",
            }
        )
        report = self._draft(store)
        self.assertEqual(report.currency_id.name, "CAD")
        self.assertEqual(report.tender_ids.currency_id.name, "CAD")

    def test_absent_people_and_differences_are_worked_out(self):
        report = self._fill(self._draft(), 1000, 960, staff_present=6)
        line = self._line(report)
        self.assertEqual(line.over_short, -40)
        self.assertAlmostEqual(line.over_short_percent, 4)
        self.assertEqual(report.over_short_total, -40)
        self.assertEqual(report.staff_absent, 2)

    def test_only_items_that_were_asked_can_be_ticked(self):
        report = self._draft()
        other = self.env["retail.report.item"].create({"name": "Not asked"})
        with self.assertRaises(ValidationError):
            report.with_user(self.manager).done_item_ids = other

    def test_submitting_again_changes_nothing(self):
        report = self._submitted(counted=900)
        report.action_submit()
        self.assertEqual(len(report.check_ids), 6)
        self.assertEqual(len(self._exceptions(report)), 1)

    # === Rules === #
    def test_an_over_short_beyond_tolerance_raises_one_cash_exception(self):
        report = self._submitted(expected=1000, counted=955)
        exception = self._exceptions(report)
        self.assertEqual(exception.type_id.code, "cash_over_short")
        self.assertEqual(exception.amount, 45)
        self.assertEqual(exception.impact_amount, 45)
        self.assertEqual(exception.store_id, self.store)
        self.assertEqual(exception.state, "triaged")
        self.assertTrue(exception.user_id)

    def test_the_cash_exception_carries_the_slip(self):
        report = self._submitted(counted=955)
        exception = self._exceptions(report)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "retail.exception"), ("res_id", "=", exception.id)]
        )
        self.assertEqual(attachment.raw, base64.b64decode(SLIP))
        self.assertIn(attachment, exception.message_ids.attachment_ids)
        self.assertEqual(exception.with_user(self.finance).report_slip, SLIP)

    def test_the_report_shows_the_arithmetic_of_what_failed(self):
        report = self._submitted(expected=1000, counted=955)
        check = report.check_ids.filtered(lambda one: not one.passed)
        self.assertEqual(check.rule_id, self.over_short)
        for figure in ("955.00", "1,000.00", "45.00", "4.50 %", "20.00", "1.00 %"):
            self.assertIn(figure, check.note)
        self.assertEqual(check.exception_id, self._exceptions(report))
        self.assertEqual(report.validation, "failed")

    def test_the_arithmetic_has_the_separators_of_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        report = self._submitted(expected=1000, counted=955)
        found = self.over_short.with_context(lang="fr_FR")._evaluate(report)
        self.assertIn("4,50 %", found["note"])
        self.assertIn("1,00 %", found["note"])

    def test_each_tender_is_held_against_the_tolerance_by_itself(self):
        report = self._draft()
        self._line(report, "card").write(
            {"expected_amount": 1000, "counted_amount": 1050}
        )
        self._fill(report, 1000, 950).action_submit()
        self.assertEqual(report.over_short_total, 0)
        self.assertEqual(self._exceptions(report).amount, 100)

    def test_amount_and_percentage_combine_as_the_rule_says(self):
        # 1,000.00 expected, 985.00 counted: 15.00 and 1.5 %.
        for measure, fails in (
            ("amount", False),
            ("percent", True),
            ("either", True),
            ("both", False),
        ):
            self.over_short.measure = measure
            report = self._fill(self._draft(), 1000, 985)
            with self.subTest(measure):
                result = self.over_short._evaluate(report)
                self.assertEqual(result["passed"], not fails)

    def test_an_administrator_changes_the_tolerance_and_the_next_report_obeys(self):
        report = self._submitted(counted=955)
        self.assertTrue(self._exceptions(report))
        self.over_short.with_user(self.admin).write(
            {"measure": "amount", "tolerance_amount": 50}
        )
        report = self._fill(self._draft(day=DAY + timedelta(days=1)), counted=955)
        report.with_user(self.manager).action_submit()
        self.assertFalse(self._exceptions(report))
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "report_rule.changed")], limit=1
        )
        self.assertEqual(entry.facts["from"]["tolerance_amount"], 20)
        self.assertEqual(entry.facts["to"]["tolerance_amount"], 50)

    def test_each_failing_rule_raises_its_own_exception(self):
        report = self._submitted(
            expected=-5,
            counted=600,
            deposit_amount=0,
            slip=False,
            staff_present=4,
            done_item_ids=[(5, 0, 0)],
        )
        self.assertEqual(
            set(self._failed(report)),
            {
                "over_short",
                "negative_cash",
                "missing_deposit",
                "staffing",
                "compliance",
            },
        )
        self.assertEqual(len(self._exceptions(report)), 5)
        self.assertEqual(len(self._exceptions(report, "staffing_gap")), 1)

    def test_a_deposit_without_a_slip_fails(self):
        self.assertEqual(self._failed(self._submitted(slip=False)), ["missing_slip"])

    def test_a_rule_that_is_switched_off_finds_nothing(self):
        self.over_short.active = False
        report = self._submitted(counted=500)
        self.assertNotIn(self.over_short, report.sudo().check_ids.rule_id)
        self.assertEqual(report.validation, "passed")

    def test_a_rule_of_another_company_finds_nothing(self):
        self.over_short.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self._exceptions(self._submitted(counted=500)))

    # === The slip === #
    def test_the_slip_leaves_its_fingerprint_in_the_ledger(self):
        report = self._submitted()
        digest = hashlib.sha256(base64.b64decode(SLIP)).hexdigest()
        self.assertEqual(report.slip_sha256, digest)
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.store.report"), ("res_id", "=", report.id)]
        )
        facts = {entry.action: entry.facts for entry in entries}
        self.assertEqual(facts["evidence.added"]["sha256"], digest)
        self.assertEqual(facts["report.submitted"]["slip_sha256"], digest)
        self.assertEqual(facts["report.submitted"]["tenders"]["cash"], [1000, 1000])
        [filed] = self.env["retail.audit.entry"].search(
            [("res_id", "=", report.id), ("action", "=", "report.submitted")]
        )
        self.assertIn("expected / counted: cash 1000.0 / 1000.0", filed.after)

    def test_a_slip_replaced_behind_the_report_shows(self):
        report = self._submitted()
        self.assertFalse(report.slip_is_altered)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "retail.store.report"),
                    ("res_id", "=", report.id),
                    ("res_field", "=", "slip"),
                ]
            )
        )
        attachment.raw = b"another file"
        self.env.invalidate_all()
        self.assertTrue(report.slip_is_altered)

    # === Review and correction === #
    def test_the_regional_manager_finance_and_operations_validate(self):
        for user in (self.region_manager, self.finance, self.operations):
            day = DAY + timedelta(days=user.id % 90)
            report = self._fill(self._draft(day=day)).with_user(self.manager)
            report.action_submit()
            with self.subTest(user.login):
                report.with_user(user).action_validate()
                self.assertEqual(report.state, "validated")
                self.assertEqual(report.validated_by_id, user)

    def test_nobody_else_validates_or_returns(self):
        report = self._submitted()
        region = self.env["retail.region"].create(
            {"name": "Elsewhere", "code": "T-E", "manager_id": self.far_manager.id}
        )
        self.far_store.region_id = region
        people = (
            self.manager,
            self.member,
            self.far_manager,
            self.loss_prevention,
            self.auditor,
            self.outsider,
        )
        for user in people:
            for action in ("action_validate", "action_return"):
                with self.subTest(user=user.login, action=action):
                    with self.assertRaises(AccessError):
                        getattr(report.with_user(user), action)()

    def test_a_regional_manager_validates_in_the_own_regions_only(self):
        self.far_store.member_ids = self.region_manager
        report = self._fill(self._draft(self.far_store))
        report.with_user(self.far_manager).action_submit()
        with self.assertRaises(AccessError):
            report.with_user(self.region_manager).action_validate()

    def test_nobody_validates_a_report_of_his_own(self):
        self.store.member_ids |= self.region_manager
        report = self._submitted(self.region_manager)
        with self.assertRaisesRegex(UserError, "somebody else"):
            report.action_validate()

    def test_the_database_refuses_a_validation_by_the_submitter(self):
        report = self._submitted().sudo()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            report.with_user(self.manager).sudo()._set_validated()
            self.env.flush_all()

    def test_a_returned_report_asks_the_store_for_a_correction(self):
        report = self._submitted()
        step = self.env["retail.store.report.step"].with_user(self.region_manager)
        step.create(
            {"step": "return", "report_id": report.id, "reason": "Card total?"}
        ).action_confirm()
        self.assertEqual(report.state, "returned")
        self.assertEqual(report.return_reason, "Card total?")
        self.assertEqual(report.sudo().activity_ids.user_id, self.manager)
        correction = self._corrected(report)
        self.assertEqual(correction.state, "submitted")
        self.assertFalse(report.sudo().activity_ids)

    def test_a_correction_keeps_the_original_readable(self):
        report = self._submitted(counted=955)
        correction = self._corrected(report, counted_amount=998)
        self.assertEqual(report.state, "corrected")
        self.assertEqual(self._line(report).counted_amount, 955)
        self.assertEqual(correction.previous_id, report)
        self.assertEqual(correction.version, 2)
        self.assertEqual(correction.correction_reason, "Recounted")
        self.assertEqual(correction.filed_at, report.filed_at)
        self.assertEqual(correction.slip_sha256, report.slip_sha256)
        self.assertTrue(correction.is_current)
        self.assertFalse(report.is_current)
        for user in (self.manager, self.region_manager, self.finance, self.auditor):
            with self.subTest(user.login):
                both = (report | correction).with_user(user)
                self.assertEqual(both.mapped("version"), [1, 2])

    def test_a_correction_needs_a_reason(self):
        report = self._submitted()
        step = self.env["retail.store.report.step"].with_user(self.manager)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.NotNullViolation),
            self.env.cr.savepoint(),
        ):
            step.create({"step": "correct", "report_id": report.id})

    def test_a_report_is_corrected_by_one_draft_at_a_time(self):
        report = self._submitted()
        first = report.sudo()._open_correction("Once")
        self.assertEqual(report.sudo()._open_correction("Twice"), first)

    def test_a_validated_report_is_returned_before_it_is_corrected(self):
        report = self._submitted()
        report.with_user(self.finance).action_validate()
        with self.assertRaisesRegex(UserError, "can become: Returned"):
            report.sudo()._open_correction("Late idea")

    def test_a_correction_raises_nothing_twice_and_resolves_nothing_by_itself(self):
        report = self._submitted(counted=955)
        exception = self._exceptions(report)
        correction = self._corrected(report, counted_amount=1000)
        self.assertEqual(correction.validation, "passed")
        self.assertFalse(self._exceptions(correction))
        self.assertEqual(exception.state, "triaged")
        self.assertIn("passes", exception.message_ids[0].body)

    def test_a_correction_that_still_fails_reopens_what_was_resolved(self):
        report = self._submitted(counted=955)
        exception = self._exceptions(report)
        cause = self.env.ref("retail_ops_core.root_cause_counting")
        exception._set_resolved("Explained", cause)
        correction = self._corrected(report, counted_amount=900)
        self.assertEqual(exception.state, "in_progress")
        self.assertEqual(correction.sudo().check_ids.exception_id, exception)

    # === The clock === #
    def test_each_store_gets_its_report_when_its_own_day_begins(self):
        self.far_store.tz = "America/New_York"
        with freeze_time("2026-03-03 05:30:00"):  # 00:30 in New York, 21:30 in LA
            self._run("open")
            self._run("open")
        days = {
            report.store_id: report.business_date
            for report in self.Report.search(
                [("store_id", "in", (self.store | self.far_store).ids)]
            )
        }
        self.assertEqual(days, {self.store: date(2026, 3, 2), self.far_store: DAY})

    def test_a_report_is_due_at_the_stores_own_cut_off(self):
        self.assertEqual(self._draft().due_at, CUT_OFF)
        self.store.report_cutoff = 21
        self.assertEqual(self._draft().due_at, CUT_OFF - timedelta(hours=1.5))
        self.store.tz = "America/New_York"
        self.assertEqual(self._draft().due_at, CUT_OFF - timedelta(hours=4.5))

    def test_a_store_past_its_cut_off_gets_one_missing_report_exception(self):
        with freeze_time(MORNING):
            self._run("open")
        with freeze_time(CUT_OFF - timedelta(minutes=1)):
            self._run("missing")
        report = self._draft()
        self.assertFalse(self._exceptions(report))
        with freeze_time(CUT_OFF + timedelta(minutes=1)):
            self._run("missing")
            self._run("missing")
        exception = self._exceptions(report)
        self.assertEqual(exception.type_id.code, "missing_daily_report")
        self.assertEqual(exception.occurred_at, CUT_OFF)
        due = "03/03/2026 10:30:00 PM (America/Los_Angeles)"
        self.assertIn(due, exception.reason)
        self.assertEqual(report.filing, "missing")

    def test_what_a_scheduled_action_raises_is_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.partner_id.lang = "fr_FR"
        with freeze_time(MORNING):
            self._run("open")
        with freeze_time(CUT_OFF + timedelta(minutes=1)):
            self._run("missing")
        exception = self._exceptions(self._draft())
        self.assertIn("Aucun rapport", exception.reason)

    def test_a_store_that_has_filed_is_not_missed(self):
        with freeze_time(MORNING):
            self._submitted()
        with freeze_time(CUT_OFF + timedelta(hours=1)):
            self._run("missing")
        self.assertFalse(self._exceptions(self._draft()))

    def test_stores_in_other_zones_are_missed_at_their_own_hour(self):
        self.far_store.tz = "America/New_York"
        near, far = self._draft(), self._draft(self.far_store)
        with freeze_time(CUT_OFF - timedelta(hours=2)):  # 23:30 in New York
            self._run("missing")
        self.assertEqual(far.filing, "missing")
        self.assertEqual(near.filing, "awaited")

    def test_a_closed_day_of_the_calendar_asks_for_no_report(self):
        self.calendar.attendance_ids.filtered(
            lambda row: row.dayofweek == "1"
        ).unlink()  # Tuesdays
        with freeze_time(MORNING):
            self._run("open")
        with freeze_time(CUT_OFF + timedelta(hours=1)):
            self._run("missing")
        self.assertFalse(
            self.Report.search(
                [("store_id", "=", self.store.id), ("business_date", "=", DAY)]
            )
        )

    def test_a_holiday_entered_during_the_day_lets_the_store_off(self):
        report = self._draft()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Snow",
                "calendar_id": self.calendar.id,
                "date_from": "2026-03-03 08:00:00",
                "date_to": "2026-03-04 07:59:59",
            }
        )
        with freeze_time(CUT_OFF + timedelta(minutes=1)):
            self._run("missing")
        self.assertEqual(report.filing, "not_required")
        self.assertFalse(self._exceptions(report))

    def test_stores_that_are_not_live_file_no_report(self):
        self.store.state = "planned"
        self.assertFalse(self.store.report_required)
        self.assertTrue(self.other_store.report_required)
        with freeze_time(MORNING):
            self._run("open")
        self.assertFalse(self.Report.search([("store_id", "=", self.store.id)]))

    def test_days_without_a_running_system_are_caught_up(self):
        with freeze_time(MORNING):
            self._run("open")
        with freeze_time(CUT_OFF + timedelta(days=2, hours=-1)):
            self._run("open")
            self._run("missing")
        filings = self.Report.search([("store_id", "=", self.store.id)]).mapped(
            "filing"
        )
        self.assertEqual(filings, ["awaited", "missing", "missing"])

    def test_a_late_report_resolves_the_exception_and_says_how_late(self):
        report = self._draft()
        with freeze_time(CUT_OFF + timedelta(minutes=5)):
            self._run("missing")
        exception = self._exceptions(report)
        with freeze_time(CUT_OFF + timedelta(hours=9, minutes=40)):
            self._submitted()
        self.assertEqual(exception.state, "resolved")
        self.assertIn("9 h 40 min after", exception.resolution)
        self.assertEqual(report.filing, "late")
        self.assertAlmostEqual(report.hours_late, 9.67, 2)

    def test_an_exception_that_needs_more_never_keeps_the_store_from_filing(self):
        report = self._draft()
        with freeze_time(CUT_OFF + timedelta(minutes=5)):
            self._run("missing")
        exception = self._exceptions(report)
        exception.type_id.root_cause_required = True
        with freeze_time(CUT_OFF + timedelta(hours=1)):
            self._submitted()
        self.assertEqual(report.state, "submitted")
        self.assertEqual(exception.state, "triaged")
        self.assertIn("1 h 00 min after", exception.message_ids[0].body)

    def test_one_store_that_refuses_does_not_hold_up_the_others(self):
        near, far = self._draft(), self._draft(self.far_store)
        broken = self.env["resource.calendar"].create(
            {
                "name": "A minute a week",
                "attendance_ids": [
                    (5, 0, 0),
                    (
                        0,
                        0,
                        {
                            "name": "Tuesday",
                            "dayofweek": "1",
                            "hour_from": 12,
                            "hour_to": 12.02,
                            "day_period": "afternoon",
                        },
                    ),
                ],
            }
        )
        self.store.resource_calendar_id = broken
        with (
            freeze_time(CUT_OFF + timedelta(minutes=1)),
            mute_logger(
                "odoo.addons.retail_ops_core.models.retail_store_report_schedule"
            ),
        ):
            self._run("missing")
        self.assertEqual(far.filing, "missing")
        self.assertEqual(near.filing, "awaited")

    def test_only_stores_that_have_not_filed_are_reminded_once(self):
        waiting = self._draft(self.other_store)
        with freeze_time(MORNING):
            filed = self._submitted()
            self._run("remind")
        self.assertFalse(waiting.activity_ids)
        with freeze_time(CUT_OFF - timedelta(hours=1)):
            self._run("remind")
            self._run("remind")
        self.assertEqual(waiting.activity_ids.user_id, self.manager)
        self.assertEqual(len(waiting.activity_ids), 1)
        self.assertEqual(waiting.activity_ids.date_deadline, DAY)
        self.assertFalse(filed.sudo().activity_ids)

    def test_filing_ends_the_reminder(self):
        report = self._draft()
        with freeze_time(CUT_OFF - timedelta(hours=1)):
            self._run("remind")
            self.assertTrue(report.activity_ids)
            self._submitted()
        self.assertFalse(report.activity_ids)

    def test_a_store_without_manager_reminds_its_team(self):
        self.store.manager_id = False
        report = self._draft()
        with freeze_time(CUT_OFF - timedelta(hours=1)):
            self._run("remind")
        self.assertEqual(report.activity_ids.user_id, self.member)

    # === Headquarters === #
    def test_headquarters_sees_who_filed_who_is_late_missing_and_what_failed(self):
        late, missing = self._draft(self.other_store), self._draft(self.far_store)
        with freeze_time(MORNING):
            on_time = self._submitted(counted=900)
        with freeze_time(CUT_OFF + timedelta(minutes=1)):
            self._run("missing")
            self._fill(late).with_user(self.manager).action_submit()
        self.env.flush_all()
        for user in (self.operations, self.finance, self.auditor):
            seen = self.Report.with_user(user).search([("business_date", "=", DAY)])
            with self.subTest(user.login):
                self.assertEqual(seen.sudo(), on_time.sudo() | late | missing)
                self.assertEqual(
                    {report.store_id.code: report.filing for report in seen},
                    {"T042": "on_time", "T043": "late", "T099": "missing"},
                )
        failed = self.Report.with_user(self.operations).search(
            [("business_date", "=", DAY), ("validation", "=", "failed")]
        )
        self.assertEqual(failed.sudo(), on_time.sudo())

    def test_regional_managers_see_the_reports_of_their_regions(self):
        near, far = self._draft(), self._draft(self.far_store)
        for user in (self.region_manager, self.country_manager):
            seen = self.Report.with_user(user).search([("id", "in", (near | far).ids)])
            self.assertEqual(seen.sudo(), near)

    def test_a_store_that_moves_takes_its_open_reports_along(self):
        report = self._draft()
        self.store.region_id = self.far_region
        self.assertEqual(report.region_id, self.far_region)

    def test_people_and_compliance_stand_in_one_list(self):
        report = self._submitted(staff_present=1, done_item_ids=[(5, 0, 0)])
        attendance = self._take_in(
            type_id=self.env.ref("retail_ops_core.type_attendance_exception").id
        )
        action = self.env.ref("retail_ops_core.action_people_and_compliance")
        listed = (
            self.env["retail.exception"]
            .with_user(self.manager)
            .search(
                [
                    ("store_id", "=", self.store.id),
                    ("family", "in", ("people", "compliance")),
                ]
            )
        )
        self.assertIn("('people', 'compliance')", action.domain)
        self.assertEqual(listed.sudo(), self._exceptions(report) | attendance)

    def test_open_cash_exceptions_show_while_the_day_is_closed(self):
        exception = self._take_in(type_id=self.type_cash.id, amount=80)
        report = self._fill(self._draft()).with_user(self.manager)
        self.assertIn(exception, report.sudo().cash_exception_ids)
        report.action_submit()
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "report.submitted"), ("res_id", "=", report.id)], limit=1
        )
        self.assertIn(exception.name, entry.facts["open_cash_exceptions"])
        self.assertEqual(entry.user_id, self.manager.id)

    def test_opening_two_hundred_reports_costs_few_queries_each(self):
        stores = self.env["retail.store"].create(
            [
                {
                    "name": f"S{number}",
                    "code": f"Q{number}",
                    "region_id": self.region.id,
                    "manager_id": self.manager.id,
                }
                for number in range(200)
            ]
        )
        self._draft()
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        self.Report._open_until_today(stores)
        self.env.flush_all()
        self.assertLess((self.env.cr.sql_log_count - start) / 200, 3)


class TestStoreReportAccess(StoreReportCase):
    def test_store_people_see_and_write_the_reports_of_their_stores_only(self):
        report = self._draft(self.far_store)
        for user in (self.manager, self.member):
            mine = report.with_user(user)
            with self.subTest(user.login):
                self.assertFalse(mine.search([("id", "=", report.id)]))
                self.assertRaises(AccessError, mine.read, ["notes"])
                self.assertRaises(AccessError, mine.write, {"notes": "x"})
                self.assertRaises(AccessError, mine.action_submit)

    def test_nobody_creates_copies_or_deletes_a_report(self):
        report = self._draft()
        values = {"store_id": self.store.id, "business_date": "2026-05-01"}
        for user in (self.manager, self.region_manager, self.operations, self.admin):
            mine = report.with_user(user)
            with self.subTest(user.login):
                self.assertRaises(AccessError, mine.create, values)
                self.assertRaises(AccessError, mine.copy)
                self.assertRaises(AccessError, mine.unlink)
        with self.assertRaisesRegex(AccessError, "correct a report"):
            report.sudo().unlink()

    def test_no_role_writes_a_controlled_field(self):
        report = self._draft()
        for user in (self.manager, self.region_manager, self.operations, self.admin):
            for name in sorted(CONTROLLED_FIELDS):
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        report.with_user(user).write({name: False})

    def test_reviewers_write_no_figure(self):
        report = self._draft()
        for user in (
            self.region_manager,
            self.finance,
            self.operations,
            self.admin,
            self.auditor,
            self.loss_prevention,
        ):
            mine = report.with_user(user)
            with self.subTest(user.login):
                self.assertRaises(AccessError, mine.write, {"deposit_amount": 1})
                self.assertRaises(
                    AccessError, self._line(mine).write, {"counted_amount": 1}
                )

    def test_a_submitted_report_is_frozen_even_for_the_superuser(self):
        report = self._submitted()
        attempts = (
            lambda: report.sudo().write({"deposit_amount": 1}),
            lambda: self._line(report.sudo()).write({"counted_amount": 1}),
            lambda: report.sudo().tender_ids.unlink(),
            lambda: self._line(self._draft(self.far_store)).write(
                {"report_id": report.id, "kind_id": report.tender_ids[0].kind_id.id}
            ),
            lambda: report.sudo().write({"tender_ids": [(5, 0, 0)]}),
        )
        for attempt in attempts:
            with self.assertRaisesRegex(UserError, "Press Correct"):
                with self.env.cr.savepoint():
                    attempt()

    def test_a_returned_report_stays_as_it_was_submitted(self):
        report = self._submitted()
        report.sudo()._set_returned("Look again")
        with self.assertRaisesRegex(UserError, "is Returned and stays"):
            self._line(report).write({"counted_amount": 1})
        self.assertEqual(self._line(report).counted_amount, 1000)

    def test_the_slip_of_a_submitted_report_cannot_be_swapped(self):
        report = self._submitted()
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "retail.store.report"),
                    ("res_id", "=", report.id),
                    ("res_field", "=", "slip"),
                ]
            )
            .with_user(self.manager)
        )
        self.assertRaises(AccessError, attachment.write, {"raw": b"x"})
        self.assertRaises(AccessError, attachment.unlink)
        self.assertRaises(UserError, report.write, {"slip": False})

    def test_store_and_reviewers_comment_on_a_submitted_report_but_not_the_auditor(
        self,
    ):
        report = self._submitted()
        for user in (self.manager, self.region_manager, self.finance):
            with self.subTest(user.login):
                self.assertTrue(report.with_user(user).message_post(body="Seen"))
        with self.assertRaises(AccessError):
            report.with_user(self.auditor).message_post(body="Seen")

    def test_only_people_of_the_store_correct_a_report(self):
        report = self._submitted()
        for user in (self.region_manager, self.operations, self.auditor):
            step = self.env["retail.store.report.step"].with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                step.create(
                    {"step": "correct", "report_id": report.id, "reason": "x"}
                ).action_confirm()

    def test_a_store_cannot_return_its_report_through_the_step(self):
        report = self._submitted()
        step = self.env["retail.store.report.step"].with_user(self.manager)
        wizard = step.create({"step": "return", "report_id": report.id, "reason": "x"})
        self.assertRaises(AccessError, wizard.action_confirm)

    def test_checks_are_written_by_the_rules_alone(self):
        report = self._submitted(counted=900)
        for user in (self.manager, self.finance, self.operations, self.admin):
            check = report.with_user(user).check_ids[:1]
            with self.subTest(user.login):
                self.assertRaises(AccessError, check.write, {"passed": True})
                self.assertRaises(AccessError, check.unlink)

    def test_rules_belong_to_the_administrator(self):
        rule = self.over_short
        for user in (self.manager, self.region_manager, self.finance, self.operations):
            with self.subTest(user.login), self.assertRaises(AccessError):
                rule.with_user(user).tolerance_amount = 1000

    def test_a_user_of_another_company_sees_nothing(self):
        report = self._draft()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.operations.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        self.assertFalse(
            self.Report.with_user(self.operations).search([("id", "=", report.id)])
        )

    def test_people_outside_the_suite_see_nothing(self):
        stranger = new_test_user(self.env, "test_stranger", "base.group_user")
        for model in ("retail.store.report", "retail.store.report.tender"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(stranger).search([])


class TestStoreReportOverRpc(StoreReportCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.report = self._submitted(counted=900)
        self.draft = self._draft(day=DAY + timedelta(days=1))
        self.env.flush_all()
        self.authenticate("test_manager", "test_manager")

    def _call(self, model, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def _assert_refused(self, answer, *names):
        expected = names or ("odoo.exceptions.AccessError",)
        self.assertIn(answer["error"]["data"]["name"], expected)

    def _assert_unchanged(self):
        self.env.invalidate_all()
        self.assertEqual(self.report.state, "submitted")
        self.assertEqual(self._line(self.report).counted_amount, 900)
        self.assertEqual(self.report.deposit_amount, 900)

    def test_a_store_manager_cannot_write_a_submitted_report(self):
        model, ids = "retail.store.report", self.report.ids
        refusals = ("odoo.exceptions.AccessError", "odoo.exceptions.UserError")
        for values in (
            {"deposit_amount": 1},
            {"notes": "x"},
            {"slip": SLIP.decode()},
            {"state": "draft"},
            {"state": "validated"},
            {"done_item_ids": [[5, 0, 0]]},
            {"tender_ids": [[1, self._line(self.report).id, {"counted_amount": 1}]]},
        ):
            with self.subTest(values):
                self._assert_refused(self._call(model, "write", ids, values), *refusals)
                self._assert_refused(
                    self._call(model, "web_save", ids, values, specification={}),
                    *refusals,
                )
        self._assert_unchanged()

    def test_a_context_opens_no_door(self):
        for context in (
            {"su": True},
            {"default_state": "draft"},
            {"install_mode": True},
            {"tracking_disable": True},
        ):
            answer = self._call(
                "retail.store.report",
                "write",
                self.report.ids,
                {"state": "draft"},
                context=context,
            )
            self._assert_refused(answer)
        self._assert_unchanged()

    def test_tender_lines_are_no_way_round(self):
        model = "retail.store.report.tender"
        line = self._line(self.report)
        free = self._line(self.draft)
        both = ("odoo.exceptions.AccessError", "odoo.exceptions.UserError")
        self._assert_refused(
            self._call(model, "write", line.ids, {"counted_amount": 1000}), *both
        )
        self._assert_refused(self._call(model, "unlink", line.ids))
        self._assert_refused(
            self._call(
                model,
                "create",
                [{"report_id": self.report.id, "kind_id": line.kind_id.id}],
            )
        )
        self._assert_refused(
            self._call(model, "write", free.ids, {"report_id": self.report.id})
        )
        self._assert_refused(
            self._call(
                "retail.store.report",
                "write",
                self.draft.ids,
                {"tender_ids": [[4, line.id, 0]]},
            ),
            *both,
        )
        self._assert_unchanged()

    def test_a_state_is_set_by_neither_create_nor_import(self):
        model = "retail.store.report"
        values = {
            "store_id": self.store.id,
            "business_date": "2026-06-01",
            "state": "validated",
        }
        self._assert_refused(self._call(model, "create", [values]))
        self._assert_refused(
            self._call(
                model,
                "create",
                [{"business_date": "2026-06-01"}],
                context={"default_state": "validated"},
            )
        )
        answer = self._call(
            model,
            "load",
            [".id", "state"],
            [[str(self.draft.id), "validated"]],
        )
        self.assertFalse(answer.get("result", {}).get("ids"))
        self.assertEqual(self.draft.state, "draft")
        self.assertFalse(self.Report.search([("business_date", "=", "2026-06-01")]))

    def test_private_steps_are_not_called_from_outside(self):
        for method in (
            "_set_submitted",
            "_set_validated",
            "_open_days",
            "_cron_missing",
            "sudo",
        ):
            answer = self._call("retail.store.report", method, self.report.ids)
            self.assertIn("error", answer, method)
        self._assert_unchanged()

    def test_a_report_of_another_store_is_out_of_reach(self):
        far = self._draft(self.far_store)
        self.env.flush_all()
        for method, *args in (
            ("read", ["notes"]),
            ("write", {"notes": "x"}),
            ("action_submit",),
            ("action_correct",),
        ):
            self._assert_refused(
                self._call("retail.store.report", method, far.ids, *args)
            )

    def test_the_auditor_changes_nothing(self):
        self.authenticate("test_auditor", "test_auditor")
        for method, *args in (
            ("write", {"notes": "x"}),
            ("action_submit",),
            ("action_validate",),
            ("action_return",),
            ("action_correct",),
        ):
            self._assert_refused(
                self._call("retail.store.report", method, self.draft.ids, *args)
            )
        self._assert_refused(self._call("retail.store.report", "action_open_today"))


class TestStoreDay(RetailOpsCase):
    zone = "America/Los_Angeles"

    def test_a_cut_off_is_wall_clock_time_on_the_days_the_clocks_change(self):
        # 2026: clocks go forward on 8 March, back on 1 November.
        for day, moment in (
            (date(2026, 3, 7), datetime(2026, 3, 8, 6, 30)),
            (date(2026, 3, 8), datetime(2026, 3, 9, 5, 30)),
            (date(2026, 10, 31), datetime(2026, 11, 1, 5, 30)),
            (date(2026, 11, 1), datetime(2026, 11, 2, 6, 30)),
        ):
            with self.subTest(day):
                self.assertEqual(storeday.moment_of(day, 22.5, self.zone), moment)

    def test_a_cut_off_after_midnight_keeps_the_business_day_open(self):
        late = datetime(2026, 3, 4, 9, 30)  # 01:30 on the 4th
        self.assertEqual(storeday.business_day(late, 26, self.zone), DAY)
        self.assertEqual(storeday.business_day(late, 22.5, self.zone), date(2026, 3, 4))
        self.assertEqual(
            storeday.moment_of(DAY, 26, self.zone), datetime(2026, 3, 4, 10)
        )

    def test_the_same_moment_is_another_day_in_another_zone(self):
        moment = datetime(2026, 3, 3, 12)
        self.assertEqual(
            storeday.business_day(moment, 22.5, "Pacific/Kiritimati"),
            date(2026, 3, 4),
        )
        self.assertEqual(storeday.business_day(moment, 22.5, "Pacific/Niue"), DAY)
