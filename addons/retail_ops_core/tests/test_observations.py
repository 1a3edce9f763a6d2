from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields

from .common import RetailOpsCase

STORES = 1000


class TestPeople(RetailOpsCase):
    def test_the_regional_manager_of_that_store_and_no_other_is_notified(self):
        self.far_region.manager_id = self.country_manager
        self.country.manager_id = False
        self.region_manager.retail_notice_from = "low"
        self.country_manager.retail_notice_from = "low"
        case = self._take_in()
        with freeze_time(case.resolve_due + timedelta(minutes=1)):
            case._escalate()
        told = case.message_ids.notified_partner_ids
        self.assertIn(self.region_manager.partner_id, told)
        self.assertNotIn(self.country_manager.partner_id, told)
        kind = self.env.ref("retail_ops_core.activity_escalated")
        escalated = case.activity_ids.filtered(lambda one: one.activity_type_id == kind)
        self.assertEqual(escalated.user_id, self.region_manager)

    def test_each_exception_shows_an_impact_and_the_queue_sorts_by_it(self):
        with freeze_time("2026-03-03 18:00:00"):
            small = self._take_in(unit_cost=60)
            large = self._take_in(unit_cost=190, store_id=self.other_store.id)
        cases = small | large
        self.assertEqual(cases.mapped("impact_amount"), [300, 950])
        self.assertEqual(set(cases.mapped("severity")), {"high"})
        worklist = self.env["retail.exception"].with_user(self.region_manager)
        mine = [("id", "in", cases.ids)]
        self.assertEqual(worklist.search(mine).sudo(), large | small)
        self.assertEqual(
            worklist.search(mine, order="impact_amount desc").sudo(), large | small
        )
        self.assertIn("money impact", large.priority_note)

    def test_other_systems_read_the_status_and_cannot_overwrite_it(self):
        case = self._take_in()
        self.assertEqual(case._publication_data()["state"], case.state)
        again = self._take_in(intake_key="fact-1", state="triaged")
        self.assertEqual(again.state, "triaged")
        same = self._take_in(intake_key="fact-1", severity="low", state="closed")
        self.assertEqual(same, again)
        self.assertEqual(same.state, "triaged")


class TestGrowth(RetailOpsCase):
    def _import_stores(self):
        columns = ["name", "code", "region_id/.id", "manager_id/.id", "tz"]
        rows = [
            [
                f"Bulk {number:04d}",
                f"B{number:04d}",
                str(self.region.id),
                str(self.manager.id),
                "America/Los_Angeles",
            ]
            for number in range(STORES)
        ]
        Store = self.env["retail.store"].with_user(self.admin)
        answer = Store.load(columns, rows)
        self.assertFalse(answer["messages"])
        return self.env["retail.store"].browse(answer["ids"])

    def test_a_thousand_imported_stores_work_with_the_same_configuration(self):
        stores = self._import_stores()
        self.assertEqual(len(stores), STORES)
        for store in stores[0] | stores[499] | stores[-1]:
            case = self._take_in(store_id=store.id)
            self.assertEqual(case.state, "triaged")
            self.assertEqual(case.user_id, self.manager)
            self.assertTrue(case.effective_due)
        listed = self.env["retail.store"].with_user(self.region_manager)
        columns = {"name": {}, "region_id": {"fields": {"display_name": {}}}}
        columns["open_exception_count"] = {}
        listed.web_search_read([], columns, limit=80)
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            listed.web_search_read([], columns, limit=80)

    def _new_policy(self):
        hours = {"low": 40, "medium": 20, "high": 8, "critical": 3}
        return self.env["retail.sla.policy"].create(
            {
                "name": "Night shift",
                "target_ids": [
                    Command.create(
                        {
                            "severity": severity,
                            "acknowledge_hours": 1,
                            "act_hours": 2,
                            "resolve_hours": resolve,
                        }
                    )
                    for severity, resolve in hours.items()
                ],
            }
        )

    def _new_queue(self):
        return self.env["retail.queue"].create(
            {
                "name": "Kiosks",
                "code": "kiosks",
                "assignment": "region_manager",
                "business_owner_id": self.operations.id,
                "technical_owner_id": self.admin.id,
            }
        )

    def _new_type(self):
        return self.env["retail.exception.type"].create(
            {
                "name": "Kiosk shrinkage",
                "code": "kiosk_shrinkage",
                "family": "stock",
                "impact_formula": "quantity_cost",
                "queue_id": self._new_queue().id,
                "sla_policy_id": self._new_policy().id,
            }
        )

    def _new_store(self):
        region = self.env["retail.region"].create(
            {"name": "North", "code": "T-N", "manager_id": self.country_manager.id}
        )
        return self._create_store("T500", region, self.manager)

    def test_channels_locations_product_lines_and_policies_are_added_by_settings(self):
        self.env = self.env(user=self.admin)
        line = self.env["product.category"].sudo().create({"name": "Wine"})
        self.product.categ_id = line
        store, kind = self._new_store(), self._new_type()
        self.env["retail.tender.kind"].create({"name": "Wallet", "code": "wallet"})
        self.env["retail.exception.classifier"].create(
            {
                "name": "Wine is always grave",
                "sequence": 1,
                "type_ids": [Command.link(kind.id)],
                "domain": str([("product_id.categ_id", "=", line.id)]),
                "severity": "critical",
            }
        )
        case = self._take_in(store_id=store.id, type_id=kind.id)
        self.assertEqual(case.severity, "critical")
        self.assertEqual(case.user_id, self.country_manager)
        deadline = store._plan_hours([(case.opened_at, 3)])[0]
        self.assertEqual(case.resolve_due, deadline)
        report = self.env["retail.store.report"].sudo()
        today = report._open_days([(store, fields.Date.today())])
        self.assertIn("wallet", today.tender_ids.kind_id.mapped("code"))
