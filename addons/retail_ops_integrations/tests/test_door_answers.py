from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged

from ..models import retail_door_answer
from ..tools import histogram
from .common import IntegrationCase


@tagged("post_install", "-at_install")
class TestHistogram(BaseCase):
    def test_a_time_falls_into_the_step_that_it_does_not_pass(self):
        for seconds, step in (
            (0, 5),
            (0.005, 5),
            (0.0051, 10),
            (0.4, 500),
            (3600, 60000),
        ):
            with self.subTest(seconds):
                self.assertEqual(histogram.step(seconds), step)

    def test_the_percentile_lies_within_the_step_that_holds_it(self):
        self.assertEqual(histogram.quantile({}, 0.95), 0)
        self.assertEqual(histogram.quantile({20: 95, 1000: 5}, 0.95), 0.02)
        self.assertEqual(histogram.quantile({10: 50, 1000: 50}, 0.95), 0.95)

    @settings(deadline=None)
    @given(st.lists(st.floats(0, 59), min_size=1), st.floats(0.01, 1))
    def test_it_is_off_by_one_step_at_most(self, times, share):
        counts = {}
        for seconds in times:
            step = histogram.step(seconds)
            counts[step] = counts.get(step, 0) + 1
        found = histogram.quantile(counts, share)
        exact = sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]
        self.assertLessEqual(found, histogram.step(exact) / 1000)


@tagged("post_install", "-at_install")
class TestDoorAnswers(IntegrationCase):
    def hour(self, ago):
        now = self.env.cr.now()  # as the snapshot does, or a full hour lies between
        return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=ago)

    def add(self, steps, ago=0, source=None):
        source_id = source.id if source else self.source.id
        counts = {(source_id, self.hour(ago), step): n for step, n in steps.items()}
        retail_door_answer.add(self.env.cr, counts)
        self.env.invalidate_all()

    def test_what_several_processes_count_adds_up(self):
        self.add({20: 40, 1000: 5})
        self.add({20: 55})
        answers = self.env["retail.door.answer"]
        self.assertEqual(
            answers._p95_of(self.source, self.hour(0)), {self.source: (0.02, 100)}
        )

    def test_counts_of_a_source_that_is_gone_stop_nothing(self):
        gone = self.copy_source("test-gone")
        counts = {(one.id, self.hour(0), 20): 1 for one in gone + self.source}
        gone.unlink()
        retail_door_answer.add(self.env.cr, counts)
        kept = self.env["retail.door.answer"].search([("hour", "=", self.hour(0))])
        self.assertEqual(kept.source_id, self.source)

    def test_what_cannot_be_written_is_kept_for_the_next_time(self):
        tally, nowhere = retail_door_answer.ANSWERS, "no_such_database_anywhere"
        place = (self.source.id, self.hour(0), 20)
        tally.add(nowhere, place, 3)
        retail_door_answer._write(nowhere, ())
        self.assertEqual(tally.take(nowhere), {place: 3})

    def test_a_run_that_finds_nothing_to_write_writes_nothing(self):
        with self.assertNoLogs(retail_door_answer.__name__):
            retail_door_answer._write("no_such_database_anywhere", ())

    def test_the_monitor_and_the_metrics_show_the_last_24_hours(self):
        self.add({20: 95, 1000: 5}, ago=2)
        self.add({5000: 900}, ago=30)
        flow = self.env["retail.integration.flow"].search(
            [("source_id", "=", self.source.id)]
        )
        self.assertEqual((flow.answer_p95, flow.answers), (0.02, 100))
        families = self.env["retail.door.metrics"]._families(self.company.id)
        [rows] = [
            rows
            for name, _help, _kind, rows in families
            if name == "retail_ops_integration_door_p95_seconds"
        ]
        told = {labels["name"]: value for labels, value in rows}
        self.assertEqual(told["test-pos"], 0.02)

    def test_trends_keep_the_hour(self):
        self.add({20: 95, 1000: 5}, ago=1)
        self.add({5000: 900}, ago=0)
        figures = self.env["retail.integration.figure"]
        figures.search([]).sudo().unlink()
        for _time in range(2):
            figures._take_snapshot()
        kept = figures.search([("source_id", "=", self.source.id)])
        self.assertEqual((kept.answer_p95, kept.answers), (0.02, 100))

    def test_who_watches_the_doors_reads_them_and_nobody_writes_them(self):
        self.add({20: 1})
        answers = self.env["retail.door.answer"]
        mine = [("source_id", "=", self.source.id)]
        self.assertTrue(answers.with_user(self.integrator).search(mine))
        with self.assertRaises(AccessError):
            answers.with_user(self.account).search(mine)
        with self.assertRaises(AccessError):
            answers.with_user(self.integrator).search(mine).write({"count": 2})

    def test_they_go_after_a_month(self):
        self.add({20: 1}, ago=24 * 31)
        self.add({50: 1}, ago=24 * 29)
        self.env["retail.door.answer"]._gc_answers()
        self.env.invalidate_all()
        kept = self.env["retail.door.answer"].search(
            [("source_id", "=", self.source.id)]
        )
        self.assertEqual(kept.within_ms, 50)
