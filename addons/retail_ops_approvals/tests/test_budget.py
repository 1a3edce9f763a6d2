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

    def test_an_unrelated_write_on_100_governed_records_costs_nothing_more(self):
        plain = self.env.ref("retail_ops_core.type_equipment_failure")
        facts = [self._fact(counted_quantity=11)] * 100
        taken = self.env["retail.exception"].sudo()._intake(facts)
        governed = self.env["retail.exception"].union(*taken)
        other = governed.create(
            [
                {"summary": "x", "store_id": self.store.id, "type_id": plain.id}
                for _record in range(100)
            ]
        )
        for records in (governed, other):  # warm caches alike
            records.write({"reason": "Seen"})
        costs = [
            self._count(lambda records=records: records.write({"reason": "Seen again"}))
            for records in (other, governed)
        ]
        self.assertLessEqual(costs[1], costs[0] + 3)

    def _publish_many_rows(self, count):
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
        draft.with_user(self._second_admin()).action_publish()

    def test_50_documents_against_1000_rows_are_routed_in_5_queries(self):
        self._publish_many_rows(1000)
        self.env.ref("retail_ops_approvals.automation_ask").active = False
        taken = self.env["retail.exception"].sudo()._intake([self._fact()] * 50)
        documents = self.env["retail.exception"].sudo().union(*taken)
        documents._approval_routes()  # compiles the matrix, once for a version
        self.env.invalidate_all()
        routes = []
        cost = self._count(lambda: routes.extend(documents._approval_routes()))
        self.assertEqual(len(routes), 50)
        self.assertTrue(all(route.row for route in routes))
        self.assertLessEqual(cost, 5)
