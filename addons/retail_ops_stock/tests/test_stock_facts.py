from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import StockCase


class TestStockFacts(StockCase):
    """A system between the apps asks about one case, and reads nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = new_test_user(
            cls.env, "test_facts", "retail_ops_stock.group_stock_facts"
        )
        vendor = cls.env["res.partner"].create(
            {"name": "Oil Mill", "email": "mill@example.com"}
        )
        cls.product.seller_ids = [
            Command.create({"partner_id": vendor.id, "delay": 4, "min_qty": 6})
        ]
        cls.product.categ_id = cls.env["product.category"].create({"name": "Oils"})
        cls.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": cls.product.id,
                "warehouse_id": cls.warehouse.id,
                "location_id": cls.shelf.id,
                "product_min_qty": 10,
                "product_max_qty": 20,
            }
        )
        kind = cls.env.ref("retail_ops_core.type_inventory_discrepancy")
        cls.case = cls.env["retail.exception"].create(
            {
                "summary": "Five bottles missing",
                "type_id": kind.id,
                "store_id": cls.store.id,
                "product_id": cls.product.id,
                "expected_quantity": 12,
                "counted_quantity": 7,
                "correlation_id": "facts-1",
            }
        )

    def ask(self, user=None, reference=None, correlation_id="facts-1"):
        facts = self.env["retail.stock.facts"].with_user(user or self.reader)
        return facts.read_for_case(reference or self.case.name, correlation_id)

    def test_supplier_stock_and_replenishment_are_told(self):
        facts = self.ask()
        self.assertEqual(
            facts["suppliers"],
            [
                {
                    "name": "Oil Mill",
                    "email": "mill@example.com",
                    "lead_days": 4,
                    "minimum_quantity": 6,
                }
            ],
        )
        self.assertEqual(facts["stock"]["on_hand"], 12)
        self.assertEqual(facts["replenishment"], {"minimum": 10, "maximum": 20})

    def test_the_category_manager_of_the_nearest_category_is_named(self):
        above = self.env["product.category"].create({"name": "Food"})
        self.product.categ_id.parent_id = above
        above.retail_manager_ids = self.manager
        self.manager.email = "category@example.com"
        self.assertEqual(self.ask()["category"]["emails"], ["category@example.com"])

    def test_a_case_without_a_product_has_no_facts(self):
        self.case.product_id = False
        self.assertIsNone(self.ask()["product"])

    def test_who_has_not_the_role_is_told_nothing(self):
        for user in (self.counter, new_test_user(self.env, "test_plain")):
            with self.assertRaises(AccessError):
                self.ask(user)

    def test_the_correlation_id_must_be_known(self):
        with self.assertRaises(UserError):
            self.ask(correlation_id="guessed")

    def test_a_case_of_another_company_is_not_told(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.reader.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other}
        )
        with self.assertRaises(UserError):
            self.ask()

    def test_the_reader_reads_no_case_no_stock_and_no_vendor(self):
        for model in (
            "retail.exception",
            "stock.quant",
            "stock.move.line",
            "stock.warehouse.orderpoint",
            "product.supplierinfo",
            "product.product",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.reader).search_read([], ["id"])

    def test_an_administrator_issues_its_key_and_it_proves_the_account(self):
        administrator = new_test_user(
            self.env, "test_administrator", "base.group_system"
        )
        window = self.reader.with_user(administrator).action_issue_stock_facts_key()
        key = window["context"]["default_key"]
        proven = self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=key)
        self.assertEqual(proven, self.reader.id)

    def test_nobody_else_issues_a_key(self):
        for user in (self.reader, self.counter, self.manager):
            with self.assertRaises(AccessError):
                self.reader.with_user(user).action_issue_stock_facts_key()

    def test_an_account_that_may_more_gets_no_key(self):
        with self.assertRaisesRegex(UserError, "no other"):
            self.counter.action_issue_stock_facts_key()
