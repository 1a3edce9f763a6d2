from datetime import timedelta

from freezegun import freeze_time

from .test_kpi import MONDAY, KpiCase

WEEK = MONDAY + timedelta(days=6)


class TestServiceKpis(KpiCase):
    def _figure_of(self, code):
        rows = self._snapshots(code, MONDAY, WEEK).filtered("denominator")
        self.assertFalse(self._kpi(code)._disagreements(MONDAY, WEEK))
        return rows

    def _case(self, type_name):
        kind = self.env.ref(f"retail_ops_core.type_{type_name}")
        return self._raise_at("2026-03-02 16:00:00", type_id=kind.id)

    def _opened(self, snapshot):
        action = snapshot.action_open_records()
        return self.env[action["res_model"]].search(action["domain"])

    def _finish(self, case, resolved, closed=None):
        """Put a case at its end, whatever its type asks for on the way."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_exception SET state = %s, is_open = FALSE,"
            " resolved_at = %s, closed_at = %s WHERE id = %s",
            ["closed" if closed else "resolved", resolved, closed, case.id],
        )
        self.env.invalidate_all()

    def test_return_resolution_is_of_returns_alone_and_opens_them(self):
        mine, other = self._case("return_case"), self._case("customer_complaint")
        self._finish(mine, "2026-03-03 20:00:00")
        self._finish(other, "2026-03-03 17:00:00")
        row = self._figure_of("return_resolution")
        self.assertEqual(row.value, 28)
        self.assertEqual(self._opened(row), mine)

    def test_service_recovery_is_from_complaint_to_closure(self):
        closed, resolved = (self._case("customer_complaint") for _each in range(2))
        self._finish(closed, "2026-03-02 18:00:00", "2026-03-02 22:00:00")
        self._finish(resolved, "2026-03-02 18:00:00")
        row = self._figure_of("service_recovery")
        self.assertEqual((row.value, row.denominator), (6, 1))
        self.assertEqual(self._opened(row), closed)

    def test_closing_a_complaint_by_its_button_counts_it(self):
        case = self._case("customer_complaint")
        self._finish(case, "2026-03-02 18:00:00")
        with freeze_time("2026-03-02 19:30:00"):
            case.with_user(self.manager).action_close()
        self.assertEqual(self._figure_of("service_recovery").value, 3.5)

    def _filed(self, validated=None, **values):
        report = self._report(400)
        report.write(
            {
                "due_at": "2026-03-03 06:00:00",
                "state": "validated" if validated else "submitted",
                "validated_at": validated,
                **values,
            }
        )
        return report

    def test_the_close_is_from_the_cut_off_to_the_validated_report(self):
        report = self._filed("2026-03-03 11:00:00")
        row = self._figure_of("daily_close")
        self.assertEqual(row.value, 5)
        self.assertEqual(self._opened(row), report)

    def test_a_report_validated_before_its_cut_off_took_no_time(self):
        self._filed("2026-03-03 05:30:00")
        self.assertEqual(self._figure_of("daily_close").value, 0)

    def test_a_corrected_report_is_a_manual_correction(self):
        first = self._filed(state="corrected", is_current=False)
        self.env.flush_all()
        first.copy(
            {
                "version": 2,
                "previous_id": first.id,
                "state": "submitted",
                "submitted_at": "2026-03-03 09:00:00",
            }
        )
        rows = self._figure_of("manual_corrections")
        self.assertEqual(
            (sum(rows.mapped("numerator")), sum(rows.mapped("denominator"))), (1, 2)
        )
