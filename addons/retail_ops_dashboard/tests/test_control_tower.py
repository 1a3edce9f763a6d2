import json

from odoo import fields

from odoo.addons.retail_ops_core.tests.common import RetailOpsCase

from ..tools import control_tower


class TestControlTower(RetailOpsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref("retail_ops_dashboard.dashboard_control_tower")

    def _counts(self, number, user):
        """Return the counts by which a pivot of the dashboard fills its cells."""
        pivot = control_tower.pivots()[str(number)]
        groupby = [row["fieldName"] for row in pivot["rows"] + pivot["columns"]]
        rows = (
            self.env[pivot["model"]]
            .with_user(user)
            .formatted_read_group(pivot["domain"], groupby, ["__count"])
        )
        return {tuple(row[field] for field in groupby): row["__count"] for row in rows}

    def test_the_file_is_what_the_builder_builds(self):
        shipped = json.loads(control_tower.TARGET.read_text())
        self.assertEqual(shipped, json.loads(json.dumps(control_tower.build())))

    def test_headquarters_opens_it_and_stores_do_not(self):
        for user in (self.operations, self.auditor):
            self.assertTrue(self.dashboard.with_user(user).has_access("read"))
        for user in (self.manager, self.region_manager):
            self.assertFalse(self.dashboard.with_user(user).has_access("read"))

    def test_each_figure_opens_a_menu_that_exists(self):
        for menu in control_tower.references().values():
            self.assertTrue(self.env.ref(menu), menu)

    def test_the_home_screen_counts_by_the_same_domains(self):
        """A figure has one definition, wherever it is shown."""
        home = self.env["retail.home"].with_user(self.operations).get_home()
        shown = {
            figure["key"]: figure
            for section in home["sections"]
            for figure in section.get("figures") or []
        }
        keys = ("open", "overdue", "escalated", "approvals", "events_failed")
        for number, key in enumerate(keys, 1):
            pivot, figure = control_tower.pivots()[str(number)], shown[key]
            with self.subTest(key):
                self.assertEqual(pivot["model"], figure["model"])
                self.assertEqual(
                    pivot["domain"], json.loads(json.dumps(figure["domain"]))
                )
                self.assertEqual(
                    self._counts(number, self.operations).get((), 0), figure["value"]
                )

    def test_headquarters_may_read_every_figure(self):
        for number in control_tower.pivots():
            for user in (self.operations, self.auditor):
                with self.subTest(pivot=number, user=user.login):
                    self._counts(number, user)

    def test_open_exceptions_equal_a_direct_count(self):
        self._take_in()
        self._take_in(unit_cost=400)
        expected = self.env["retail.exception"].search_count(
            [("is_open", "=", True), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(self._counts(1, self.operations), {(): expected})

    def test_regions_and_severities_add_up_to_all_open_exceptions(self):
        self._take_in()
        self._take_in(store_id=self.far_store.id, unit_cost=400)
        by_region = self._counts(6, self.operations)
        self.assertEqual(sum(by_region.values()), self._counts(1, self.operations)[()])
        key = (self.far_region.id, self.far_region.display_name)
        self.assertEqual(by_region[key, "critical"], 1)

    def test_ages_add_up_to_all_open_exceptions(self):
        for days in (0, 2, 5, 30):
            exception = self._take_in()
            exception.opened_at = self._days_ago(days)
        ages = [
            sum(self._counts(10 + index, self.operations).values())
            for index in range(len(control_tower.AGES))
        ]
        self.assertTrue(all(ages))
        self.assertEqual(sum(ages), self._counts(1, self.operations)[()])

    def _days_ago(self, days):
        return fields.Datetime.subtract(fields.Datetime.now(), days=days, minutes=1)
