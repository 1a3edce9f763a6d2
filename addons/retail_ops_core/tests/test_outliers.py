from datetime import date, datetime, timedelta
from fractions import Fraction
from math import comb

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from ..tools import budget, rates
from .common import RetailOpsCase

# Computed with SciPy 1.17.1, which judges anew in tests/launcher:
# binomtest(count, count + peers, own / (own + rest), alternative="greater").pvalue
EXACT = {
    (14, 7, 98, 161): 0.00024381943166962191,
    (3, 7, 10, 700): 0.0002576945478298242,
    (1, 7, 0, 70): 0.09090909090909091,
    (40, 11578, 900, 266294): 0.46839312251218407,
    (5, 1, 5, 1): 0.623046875,
    (12, 7, 30, 63): 0.0006236563421351494,
    (0, 7, 50, 70): 1.0,
}
# norm.sf(score)
NORMAL = {
    0: 0.5,
    1.6448536269514722: 0.050000000000000044,
    3.5: 0.00023262907903552502,
    6.0: 9.865876450376946e-10,
}
# Computed with statsmodels 0.15.0, likewise: multipletests(chances, method="fdr_bh")[1]
ADJUSTED = [
    (
        [0.01, 0.04, 0.03, 0.005, 0.2, 0.5, 0.9, 0.0001],
        [0.08 / 3, 0.064, 0.06, 0.02, 0.8 / 3, 4 / 7, 0.9, 0.0008],
    ),
    ([1.0, 0.02, 0.02, 0.7, 1.0], [1.0, 0.05, 0.05, 1.0, 1.0]),
]
MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestArithmetic(BaseCase):
    def test_the_chance_of_a_number_is_that_of_scipy(self):
        for arguments, expected in EXACT.items():
            self.assertAlmostEqual(rates.exceedance(*arguments), expected, places=12)

    def test_the_chance_of_a_number_is_exact_in_fractions(self):
        for count in range(8):
            share = Fraction(7, 30)
            exact = sum(
                comb(count + 9, k) * share**k * (1 - share) ** (count + 9 - k)
                for k in range(count, count + 10)
            )
            found = rates.exceedance(count, 7, 9, 23)
            self.assertAlmostEqual(found, float(exact), places=12)

    def test_what_is_far_beyond_is_next_to_nothing(self):
        self.assertLess(rates.exceedance(250, 7, 9000, 1400), 1e-12)

    def test_without_peers_or_days_nothing_is_unusual(self):
        self.assertEqual(rates.exceedance(9, 7, 0, 0), 1.0)
        self.assertEqual(rates.exceedance(9, 0, 10, 70), 1.0)

    def test_the_tail_of_the_normal_is_that_of_scipy(self):
        for score, expected in NORMAL.items():
            self.assertAlmostEqual(rates.beyond(score), expected, places=14)

    def test_the_adjusted_values_are_those_of_statsmodels(self):
        for chances, expected in ADJUSTED:
            for mine, theirs in zip(budget.adjust(chances), expected, strict=True):
                self.assertAlmostEqual(mine, theirs, places=12)

    def test_a_drawn_rate_is_the_gamma_poisson_posterior_mean(self):
        rows = [(2, 7), (30, 70), (1, 7), (60, 70), (9, 35)]
        exposure = sum(each for _count, each in rows)
        mean = sum(count for count, _each in rows) / exposure
        spread = sum(n * (y / n - mean) ** 2 for y, n in rows) / exposure
        variance = spread - mean * len(rows) / exposure
        a, b = mean**2 / variance, mean / variance
        for (count, own), rate in zip(rows, rates.shrunk(rows), strict=True):
            self.assertAlmostEqual(rate, (count + a) / (own + b), places=12)

    def test_a_thin_store_is_drawn_more_than_a_large_one(self):
        thin, large, *_rest = rates.shrunk([(2, 2), (100, 100), (10, 100), (20, 200)])
        self.assertLess(thin, large)

    def test_where_chance_explains_it_all_get_the_common_rate(self):
        self.assertEqual(rates.shrunk([(5, 10), (5, 10)]), [0.5, 0.5])
        self.assertEqual(rates.shrunk([]), [])

    def test_the_budget_takes_the_strongest_and_no_more(self):
        chosen = budget.choose([1e-6, 0.5, 1e-9, 1e-7, 1e-3], 2, 0.1)
        flagged = [at for at, each in enumerate(chosen) if each.is_flagged]
        self.assertEqual(flagged, [2, 3])
        self.assertEqual(sum(each.is_believed for each in chosen), 4)
        self.assertEqual(chosen[2].rank, 1)

    def test_what_is_not_believed_fills_no_budget(self):
        chosen = budget.choose([0.4, 0.6, 0.9], 3, 0.1)
        self.assertFalse(any(each.is_flagged for each in chosen))


