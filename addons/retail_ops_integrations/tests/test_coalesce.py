import threading

from odoo.tests import BaseCase, tagged

from ..tools.coalesce import Coalescer

PATIENCE = 30


@tagged("post_install", "-at_install")
class TestCoalesce(BaseCase):
    """A run waits for a thread's timer: short ones, of which tests await the end."""

    def setUp(self):
        super().setUp()
        self.runs = []
        self.ran = threading.Semaphore(0)

    def coalescer(self, delay, distance, **options):
        def act(key, items):
            self.runs.append((key, items))
            self.ran.release()

        return Coalescer(delay, distance, act, **options)

    def await_run(self):
        self.assertTrue(self.ran.acquire(timeout=PATIENCE))

    def test_many_calls_become_one_run_with_all_they_asked_for(self):
        coalescer = self.coalescer(0.2, 0)
        waits = [coalescer.call("db", [number]) for number in (1, 2, 1)]
        self.await_run()
        self.assertEqual(waits, [0.2, None, None])
        self.assertEqual(self.runs, [("db", {1, 2})])

    def test_keys_do_not_wait_for_each_other(self):
        coalescer = self.coalescer(0.01, PATIENCE)
        coalescer.call("one", [1])
        coalescer.call("other", [2])
        self.await_run()
        self.await_run()
        self.assertCountEqual(self.runs, [("one", {1}), ("other", {2})])

    def test_a_call_while_the_action_runs_is_followed_by_another_run(self):
        def act(key, items):
            self.runs.append(items)
            if len(self.runs) == 1:
                coalescer.call(key, ["again"])
            self.ran.release()

        coalescer = Coalescer(0.01, 0, act)
        coalescer.call("db", ["first"])
        self.await_run()
        self.await_run()
        self.assertEqual(self.runs, [{"first"}, {"again"}])

    def test_runs_keep_their_distance_while_calls_keep_coming(self):
        now = 100.0
        coalescer = self.coalescer(0.01, 0.5, clock=lambda: now)
        coalescer.call("db", [1])
        self.await_run()
        now += 0.1
        self.assertAlmostEqual(coalescer.call("db", [2]), 0.4)
        self.await_run()

    def test_after_a_rest_a_call_does_not_wait_longer_than_the_first(self):
        now = 100.0
        coalescer = self.coalescer(0.01, 0.5, clock=lambda: now)
        coalescer.call("db", [1])
        self.await_run()
        now += 5
        self.assertEqual(coalescer.call("db", [2]), 0.01)
        self.await_run()
