from datetime import timedelta

from freezegun import freeze_time

from .common import RetailOpsCase


class TestStorms(RetailOpsCase):
    def _burst(self, count, **values):
        facts = [self._fact(**values) for _number in range(count)]
        results = self.env["retail.exception"].sudo()._intake(facts)
        return self.env["retail.exception"].concat(*results)

    def test_five_hundred_like_exceptions_are_one_storm_with_one_notice(self):
        exceptions = self._burst(500)
        storm = exceptions.storm_id
        self.assertEqual(len(storm), 1)
        self.assertEqual(storm.member_count, 500)
        self.assertEqual(storm.activity_ids.user_id, self.operations)
        self.assertEqual(len(storm.activity_ids), 1)
        self.assertFalse(exceptions.activity_ids)

    def test_a_few_like_exceptions_are_no_storm(self):
        exceptions = self._burst(19)
        self.assertFalse(exceptions.storm_id)
        self.assertEqual(len(exceptions.activity_ids), 19)

    def test_those_before_the_threshold_join_and_lose_their_own_notice(self):
        early = self._burst(10)
        late = self._burst(10)
        self.assertEqual((early | late).storm_id.member_count, 20)
        self.assertFalse(early.activity_ids)

    def test_later_ones_join_the_same_storm(self):
        first = self._burst(20).storm_id
        self.assertEqual(self._burst(5).storm_id, first)
        self.assertEqual(len(first.activity_ids), 1)

    def test_many_cases_raised_by_hand_at_once_are_one_storm(self):
        exceptions = self.env["retail.exception"].create(
            [
                {
                    "summary": f"Case {number}",
                    "store_id": self.store.id,
                    "type_id": self.discrepancy.id,
                }
                for number in range(25)
            ]
        )
        self.assertEqual(exceptions.storm_id.member_count, 25)

    def test_another_store_is_another_storm(self):
        here = self._burst(20).storm_id
        there = self._burst(20, store_id=self.far_store.id).storm_id
        self.assertNotEqual(here, there)

    def test_a_storm_of_a_product_spans_stores(self):
        self.discrepancy.storm_by = "product"
        here = self._burst(10)
        there = self._burst(10, store_id=self.far_store.id)
        self.assertEqual(len((here | there).storm_id), 1)

    def test_a_threshold_of_zero_never_groups(self):
        self.discrepancy.storm_threshold = 0
        self.assertFalse(self._burst(30).storm_id)

    def test_a_storm_is_over_when_nothing_came_for_its_minutes(self):
        storm = self._burst(20).storm_id
        storm._cron_end()
        self.assertFalse(storm.is_over)
        with freeze_time(storm.last_at + timedelta(hours=2)):
            storm._cron_end()
            self.assertTrue(storm.is_over)
            self.assertNotEqual(self._burst(20).storm_id, storm)

    def test_one_resolution_finishes_the_whole_storm(self):
        storm = self._burst(20).storm_id
        step = storm.with_user(self.operations).action_resolve_all()
        self.env["retail.exception.step"].with_user(self.operations).with_context(
            **step["context"]
        ).create({"note": "Label printer replaced"}).action_confirm()
        self.assertEqual(storm.open_count, 0)
        self.assertFalse(storm.activity_ids)

    def test_store_people_see_storms_of_their_stores_only(self):
        here = self._burst(20).storm_id
        there = self._burst(20, store_id=self.far_store.id).storm_id
        seen = self.env["retail.storm"].with_user(self.manager)
        self.assertEqual(seen.search([("id", "in", (here | there).ids)]), here)
