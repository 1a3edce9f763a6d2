from odoo import Command
from odoo.tests import tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestBudget(ApprovalCase):
    def _count(self, work):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _take_in_many(self, count, **values):
        exceptions = self.env["retail.exception"].sudo()
        facts = [self._fact(**values) for _number in range(count)]
        return exceptions.union(*exceptions._intake(facts))

    def test_an_unrelated_write_on_100_governed_records_costs_nothing_more(self):
        plain = self.env.ref("retail_ops_core.type_equipment_failure")
        governed = self._take_in_many(100, counted_quantity=11)
        other = self._take_in_many(100, type_id=plain.id)
        for records in (governed, other):  # warm caches alike
            records.write({"reason": "Seen"})
        costs = [
            self._count(lambda records=records: records.write({"reason": "Seen again"}))
            for records in (other, governed)
        ]
        self.assertLessEqual(costs[1], costs[0] + 3)

    def _vary_some(self, rows):
        rows.write({"amount_min_lowest": 900, "amount_min_highest": 2000})
        rows.create(
            [
                {
                    "base_id": row.id,
                    "region_ids": [Command.set(self.region.ids)],
                    "amount_min": row.amount_min - 50,
                }
                for row in rows
            ]
        )

    def _publish_many_rows(self, count, with_variants=False):
        draft = self._draft_policy([])
        rows = (
            self.env["retail.approval.rule"]
            .with_user(self.admin)
            .create(
                [
                    {
                        "policy_id": draft.id,
                        "kind_id": self.kind.id,
                        "sequence": number,
                        "amount_min": 1000 + number,
                        "step_ids": [Command.create({"approver": "region_manager"})],
                    }
                    for number in range(count)
                ]
            )
        )
        rows[-1].write({"amount_min": 0, "sequence": count})
        if with_variants:
            self._vary_some(rows[:10])
        draft.with_user(self._second_admin()).action_publish()

    def test_50_documents_against_1000_rows_are_routed_in_5_queries(self):
        self._check_routing_of_50_documents()

    def test_variants_of_a_region_cost_routing_no_query(self):
        self._check_routing_of_50_documents(with_variants=True)

    def _check_routing_of_50_documents(self, **options):
        self._publish_many_rows(1000, **options)
        self.env.ref("retail_ops_approvals.automation_ask").active = False
        documents = self._take_in_many(50)
        documents._approval_routes()  # compiles the matrix, once for a version
        self.env.invalidate_all()
        routes = []
        cost = self._count(lambda: routes.extend(documents._approval_routes()))
        self.assertEqual(len(routes), 50)
        self.assertTrue(all(route.row for route in routes))
        self.assertLessEqual(cost, 5)
