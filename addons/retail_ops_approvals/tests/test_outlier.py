from odoo.tests import BaseCase, tagged

from odoo.addons.retail_ops_core.tools.outlier import HIGHEST, compare

from ..tools.matrix import Facts, Matrix, Row, shadowed
from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestOutlierScore(BaseCase):
    def test_the_score_of_a_worked_example(self):
        # Median 14.5; the distances from it are .5 to 4.5, their median 2.5.
        found = compare(30, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
        self.assertAlmostEqual(found.score, 0.6745 * 15.5 / 2.5, places=6)
        self.assertEqual((found.middle, found.count), (14.5, 10))

    def test_where_most_are_equal_the_mean_distance_measures(self):
        found = compare(10, [5] * 9 + [6])
        self.assertAlmostEqual(found.score, 5 / (0.1 * 1.253314), places=6)

    def test_where_all_are_equal_any_larger_one_stands_out(self):
        self.assertEqual(compare(5.01, [5] * 8).score, HIGHEST)
        self.assertEqual(compare(5, [5] * 8).score, 0)

    def test_less_than_usual_is_nothing_to_ask_about(self):
        self.assertEqual(compare(1, [10, 11, 12, 13, 14, 15, 16, 17]).score, 0)

    def test_few_earlier_ones_prove_nothing(self):
        self.assertEqual(compare(900, [5, 6, 5, 6, 5, 6, 5]).score, 0)
        self.assertEqual(compare(900, []).score, 0)

    def test_a_row_for_unusual_amounts_hides_none_for_all(self):
        unusual, plain = Row(id=1, outlier_min=3.5), Row(id=2)
        self.assertEqual(Matrix([unusual, plain]).match(Facts(outlier=3.5)).id, 1)
        self.assertEqual(Matrix([unusual, plain]).match(Facts(outlier=3.4)).id, 2)
        self.assertEqual(shadowed([unusual, plain]), [])
        self.assertEqual(shadowed([plain, unusual]), [(unusual, plain)])


@tagged("post_install", "-at_install")
class TestOutlier(ApprovalCase):
    """Nine write-offs of 15 to 23, then one of 45: below the limit, yet unusual."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._publish_policy(
            [
                {"amount_min": 10, "outlier_min": 3.5, "steps": ["region", "loss"]},
                {"amount_max": 50, "outcome": "none"},
                {"amount_min": 50, "steps": ["region"]},
            ]
        )

    def _write_off_of(self, amount):
        cost = {"expected_quantity": 2, "counted_quantity": 1, "unit_cost": amount}
        return self._request_of(self._write_off(**cost))

    def test_an_unusual_write_off_asks_two_people_and_says_why(self):
        for amount in range(15, 24):
            self.assertTrue(self._write_off_of(amount).is_automatic)
        request = self._write_off_of(45)
        self.assertEqual(
            request.step_ids.approver_ids, self.region_manager | self.loss_prevention
        )
        shown = request.with_user(self.region_manager).comparison
        self.assertIn("9 like it within 180 days", shown)
        self.assertIn("score 8.8", shown)

    def test_a_usual_one_says_what_would_have_been_unusual(self):
        for amount in range(15, 25):
            request = self._write_off_of(amount)
        told = request.with_user(self.member).approval_explanation()
        self.assertIn("nothing unusual", "".join(told["near"]))
