from odoo.exceptions import AccessError

from .common import RetailOpsCase


class TestClassifierBench(RetailOpsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exception = cls._take_in()
        cls.draft = cls.env["retail.exception.classifier"].create(
            {
                "name": "Draft",
                "sequence": 1,
                "is_draft": True,
                "domain": "[('impact_amount', '>=', 70)]",
                "type_ids": cls.discrepancy.ids,
                "severity": "critical",
            }
        )

    def _run(self, user, **values):
        bench = self.env["retail.classifier.bench"].with_user(user).create(values)
        bench.action_run()
        return bench

    def test_a_draft_decides_nothing_before_it_goes_live(self):
        self.assertEqual(self._take_in().severity, "medium")
        self.draft.is_draft = False
        self.assertEqual(self._take_in(unit_cost=15).severity, "critical")

    def test_the_bench_shows_what_a_draft_would_do_and_changes_nothing(self):
        bench = self._run(self.admin)
        line = bench.line_ids.filtered(lambda one: one.exception_id == self.exception)
        self.assertEqual((line.before, line.after), ("medium", "critical"))
        self.assertEqual(line.classifier_id, self.draft)
        self.assertIn("Medium → Critical", bench.summary)
        self.assertEqual(self.exception.severity, "medium")

    def test_the_bench_looks_back_as_far_as_it_is_told(self):
        self.exception.opened_at = "2020-01-01"
        lines = self._run(self.admin, days=5).line_ids
        self.assertNotIn(self.exception, lines.exception_id)

    def test_only_administrators_run_the_bench(self):
        with self.assertRaises(AccessError):
            self._run(self.operations)
