from datetime import timedelta

from odoo import fields


class BeforeAndNow:
    """Figures of a week that ended four weeks ago, locked, beside the last one."""

    def _today(self):
        return fields.Date.today()

    def _before_and_now(self, code, before, now):
        """Keep ``(numerator, denominator)`` of a KPI for both weeks; return a lock."""
        return self._all_before_and_now({code: (before, now)})

    def _all_before_and_now(self, figures):
        """Do so for several KPIs: dict code -> (before, now)."""
        for code, weeks in figures.items():
            for days, figure in zip((30, 3), weeks, strict=True):
                self._keep(code, self._today() - timedelta(days=days), *figure)
        baseline = self.env["retail.kpi.baseline"].create(
            {
                "name": "Before wave 1",
                "date_from": self._today() - timedelta(days=34),
                "date_to": self._today() - timedelta(days=28),
                "store_ids": [(6, 0, self.store.ids)],
            }
        )
        baseline.with_user(self.admin).action_lock()
        return baseline

    def _keep(self, code, day, numerator, denominator):
        kpi = self.env["retail.kpi"].search([("code", "=", code)])
        return self.env["retail.kpi.snapshot"].create(
            {
                "kpi_id": kpi.id,
                "company_id": self.store.company_id.id,
                "store_id": self.store.id,
                "day": day,
                "numerator": numerator,
                "denominator": denominator,
                "record_count": denominator,
                "factor": kpi._factor(),
                "value": kpi._factor() * numerator / denominator,
                "computed_at": fields.Datetime.now(),
                "revision": 1,
            }
        )

    def _assert_frozen_and_compared(self, code, before, now, expected):
        """Check a share of 100 that was locked, then changed, against a later one.

        :param expected: ``(frozen value, value now, difference, verdict)``
        """
        baseline = self._before_and_now(code, (before, 100), (now, 100))
        day = self._today() - timedelta(days=29)
        self._keep(code, day, 0, 100)  # what comes to light afterwards
        self.env.invalidate_all()
        line = baseline.total_ids
        found = (line.value, line.now_value, line.difference, line.verdict)
        self.assertEqual(found, expected)

    def _assert_told_past_its_limit(self, code, within, beyond):
        """Check that a share past its shipped limit reaches its owner, and goes back.

        :param within: percent that is within the limit
        :param beyond: percent that is not
        """
        kpi = self.env["retail.kpi"].search([("code", "=", code)])
        kpi.owner_id = self.operations
        day = self._today() - timedelta(days=2)
        figure = self._keep(code, day, beyond, 100)
        for share, told in ((beyond, True), (within, False)):
            figure.write({"numerator": share, "value": share})
            kpi._check_limits()
            self.assertEqual(kpi.is_past_limit, told, code)
            self.assertEqual(kpi.recent_value, share, code)
            users = self.operations if told else self.operations.browse()
            self.assertEqual(kpi.activity_ids.user_id, users, code)

    def _line(self, baseline, domain):
        domains = {each["code"]: each for each in baseline._roi_values()["domains"]}
        [line] = domains[domain]["lines"]
        return line
