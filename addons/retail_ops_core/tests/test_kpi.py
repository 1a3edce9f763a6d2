from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError

from .common import RetailOpsCase

MONDAY = date(2026, 3, 2)


class KpiCase(RetailOpsCase):
    """Figures of days long past, far from those of the demo."""

    def _kpi(self, code):
        return self.env["retail.kpi"].search([("code", "=", code)])

    def _snapshots(self, code, first=MONDAY, last=None):
        """Return the figures of some days, computed now as for open days."""
        kpi = self._kpi(code)
        kpi._take_over(first, last or first)
        return self.env["retail.kpi.snapshot"].search(
            [
                ("kpi_id", "=", kpi.id),
                ("day", ">=", first),
                ("day", "<=", last or first),
                (
                    "store_id",
                    "in",
                    (self.store | self.other_store | self.far_store).ids,
                ),
            ]
        )

    def _raise_at(self, moment, **values):
        with freeze_time(moment):
            return self._take_in(**values)

    def _resolve_at(self, exception, moment, user=None):
        with freeze_time(moment):
            exception.with_user(user or self.env.user).sudo()._set_resolved("Found")

    def _report(self, transactions, store=None):
        return self.env["retail.store.report"].create(
            {
                "store_id": (store or self.store).id,
                "business_date": MONDAY,
                "transaction_count": transactions,
                "state": "submitted",
                "submitted_at": "2026-03-03 05:00:00",
            }
        )

    def _figure(self, snapshots):
        [(value,)] = self.env["retail.kpi.snapshot"]._read_group(
            [("id", "in", snapshots.ids)], [], ["value:avg"]
        )
        return value