class OutlierCase(RetailOpsCase):
    """Ten quiet stores of a company of their own, and two that are not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Run = cls.env["retail.outlier.run"]
        (cls.store | cls.other_store | cls.far_store).state = "closed"
        cls.quiet = cls.env["retail.store"]
        for number in range(10):
            cls.quiet |= cls._create_store(f"Q{number:02}", cls.region, cls.manager)
        cls.loud = cls._create_store("L01", cls.region, cls.manager)
        cls.louder = cls._create_store("L02", cls.region, cls.manager)
        cls.cash = cls.env.ref("retail_ops_core.type_cash_over_short")
        cls.cash.storm_threshold = 0
        cls.plan = cls.env["retail.outlier.plan"]._of(cls.company)
        cls.plan.write(
            {"analyst_ids": [(6, 0, cls.loss_prevention.ids)], "per_analyst": 5}
        )
        numbers = {store: 1 for store in cls.quiet}
        numbers |= {cls.loud: 9, cls.louder: 14}
        for store, number in numbers.items():
            cls._happen(store, number)

    @classmethod
    def _happen(cls, store, number, **values):
        """Raise so many cases of a store within the week of :data:`MONDAY`."""
        begin = datetime(2026, 3, 2, 18)
        cls.env["retail.exception"].sudo()._intake(
            [
                {
                    "type_id": cls.cash.id,
                    "store_id": store.id,
                    "amount": 10,
                    "origin": "event",
                    "opened_at": begin + timedelta(hours=11 * turn),
                    **values,
                }
                for turn in range(number)
            ]
        )

    def _look(self):
        with freeze_time("2026-03-09 10:00:00"):
            return self.Run._look(self.plan, MONDAY)


class TestWeek(OutlierCase):
    def test_stores_beyond_chance_are_flagged_strongest_first(self):
        run = self._look()
        numbers = run.flag_ids.filtered(lambda flag: flag.measure == "number")
        self.assertEqual(numbers.mapped("store_id.code"), ["L02", "L01"])
        self.assertEqual(numbers.mapped("rank"), [1, 2])
        self.assertEqual(set(numbers.mapped("state")), {"open"})
        self.assertEqual(numbers.analyst_id, self.loss_prevention)

    def test_the_screen_shows_the_arithmetic_in_words(self):
        flag = self._look().flag_ids[:1]
        text = flag.arithmetic
        # 19 cases of 11 peers over the same days: 19 / 11 would be expected.
        self.assertIn("14 cases in the week; 1.73 would be expected from 19", text)
        self.assertIn("11 peers", text)
        self.assertIn("1 in ", text)
        self.assertIn("Rank 1, within the budget of 5", text)
        self.assertLess(flag.shrunk, flag.observed)
        self.assertGreater(flag.shrunk, flag.expected)
        chance = rates.exceedance(14, 7, 19, 77)
        self.assertAlmostEqual(flag.chance, chance, places=12)

    def test_the_budget_sets_the_threshold_and_what_was_cut_is_counted(self):
        self.plan.per_analyst = 1
        run = self._look()
        self.assertEqual((run.flagged_count, run.budget), (1, 1))
        self.assertEqual(run.cut_count, run.believed_count - 1)
        cut = run.flag_ids.filtered(lambda flag: flag.store_id == self.loud)[:1]
        self.assertEqual(cut.state, "cut")
        self.assertIn("ends before it", cut.arithmetic)

    def test_two_analysts_have_twice_the_budget_and_share_it_in_turn(self):
        self._happen(self._create_store("L03", self.region, self.manager), 12)
        both = self.loss_prevention | self.operations
        self.plan.write({"analyst_ids": [(6, 0, both.ids)], "per_analyst": 1})
        run = self._look()
        self.assertEqual((run.budget, run.flagged_count, run.cut_count), (2, 2, 1))
        flagged = run.flag_ids.filtered(lambda flag: flag.state == "open")
        self.assertEqual(flagged.mapped("store_id.code"), ["L02", "L03"])
        self.assertEqual(flagged.mapped("rank"), [1, 2])
        for analyst in both:
            mine = flagged.filtered(lambda flag, who=analyst: flag.analyst_id == who)
            self.assertEqual(len(mine), 1, analyst.name)
        cut = run.flag_ids - flagged
        self.assertEqual(cut.store_id, self.loud)
        self.assertEqual((cut.state, len(cut.analyst_id)), ("cut", 0))

    def test_who_looks_for_two_companies_has_his_number_once(self):
        company = self.env["res.company"].create({"name": "The other chain"})
        other = self.plan.create(
            {
                "company_id": company.id,
                "analyst_ids": [(6, 0, (self.loss_prevention | self.operations).ids)],
                "per_analyst": 5,
            }
        )
        self.assertEqual(self.plan.budget, 3)
        self.assertEqual(other.budget, 2 + 5)
        turns = other._turns()
        self.assertEqual(turns.count(self.loss_prevention), 2)
        self.assertEqual(turns.count(self.operations), 5)
        other.active = False
        self.plan.invalidate_recordset(["budget"])
        self.assertEqual(self.plan.budget, 5)

    def test_a_number_that_cannot_be_shared_stays_with_the_older_budget(self):
        company = self.env["res.company"].create({"name": "The other chain"})
        self.plan.per_analyst = 1
        other = self.plan.copy({"company_id": company.id})
        other.analyst_ids = self.plan.analyst_ids
        self.assertEqual((self.plan.budget, other.budget), (1, 0))
        self.assertEqual(other._turns(), [])

    def test_a_thin_store_is_not_flagged_for_one_bad_day(self):
        thin = self._create_store("T01", self.region, self.manager)
        thin.live_since = date(2026, 3, 8)
        self._happen(thin, 1, opened_at=datetime(2026, 3, 8, 18))
        self.assertNotIn(thin, self._look().flag_ids.store_id)

    def test_money_stands_out_by_its_size_not_by_its_number(self):
        dear = self.quiet[0]
        refund = self.env.ref("retail_ops_core.type_refund_anomaly")
        for turn, store in enumerate(self.quiet):
            amount = 100 + 3 * turn if store != dear else 90000
            self._happen(store, 1, type_id=refund.id, amount=amount)
        flags = self._look().flag_ids.filtered(lambda flag: flag.measure == "money")
        self.assertEqual(flags.store_id, dear)
        self.assertGreater(flags.score, 3.5)
        self.assertIn("median of 9 peers", flags.arithmetic)

    def test_many_small_cases_are_no_dear_ones(self):
        flags = self._look().flag_ids
        self.assertEqual(set(flags.mapped("measure")), {"number"})

    def test_every_comparison_counts_as_a_chance_of_a_false_alarm(self):
        run = self._look()
        numbers = 12  # one type, twelve stores
        self.assertGreaterEqual(run.tested_count, numbers)

    def test_a_week_is_looked_at_once(self):
        with freeze_time("2026-03-09 10:00:00"):
            self.Run._cron_look()
            self.Run._cron_look()
        mine = [("company_id", "=", self.company.id), ("week_start", "=", MONDAY)]
        self.assertEqual(self.Run.search_count(mine), 1)

    def test_a_company_without_budget_is_left_alone(self):
        self.plan.active = False
        with freeze_time("2026-03-09 10:00:00"):
            self.Run._cron_look()
        self.assertFalse(self.Run.search([("company_id", "=", self.company.id)]))


class TestAnalyst(OutlierCase):
    def setUp(self):
        super().setUp()
        self.flag = self._look().flag_ids[:1].with_user(self.loss_prevention)

    def test_its_cases_are_those_that_were_counted(self):
        action = self.flag.action_open_cases()
        found = self.env["retail.exception"].search_count(action["domain"])
        self.assertEqual(found, self.flag.observed)

    def test_it_becomes_one_case_of_loss_prevention(self):
        first = self.flag.action_raise_case()
        again = self.flag.action_raise_case()
        self.assertEqual(first["res_id"], again["res_id"])
        case = self.flag.exception_id
        self.assertEqual(case.type_id.code, "unusual_pattern")
        self.assertEqual(case.store_id, self.louder)
        self.assertIn("would be expected", case.reason)
        self.assertEqual(self.flag.state, "case")

    def test_a_case_about_a_pattern_makes_no_pattern(self):
        self.flag.action_raise_case()
        kinds = self.Run._counted(self.quiet | self.louder, MONDAY)
        self.assertNotIn(self.flag.exception_id.type_id, kinds)

    def test_dismissing_needs_a_reason_and_counts_in_the_precision(self):
        dialog = self.flag.action_dismiss()
        self.assertEqual(dialog["res_model"], "retail.outlier.dismiss")
        other = self.flag.run_id.flag_ids[1].with_user(self.loss_prevention)
        other.action_dismiss("The till was replaced that week.")
        self.flag.action_raise_case()
        self.assertEqual(other.state, "dismissed")
        self.assertEqual(other.decided_by_id, self.loss_prevention)
        self.assertEqual((self.plan.decided_count, self.plan.case_count), (2, 1))
        self.assertEqual(self.plan.precision, 50)

    def test_what_was_dismissed_becomes_no_case(self):
        self.flag.action_dismiss("Known.")
        with self.assertRaisesRegex(UserError, "dismissed"):
            self.flag.action_raise_case()

    def test_no_field_of_a_flag_is_written_by_people(self):
        with self.assertRaises(AccessError):
            self.flag.write({"state": "dismissed"})
        auditor = self.flag.with_user(self.auditor)
        self.assertTrue(auditor.arithmetic)
        for method, args in (("raise_case", ()), ("dismiss", ("x",))):
            with self.assertRaises(AccessError):
                getattr(auditor, f"action_{method}")(*args)

    def test_stores_see_no_flags_and_functions_their_own_families(self):
        with self.assertRaises(AccessError):
            self.flag.with_user(self.manager).read(["state"])
        self.cash.family = "people"
        self.env.flush_all()
        self.assertFalse(self.flag.search([("id", "=", self.flag.id)]))
