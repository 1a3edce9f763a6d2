import random

from odoo.tests import BaseCase, tagged

from ..tools import fingerprint, matrix, quorum
from ..tools.matrix import Facts, Matrix, Row

SMALL = Row(id=3, amount_max=50)
LARGE = Row(id=2, amount_min=50)
UNUSUAL = Row(id=1, amount_min=50, variance_min=20)


@tagged("post_install", "-at_install")
class TestMatrix(BaseCase):
    def _decides(self, rows, **facts):
        row = Matrix(rows).match(Facts(**facts))
        return row and row.id

    def test_a_band_holds_at_its_lower_end_and_not_at_its_upper(self):
        rows = [SMALL, LARGE]
        self.assertEqual(self._decides(rows, amount=49.99), 3)
        self.assertEqual(self._decides(rows, amount=50), 2)
        self.assertEqual(self._decides(rows, amount=50.01), 2)

    def test_the_first_row_that_holds_decides(self):
        rows = [UNUSUAL, LARGE, SMALL]
        self.assertEqual(self._decides(rows, amount=72.5, variance=41.7), 1)
        self.assertEqual(self._decides(rows, amount=72.5, variance=20), 1)
        self.assertEqual(self._decides(rows, amount=72.5, variance=19.99), 2)

    def test_a_scope_holds_for_what_it_names_and_an_empty_one_for_everything(self):
        rows = [
            Row(id=1, region_ids=(7, 8), type_ids=(5,)),
            Row(id=2, family="stock", store_format="outlet"),
            Row(id=3),
        ]
        self.assertEqual(self._decides(rows, type_id=5, region_ids=(1, 8)), 1)
        self.assertEqual(self._decides(rows, type_id=4, region_ids=(1, 8)), 3)
        outlet = {"family": "stock", "store_format": "outlet"}
        self.assertEqual(self._decides(rows, **outlet), 2)
        self.assertEqual(self._decides(rows, family="stock"), 3)

    def test_a_limit_in_another_currency_is_compared_in_that_currency(self):
        rows = [Row(id=1, currency_id=9, amount_min=100)]
        self.assertEqual(self._decides(rows, amount=80, rates={9: 1.25}), 1)
        self.assertIsNone(self._decides(rows, amount=79.99, rates={9: 1.25}))

    def test_the_index_finds_what_trying_every_row_in_order_finds(self):
        dice = random.Random(19)
        for _matrix in range(60):
            rows = [self._random_row(dice, number) for number in range(40)]
            compiled = Matrix(rows)
            for _document in range(40):
                facts = Facts(
                    amount=dice.choice((0, 10, 49.99, 50, 75, 100, 250)),
                    variance=dice.choice((0, 5, 20, 60)),
                    type_id=dice.choice((1, 2)),
                    region_ids=dice.choice(((), (1,), (1, 2))),
                    rates={9: 2.0},
                )
                tried = compiled.in_scope(facts)
                holding = [row for row in tried if matrix._miss(row, facts) is None]
                self.assertEqual(compiled.match(facts), holding[0] if holding else None)

    def _random_row(self, dice, number):
        low = dice.choice((0, 10, 50, 100))
        return Row(
            id=number,
            currency_id=dice.choice((0, 0, 9)),
            amount_min=low,
            amount_max=dice.choice((0, low + 25, low + 100)),
            variance_min=dice.choice((0, 5, 20, 50)),
            type_ids=dice.choice(((), (1,), (1, 2))),
            region_ids=dice.choice(((), (2,))),
        )

    def test_no_row_is_an_answer_too(self):
        self.assertIsNone(self._decides([LARGE], amount=10))

    def test_a_near_miss_tells_condition_wanted_and_found(self):
        rows = Matrix([UNUSUAL, LARGE, SMALL])
        [miss] = rows.near_misses(Facts(amount=72.5, variance=12))
        self.assertEqual(miss, (UNUSUAL, "variance_min", 20, 12))

    def test_rows_of_another_scope_are_no_near_misses(self):
        rows = Matrix([Row(id=9, type_ids=(4,), amount_min=80), LARGE])
        self.assertFalse(rows.near_misses(Facts(amount=60, type_id=5)))

    def test_turning_points_are_the_nearest_amounts_with_another_answer(self):
        rows = Matrix([SMALL, Row(id=2, amount_min=50, amount_max=500), Row(id=4)])
        below, above = rows.turning_points(Facts(amount=72.5))
        self.assertEqual((below.amount, below.side, below.row.id), (50, "below", 3))
        self.assertEqual((above.amount, above.side, above.row.id), (500, "from", 4))

    def test_gaps_are_amounts_that_no_unconditional_row_covers(self):
        self.assertEqual(matrix.gaps([SMALL, LARGE]), [])
        self.assertEqual(matrix.gaps([SMALL]), [(50, None)])
        self.assertEqual(matrix.gaps([UNUSUAL]), [(0.0, None)])
        rows = [SMALL, Row(id=5, amount_min=100, amount_max=200)]
        self.assertEqual(matrix.gaps(rows), [(50, 100), (200, None)])

    def test_a_row_behind_a_wider_one_never_decides(self):
        self.assertEqual(matrix.shadowed([LARGE, UNUSUAL]), [(UNUSUAL, LARGE)])
        self.assertEqual(matrix.shadowed([UNUSUAL, LARGE, SMALL]), [])