class TestKpiFigures(KpiCase):
    def test_resolution_time_is_hours_of_what_was_resolved_that_day(self):
        slow, quick = (self._raise_at("2026-03-02 16:00:00") for _each in range(2))
        self._resolve_at(slow, "2026-03-02 22:00:00")
        self._resolve_at(quick, "2026-03-02 18:00:00")
        snapshot = self._snapshots("resolution_time")
        self.assertEqual((snapshot.numerator, snapshot.denominator), (8, 2))
        self.assertEqual(snapshot.value, 4)

    def test_a_figure_of_several_stores_is_no_mean_of_means(self):
        cases = [self._raise_at("2026-03-02 16:00:00") for _each in range(3)]
        for case in cases:
            self._resolve_at(case, "2026-03-02 17:00:00")
        far = self._raise_at("2026-03-02 16:00:00", store_id=self.far_store.id)
        self._resolve_at(far, "2026-03-02 21:00:00")
        snapshots = self._snapshots("resolution_time")
        self.assertEqual(sorted(snapshots.mapped("value")), [1, 5])
        self.assertEqual(self._figure(snapshots), 2)

    def test_different_kpis_have_no_common_figure(self):
        self._resolve_at(self._raise_at("2026-03-02 16:00:00"), "2026-03-02 17:00:00")
        both = self._snapshots("resolution_time") | self._snapshots("recurrence")
        self.assertEqual(len(both), 2)
        self.assertFalse(self._figure(both))

    def _money_of(self, company, amount):
        """Keep a figure of a company in money, of its requests and of no store."""
        kpi = self._kpi("resolution_time")
        kpi.unit = "money"
        return self.env["retail.kpi.snapshot"].create(
            {
                "kpi_id": kpi.id,
                "company_id": company.id,
                "day": MONDAY,
                "numerator": amount,
                "denominator": 1,
                "record_count": 1,
                "factor": 1,
                "value": amount,
                "computed_at": "2026-03-03 05:00:00",
                "revision": 1,
            }
        )

    def test_money_of_one_currency_has_a_common_figure(self):
        dollars = self.company.currency_id.id
        sisters = self.company.create(
            [{"name": name, "currency_id": dollars} for name in ("Sister", "Twin")]
        )
        both = self._money_of(sisters[0], 30) | self._money_of(sisters[1], 10)
        self.assertEqual(self._figure(both), 20)

    def test_money_of_different_currencies_has_none(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        abroad = self.company.create({"name": "Abroad", "currency_id": euro.id})
        both = self._money_of(self.company, 30) | self._money_of(abroad, 10)
        self.assertFalse(self._figure(both))
        self.assertEqual(self._figure(both[:1]), 30)

    def test_a_day_is_the_stores_own_business_day(self):
        case = self._raise_at("2026-03-02 16:00:00")
        self._resolve_at(case, "2026-03-03 08:30:00")  # Tuesday 00:30 in the store
        self.assertEqual(
            self._snapshots("resolution_time", MONDAY, MONDAY + timedelta(days=1)).day,
            MONDAY + timedelta(days=1),
        )
        self.store.report_cutoff = 26  # the business day lasts until two o'clock
        again = self._snapshots("resolution_time", MONDAY, MONDAY + timedelta(days=1))
        self.assertEqual(again.filtered("denominator").day, MONDAY)

    def test_open_and_overdue_counts_as_missed(self):
        kept = self._raise_at("2026-03-02 16:00:00")
        self._raise_at("2026-03-02 16:00:00")
        self._resolve_at(kept, "2026-03-02 18:00:00")
        day = MONDAY + timedelta(days=2)
        due = kept.resolve_due.date()
        snapshots = self._snapshots("sla_attainment", MONDAY, max(day, due))
        self.assertEqual(self._figure(snapshots), 50)

    def test_attainment_is_what_the_sla_audit_recorded(self):
        kept, late, still_open = (
            self._raise_at("2026-03-02 16:00:00") for _each in range(3)
        )
        self._resolve_at(kept, "2026-03-02 18:00:00")
        with freeze_time("2026-03-09 16:00:00"):
            (late | still_open)._escalate()
        self._resolve_at(late, "2026-03-09 18:00:00")
        audits = self.env["retail.sla.audit"]
        lines = audits.line_ids
        for number in range(8):
            audit = audits._audit(self.company, MONDAY + timedelta(days=number))
            lines |= audit.line_ids.filtered(lambda line: line.store_id == self.store)
        snapshots = self._snapshots(
            "sla_attainment", MONDAY, MONDAY + timedelta(days=7)
        )
        self.assertEqual(
            (sum(snapshots.mapped("numerator")), sum(snapshots.mapped("denominator"))),
            (sum(lines.mapped("in_time_count")), sum(lines.mapped("due_count"))),
        )
        self.assertEqual(sum(snapshots.mapped("denominator")), 3)

    def test_recurrence_is_the_share_of_repeats(self):
        self._raise_at("2026-03-02 16:00:00")._classify()
        self._raise_at("2026-03-02 17:00:00")._classify()
        self.assertEqual(self._snapshots("recurrence").value, 50)

    def test_compliance_counts_open_items_and_leaves_out_what_does_not_apply(self):
        template = self.env["retail.checklist.template"].create(
            {
                "name": "Opening",
                "kind": "daily",
                "item_ids": [(0, 0, {"name": f"Item {number}"}) for number in range(4)],
            }
        )
        checklist = self._checklist_of(template)
        done, absent, _open, _late = checklist.item_ids
        done._set_answer("done", note=False)
        absent._set_answer("not_applicable", note="No freezer here")
        snapshot = self._snapshots("compliance_completion")
        self.assertEqual((snapshot.numerator, snapshot.denominator), (1, 3))

    def test_a_day_is_consistent_when_all_that_was_due_is_done(self):
        template = self.env["retail.checklist.template"].create(
            {
                "name": "Closing",
                "kind": "daily",
                "item_ids": [(0, 0, {"name": f"Item {number}"}) for number in range(3)],
            }
        )
        items = self._checklist_of(template).item_ids
        items[0]._set_answer("done", note=False)
        incomplete = self._snapshots("consistent_days")
        self.assertEqual((incomplete.numerator, incomplete.denominator), (0, 1))
        for item in items[1:]:
            item._set_answer("done", note=False)
        complete = self._snapshots("consistent_days")
        self.assertEqual((complete.numerator, complete.denominator), (1, 1))
        self.assertFalse(self._kpi("consistent_days")._disagreements(MONDAY, MONDAY))

    def test_a_documented_case_says_what_caused_it(self):
        silent, told = (self._raise_at("2026-03-02 16:00:00") for _each in range(2))
        told.root_cause_id = self.env.ref("retail_ops_core.root_cause_counting")
        for case in silent | told:
            self._resolve_at(case, "2026-03-02 18:00:00")
        self.assertEqual(self._snapshots("documented_cases").value, 50)

    def _checklist_of(self, template):
        return self.env["retail.checklist"].create(
            {
                "name": "Opening",
                "template_id": template.id,
                "kind": "daily",
                "store_id": self.store.id,
                "period": "2026-03-02",
                "start_at": "2026-03-02 16:00:00",
                "due_at": "2026-03-02 20:00:00",
                "ready_percent": 100,
                "item_ids": [
                    (0, 0, {"name": item.name, "due_at": "2026-03-02 18:00:00"})
                    for item in template.item_ids
                ],
            }
        )

    def test_the_rate_is_cases_per_thousand_transactions_of_the_report(self):
        self._report(400)
        self._raise_at("2026-03-02 16:00:00")
        snapshots = self._snapshots("exception_rate")
        self.assertEqual(self._figure(snapshots), 2.5)

    def test_a_day_nobody_counted_has_no_denominator_and_no_rate(self):
        self._report(400)
        self._raise_at("2026-03-02 16:00:00", store_id=self.far_store.id)
        snapshots = self._snapshots("exception_rate")
        self.assertEqual(snapshots.store_id, self.store)
        self.assertEqual(snapshots.value, 0)

    def test_handling_effort_counts_what_people_did(self):
        case = self._raise_at("2026-03-02 16:00:00")
        for minute in ("00", "10"):
            with freeze_time(f"2026-03-02 17:{minute}:00"):
                case.with_user(self.operations).sudo()._assign(
                    self.member if minute == "00" else self.manager
                )
        self._resolve_at(case, "2026-03-02 19:00:00", self.manager)
        self.assertEqual(self._snapshots("handling_touches").value, 3)
        # Ten minutes between two touches, a minute for each that stands alone.
        self.assertEqual(self._snapshots("handling_minutes").value, 12)

    def test_headquarters_answer_time_is_the_wait_for_it(self):
        case = self._raise_at("2026-03-02 16:00:00")
        with freeze_time("2026-03-02 17:00:00"):
            case._set_waiting("headquarters")
        with freeze_time("2026-03-02 20:30:00"):
            case._set_in_progress()
        self.assertEqual(self._snapshots("hq_answer_time").value, 3.5)


class TestKpiRuns(KpiCase):
    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_kpi_snapshot").method_direct_trigger()
        self.env.invalidate_all()

    def _of(self, code, day=None):
        domain = [("kpi_id.code", "=", code), ("store_id", "=", self.store.id)]
        if day:
            domain.append(("day", "=", day))
        return self.env["retail.kpi.snapshot"].search(domain)

    def _raise_days_ago(self, days):
        return self._raise_at(fields.Datetime.now() - timedelta(days=days))

    def test_the_first_run_fills_the_past(self):
        self.env["retail.kpi"].search([]).write({"checked_on": False})
        self._raise_days_ago(60)
        self._raise_days_ago(2)
        self._run()
        self.assertEqual(len(self._of("recurrence")), 2)
        kpi = self._kpi("recurrence")
        self.assertTrue(kpi.computed_at)
        self.assertTrue(kpi.checked_on)

    def test_running_twice_changes_nothing(self):
        self._raise_days_ago(2)
        self._run()
        first = self._of("recurrence")
        self._run()
        self.assertEqual(self._of("recurrence"), first)
        self.assertEqual(first.revision, 1)

    def test_a_full_run_goes_on_where_it_was_stopped(self):
        kpi = self._kpi("recurrence")
        today = kpi._latest_day()
        kpi.write({"checked_on": False, "position": False})
        whole = kpi._chunks(today)
        kpi._note_progress(whole[0][1], True)
        self.assertEqual(kpi._chunks(today), whole[1:])
        kpi._note_progress(today, True)
        self.assertEqual(kpi.checked_on, today)
        self.assertFalse(kpi.position)

    def test_a_kpi_that_no_addon_computes_is_left_alone(self):
        other = self._kpi("recurrence").sudo().copy({"code": "of_an_addon_that_left"})
        self.assertFalse(other.is_computed)
        self.assertNotIn(other, [kpi for kpi, *_days in other._plan()])

    def test_late_facts_make_a_new_revision(self):
        kpi, day = self._kpi("recurrence"), fields.Date.today() - timedelta(days=20)
        self._raise_days_ago(20)
        kpi._snapshot(day - timedelta(days=1), day + timedelta(days=1))
        self._raise_days_ago(20)
        kpi._snapshot(day - timedelta(days=1), day + timedelta(days=1))
        snapshot = self._of("recurrence")
        self.assertEqual((snapshot.denominator, snapshot.revision), (2, 2))

    def test_what_has_no_facts_any_more_is_empty_and_not_forgotten(self):
        kpi, day = self._kpi("recurrence"), fields.Date.today() - timedelta(days=20)
        case = self._raise_days_ago(20)
        kpi._snapshot(day - timedelta(days=1), day + timedelta(days=1))
        case._set_cancelled("Counted twice")
        kpi._snapshot(day - timedelta(days=1), day + timedelta(days=1))
        snapshot = self._of("recurrence")
        self.assertEqual((snapshot.denominator, snapshot.revision), (0, 2))
        self.assertFalse(snapshot.value)

    def test_a_correction_after_the_window_marks_the_figure_and_changes_nothing(self):
        kpi, day = self._kpi("recurrence"), fields.Date.today() - timedelta(days=60)
        days = day - timedelta(days=1), day + timedelta(days=1)
        self._raise_days_ago(60)
        kpi._snapshot(*days)
        self._raise_days_ago(60)
        kpi._snapshot(*days)
        snapshot = self._of("recurrence")
        self.assertEqual((snapshot.denominator, snapshot.is_outdated), (1, True))
        snapshot.with_user(self.admin).action_take_over()
        self.assertEqual((snapshot.denominator, snapshot.is_outdated), (2, False))
        entry = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.kpi.snapshot"), ("res_id", "=", snapshot.id)]
        )
        self.assertEqual(entry.facts["from"]["denominator"], 1)

    def test_only_administrators_take_corrections_over(self):
        self._raise_days_ago(60)
        self._run()
        with self.assertRaises(AccessError):
            self._of("recurrence").with_user(self.operations).action_take_over()

    def test_the_cost_does_not_grow_with_the_number_of_cases(self):
        kpi = self._kpi("resolution_time")
        self._raise_at("2026-03-02 16:00:00")
        kpi._snapshot(MONDAY, MONDAY)
        for _number in range(20):
            self._raise_at("2026-03-02 16:00:00")
        self.env.flush_all()
        with self.assertQueryCount(2):
            kpi._snapshot(MONDAY, MONDAY)


