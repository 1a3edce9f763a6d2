from odoo import fields

from odoo.addons.retail_ops_approvals.tests.common import ApprovalCase

from ..tools import boards
from ..tools.board_specs import BOARDS, VALUE_BOARD


class TestCurrencies(ApprovalCase):
    """72.50 dollars in one company and 100 Canadian in another, at 1.25 a dollar."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        usd, cad = cls.env.ref("base.USD"), cls.env.ref("base.CAD")
        cad.active = True
        cls.canada = cls.env["res.company"].create(
            {"name": "Canada", "currency_id": cad.id}
        )
        cls._set_rates({(cls.company, cad): 1.25, (cls.canada, usd): 0.8})
        cls.operations.company_ids |= cls.canada
        cls._take_in()
        cls._take_in(store_id=cls._canadian_store().id, unit_cost=20)
        cls.env.flush_all()

    @classmethod
    def _set_rates(cls, rates):
        cls.env["res.currency.rate"].search([]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "company_id": company.id,
                    "currency_id": currency.id,
                    "rate": rate,
                    "name": fields.Date.today(),
                }
                for (company, currency), rate in rates.items()
            ]
        )

    @classmethod
    def _canadian_store(cls):
        cls.calendar.company_id = False
        return cls.env["retail.store"].create(
            {
                "name": "Toronto",
                "code": "T-CA",
                "company_id": cls.canada.id,
                "region_id": cls.far_region.id,
                "manager_id": cls.far_manager.id,
                "tz": "America/Toronto",
                "resource_calendar_id": cls.calendar.id,
            }
        )

    def _shown(self, *companies):
        """Return what the board shows to who has these companies on, the first his."""
        ids = [company.id for company in companies]
        [card] = [one for one in VALUE_BOARD.cards if one.title == "Open money impact"]
        [table] = [one for one in VALUE_BOARD.tables if one.title == "Spend by kind"]
        user = self.operations
        scoped = self.env(user=user, context={"allowed_company_ids": ids})
        found = []
        for source, measure in (
            (card.source, card.measure),
            (table.source, table.columns[0][1]),
        ):
            rows = scoped[source.model].formatted_read_group(
                source.domain, [], [measure]
            )
            found.append(round(rows[0][measure], 3))
        return found

    def test_one_company_reads_its_own_money(self):
        self.assertEqual(self._shown(self.company), [72.5, 72.5])
        self.assertEqual(self._shown(self.canada), [100, 100])

    def test_two_companies_are_added_up_in_the_first_ones_currency(self):
        self.assertEqual(self._shown(self.company, self.canada), [152.5, 152.5])
        self.assertEqual(self._shown(self.canada, self.company), [190.625, 190.625])

    def test_a_chart_of_money_is_told_which_currencies_it_holds(self):
        """Odoo's graph shows the converted sum where there is more than one."""
        [chart] = [one for one in VALUE_BOARD.charts if one.measure == "amount:sum"]
        companies = self.company | self.canada
        model = self.env[chart.source.model].with_user(self.operations)
        [row] = model.with_context(
            allowed_company_ids=companies.ids
        ).formatted_read_group(
            chart.source.domain,
            [],
            [chart.measure, "currency_id:array_agg_distinct", "amount:sum_currency"],
        )
        told = set(row["currency_id:array_agg_distinct"])
        self.assertEqual(told, set(companies.currency_id.ids))
        self.assertEqual(row["amount:sum_currency"], 152.5)

    def test_no_dashboard_adds_up_money_without_its_currency(self):
        """Charts of money convert by themselves in Odoo's graphs."""
        for board in BOARDS:
            for number, pivot in boards.pivots(board).items():
                fields_of = self.env[pivot["model"]]._fields
                for measure in pivot["measures"]:
                    if measure["fieldName"] == boards.COUNT:
                        continue
                    field = fields_of[measure["fieldName"]]
                    with self.subTest(board.key, pivot=number):
                        if field.type == "monetary":
                            self.assertEqual(measure["aggregator"], "sum_currency")
