import math

from odoo.tests import BaseCase, tagged

from ..tools import funnel


def store(count, days=28, exposure=None):
    """Return one store of a comparison."""
    return {"count": count, "days": days, "exposure": exposure or days}


def binomial(count, total, share):
    """Return the probability of a count by the textbook formula."""
    return math.comb(total, count) * share**count * (1 - share) ** (total - count)


@tagged("post_install", "-at_install")
class TestFunnel(BaseCase):
    def _verdicts(self, *stores):
        return [found["verdict"] for found in funnel.compare(stores)]

    def test_tails_agree_with_the_textbook_formula(self):
        for total, share in ((12, 0.125), (40, 0.5), (300, 0.02)):
            for count in (0, 1, 5, total // 2, total):
                below, above = funnel.tails(count, total, share)
                terms = [binomial(k, total, share) for k in range(total + 1)]
                self.assertAlmostEqual(below, sum(terms[: count + 1]), places=10)
                self.assertAlmostEqual(above, sum(terms[count:]), places=10)

    def test_beyond_each_limit_lies_at_most_half_the_level(self):
        for total, share in ((12, 0.125), (200, 0.1), (5000, 0.003)):
            low, high = funnel.limits(total, share, funnel.WATCH)
            self.assertLessEqual(funnel.tails(low - 1, total, share)[0], 0.025)
            self.assertLessEqual(funnel.tails(high + 1, total, share)[1], 0.025)
            self.assertGreater(funnel.tails(low, total, share)[0], 0.025)
            self.assertGreater(funnel.tails(high, total, share)[1], 0.025)

    def test_limits_of_a_known_case(self):
        # 20 heads or tails: 6 to 14 is what 95 % of fair coins keep to.
        self.assertEqual(funnel.limits(20, 0.5, funnel.WATCH), (6, 14))

    def test_stores_that_differ_by_chance_are_as_expected(self):
        verdicts = self._verdicts(store(3), store(5), store(2), store(6))
        self.assertEqual(verdicts, ["expected"] * 4)

    def test_a_store_that_chance_does_not_explain_stands_out(self):
        self.assertEqual(
            self._verdicts(store(30), store(5), store(4), store(6)),
            ["above", "expected", "expected", "expected"],
        )
        self.assertEqual(
            self._verdicts(store(9), store(2), store(3), store(3))[0], "high"
        )

    def test_a_silent_store_stands_out_too(self):
        self.assertEqual(self._verdicts(store(0), *[store(9)] * 3)[0], "low")

    def test_a_large_store_may_have_more(self):
        large = store(30, exposure=28 * 3000)
        small = [store(4, exposure=28 * 400) for _each in range(3)]
        self.assertEqual(self._verdicts(large, *small), ["expected"] * 4)

    def test_a_new_store_is_not_judged(self):
        self.assertEqual(
            self._verdicts(store(9, days=3), store(2), store(3))[0], "thin"
        )

    def test_a_store_without_likes_is_not_judged(self):
        self.assertEqual(self._verdicts(store(9)), ["alone"])

    def test_a_store_with_little_traffic_gets_wide_limits_instead_of_a_bad_place(self):
        # Twice the rate of the others, from two cases: nothing to say.
        tiny = store(2, exposure=28 * 20)
        large = [store(50, exposure=28 * 1000) for _each in range(4)]
        self.assertEqual(self._verdicts(tiny, *large)[0], "expected")

    def test_nothing_raised_is_as_expected(self):
        self.assertEqual(self._verdicts(store(0), store(0)), ["expected"] * 2)

    def test_large_numbers_keep_their_precision(self):
        below, above = funnel.tails(1000, 1_000_000, 0.001)
        self.assertAlmostEqual(below + above, 1 + binomial_at_mode(), places=8)


def binomial_at_mode():
    """Return P(X = 1000) of a million trials at 0.001, by logarithms."""
    ways = math.lgamma(1_000_001) - math.lgamma(1001) - math.lgamma(999_001)
    return math.exp(ways + 1000 * math.log(0.001) + 999_000 * math.log(0.999))