class TestKpiReading(KpiCase):
    def test_dashboard_list_and_snapshot_agree(self):
        self._resolve_at(self._raise_at("2026-03-02 16:00:00"), "2026-03-02 17:00:00")
        for kpi in self.env["retail.kpi"].search([]).filtered("is_computed"):
            kpi._take_over(MONDAY, MONDAY)
            with self.subTest(kpi.code):
                self.assertFalse(kpi._disagreements(MONDAY, MONDAY))

    def test_a_fact_after_the_snapshot_is_a_disagreement_until_the_next_run(self):
        kpi = self._kpi("recurrence")
        kpi._take_over(MONDAY, MONDAY)
        self._raise_at("2026-03-02 16:00:00")
        [text] = [text for text in kpi._disagreements(MONDAY, MONDAY) if "T042" in text]
        self.assertIn("0 / 0", text)
        kpi._take_over(MONDAY, MONDAY)
        self.assertFalse(kpi._disagreements(MONDAY, MONDAY))

    def test_the_check_says_in_words_whether_they_agree(self):
        with freeze_time(fields.Datetime.now() - timedelta(minutes=1)):
            kpi = self._kpi("recurrence")
            kpi._take_over(kpi._latest_day() - timedelta(days=8), kpi._latest_day())
        answer = kpi.with_user(self.auditor).action_check()
        self.assertEqual(answer["params"]["type"], "success")
        self._take_in()
        answer = kpi.with_user(self.auditor).action_check()
        self.assertEqual(answer["params"]["type"], "warning")

    def test_a_figure_opens_exactly_the_records_it_counts(self):
        mine = self._raise_at("2026-03-02 16:00:00")
        self._raise_at("2026-03-02 16:00:00", store_id=self.far_store.id)
        self._raise_at("2026-03-04 16:00:00")
        snapshot = self._snapshots("recurrence").filtered(
            lambda one: one.store_id == self.store
        )
        action = snapshot.with_user(self.manager).action_open_records()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, mine)
        self.assertEqual(snapshot.record_count, len(found))

    def test_each_role_reads_the_figures_of_its_part_of_the_network(self):
        self._raise_at("2026-03-02 16:00:00")
        self._raise_at("2026-03-02 16:00:00", store_id=self.far_store.id)
        self._raise_at(
            "2026-03-02 16:00:00",
            type_id=self.env.ref("retail_ops_core.type_customer_complaint").id,
        )
        rows = self._snapshots("recurrence")
        near = rows.filtered(lambda one: one.store_id == self.store)
        stock = rows.filtered(lambda one: one.family == "stock")
        seen = {
            self.member: near,
            self.manager: near,
            self.region_manager: near,
            self.country_manager: near,
            self.far_manager: rows - near,
            self.operations: rows,
            self.auditor: rows,
            self.finance: stock,
            self.loss_prevention: stock,
        }
        for user, expected in seen.items():
            with self.subTest(user.login):
                mine = self.env["retail.kpi.snapshot"].with_user(user)
                self.assertEqual(mine.search([("id", "in", rows.ids)]), expected)

    def test_nobody_writes_a_figure(self):
        self._raise_at("2026-03-02 16:00:00")
        snapshot = self._snapshots("recurrence").with_user(self.admin)
        for attempt in (
            lambda: snapshot.write({"numerator": 9}),
            lambda: snapshot.create({"kpi_id": snapshot.kpi_id.id}),
            lambda: snapshot.unlink(),
        ):
            self.assertRaises(AccessError, attempt)

    def test_every_kpi_says_its_formula_and_its_records(self):
        for kpi in self.env["retail.kpi"].search([]).filtered("is_computed"):
            with self.subTest(kpi.code):
                self.assertTrue(kpi.formula and kpi.source)
                self.assertIn(kpi.drill_model, self.env)
                self.assertTrue(kpi._facts(MONDAY, MONDAY))
