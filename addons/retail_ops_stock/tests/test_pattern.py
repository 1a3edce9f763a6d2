from odoo.tests import TransactionCase, tagged

from ..tools.pattern import Tally, binomial_tail, findings
from .common import StockCase


@tagged("post_install", "-at_install")
class TestPatternArithmetic(TransactionCase):
    def test_the_tail_agrees_with_published_tables(self):
        # P(X >= 8), n = 10, p = 0.5: 56 / 1024
        self.assertAlmostEqual(binomial_tail(8, 10, 0.5), 56 / 1024)
        self.assertAlmostEqual(binomial_tail(0, 10, 0.5), 1)
        self.assertAlmostEqual(binomial_tail(10, 10, 0.1), 1e-10)

    def test_somebody_like_everybody_else_is_not_flagged(self):
        tallies = {who: Tally(10, 50) for who in range(20)}
        self.assertEqual(findings(tallies), [])

    def test_somebody_far_from_everybody_else_is(self):
        tallies = {who: Tally(10, 50) for who in range(20)}
        tallies[99] = Tally(40, 50)
        [finding] = findings(tallies)
        self.assertEqual(finding.who, 99)
        self.assertLess(finding.chance, 1e-6)

    def test_few_losses_and_a_single_person_prove_nothing(self):
        self.assertEqual(findings({1: Tally(4, 4), 2: Tally(0, 400)}), [])
        self.assertEqual(findings({1: Tally(400, 400)}), [])


@tagged("post_install", "-at_install")
class TestPattern(StockCase):
    def _plant(self):
        """Have one person lose goods at each count, and another at none."""
        other = self.counter.copy({"login": "test_other_counter"})
        self._lose(range(11, 3, -1))
        soap = self.env["product.product"].create({"name": "S", "is_storable": True})
        self._receive(soap, self.shelf, 5)
        for _time in range(30):
            self._count(5, other, product=soap)

    def _lose(self, counted):
        self.product.standard_price = 0.1
        for quantity in counted:
            self._count(quantity)

    def test_what_was_answered_is_asked_again_only_about_later_counts(self):
        self._plant()
        look = self.env["retail.stock.pattern"]
        [case] = look._look(self.company)
        case._set_cancelled("He counted what a burst pipe had spoilt")
        self.assertFalse(look._look(self.company), "the same counts, the next night")
        self.env.cr.execute(
            "UPDATE retail_exception SET create_date = create_date - interval '1 day'"
            " WHERE id = %s",
            [case.id],
        )
        self.env.cr.execute(
            "UPDATE stock_move SET create_date = create_date - interval '2 days'"
            " WHERE create_uid = %s AND is_inventory",
            [self.counter.id],
        )
        self.assertFalse(look._look(self.company), "nothing came since")
        self._receive(self.product, self.shelf, 20)
        self._lose(range(20, 12, -1))
        self.assertIn("8 of 8 counts", look._look(self.company).reason)

    def test_a_planted_pattern_by_one_user_is_flagged_with_its_arithmetic(self):
        self._plant()
        look = self.env["retail.stock.pattern"]
        [case] = look._look(self.company)
        self.assertIn(self.counter.name, case.summary)
        self.assertIn("8 of 8 counts", case.reason)
        self.assertIn("exact binomial test", case.reason)
        self.assertFalse(look._look(self.company), "once until it is answered")
        self.assertFalse(
            case.with_user(self.counter).has_access("read"), "not for the store"
        )
        self.assertTrue(case.with_user(self.loss_prevention).has_access("read"))