@tagged("post_install", "-at_install")
class TestQuorum(BaseCase):
    def test_two_steps_need_two_people(self):
        self.assertIsNone(quorum.distinct_people([({1}, 1), ({1}, 1)]))
        self.assertEqual(quorum.distinct_people([({1}, 1), ({1, 2}, 1)]), [{1}, {2}])

    def test_a_chain_of_moves_finds_everybody_a_place(self):
        steps = [({1, 2}, 1), ({1, 3}, 1), ({1}, 1)]
        self.assertEqual(quorum.distinct_people(steps), [{2}, {3}, {1}])

    def test_of_two_roles_that_must_not_meet_one_side_stays_out(self):
        apart = [({1}, {2})]
        self.assertIsNone(quorum.distinct_people([({1}, 1), ({2}, 1)], apart))
        steps = [({1, 3}, 1), ({2}, 1)]
        self.assertEqual(quorum.distinct_people(steps, apart), [{3}, {2}])
        both = [({1, 2}, {2})]
        self.assertIsNone(quorum.distinct_people([({2}, 1)], both))
        self.assertEqual(quorum.distinct_people([({1, 2}, 1)], both), [{1}])

    def test_a_decision_counts_where_it_leaves_the_others_possible(self):
        self.assertEqual(quorum.seat_for(1, [1], [({1, 2}, 1), ({1}, 1)]), (0, 1))
        self.assertEqual(quorum.seat_for(2, [2], [({1, 2}, 1), ({1}, 1)]), (0, 0))
        self.assertIsNone(quorum.seat_for(3, [3], [({1, 2}, 1)]))

    def test_a_full_step_takes_no_more(self):
        self.assertEqual(quorum.seat_for(1, [1], [({1, 2}, 0), ({1}, 1)]), (0, 1))


@tagged("post_install", "-at_install")
class TestFingerprint(BaseCase):
    def test_equal_facts_agree_whatever_their_form(self):
        self.assertEqual(
            fingerprint.digest({"quantity": [7], "text": ["a"]}),
            fingerprint.digest({"text": ["a"], "quantity": [7.0]}),
        )

    def test_another_fact_is_another_digest(self):
        self.assertNotEqual(
            fingerprint.digest({"quantity": [7]}), fingerprint.digest({"quantity": [8]})
        )
        self.assertNotEqual(
            fingerprint.digest({"lines": [[1, 23]]}),
            fingerprint.digest({"lines": [[12, 3]]}),
        )
