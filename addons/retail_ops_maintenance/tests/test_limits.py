from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import MaintenanceCase


class TestLimits(MaintenanceCase):
    def test_a_small_repair_asks_nobody(self):
        repair = self._repair(120)
        self.assertEqual(self._request_of(repair).is_automatic, True)
        self._move(repair, "work")
        self._move(repair, "done")

    def test_above_the_limit_it_waits_and_shows_it(self):
        repair = self._repair(600)
        request = self._request_of(repair)
        self.assertEqual(request.activity_ids.user_id, self.region_manager)
        self.assertEqual(self._step_of(repair), "approval")
        case = repair.sudo().exception_id
        self.assertEqual((case.state, case.waiting_reason), ("waiting", "approval"))

    def test_approved_it_goes_back_to_where_it_was_and_may_begin(self):
        repair = self._approved(600)
        self.assertEqual(self._step_of(repair), "reported")
        self.assertEqual(repair.sudo().exception_id.state, "in_progress")
        self._move(repair, "work")
        self._move(repair, "done")

    def test_a_large_repair_needs_operations_after_the_region(self):
        repair = self._repair(4000)
        request = self._request_of(repair)
        self._approve(request, self.region_manager)
        self._carry_out()
        self.assertEqual(self._step_of(repair), "approval")
        self._approve(request, self.operations)
        self._carry_out()
        self._move(repair, "work")
        self.assertFalse(request.review_state)

    def test_an_emergency_takes_the_short_chain_and_is_reviewed_afterwards(self):
        repair = self._repair(4000, is_emergency=True)
        request = self._request_of(repair)
        self._approve(request, self.region_manager)
        self._carry_out()
        self._move(repair, "work")
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.review_state, "due")

    def test_refused_nothing_is_done_and_the_reason_is_said(self):
        repair = self._repair(600)
        request = self._request_of(repair)
        request.with_user(self.region_manager).action_reject("Buy a new one")
        self.assertEqual(self._step_of(repair), "reported")
        self.assertIn("Buy a new one", "".join(repair.message_ids.mapped("body")))
        self.assertEqual(repair.sudo().exception_id.state, "in_progress")

    def test_work_that_comes_to_cost_more_is_parked_and_goes_on_once_approved(self):
        repair = self._repair(120)
        self._move(repair, "work")
        repair.repair_cost = 700
        self.assertEqual(self._step_of(repair), "approval")
        self._approve(self._request_of(repair), self.region_manager)
        self._carry_out()
        self.assertEqual(self._step_of(repair), "work")
        self._move(repair, "done")

    def test_a_bill_below_what_was_approved_needs_nobody(self):
        repair = self._approved(600)
        self._move(repair, "work")
        repair.repair_cost = 550
        self.assertEqual(self._step_of(repair), "work")
        self._move(repair, "done")

    def test_a_quote_that_falls_below_the_limit_waits_no_longer(self):
        repair = self._repair(600)
        repair.repair_cost = 100
        self.assertEqual(self._step_of(repair), "reported")
        self._move(repair, "work")

    def test_each_figure_a_repair_was_said_to_cost_is_kept(self):
        repair = self._repair(600)
        repair.repair_cost = 700
        repair.name = "Compressor"
        self.assertEqual(repair.quote_ids.mapped("amount"), [700, 600])
        self.assertEqual(repair.quote_ids.create_uid, self.technician)
        for values in ({"amount": 1}, {"request_id": repair.copy().id}):
            with self.assertRaises(AccessError):
                repair.quote_ids[0].write(values)
        with self.assertRaises(AccessError):
            repair.quote_ids.unlink()

    def test_only_who_sees_a_repair_sees_its_quotes(self):
        quotes = self._repair(600).sudo().quote_ids
        for user in (self.technician, self.manager, self.region_manager):
            self.assertTrue(quotes.with_user(user).has_access("read"), user.login)
        self.assertFalse(quotes.with_user(self.other_technician).has_access("read"))

    def test_a_repair_of_no_store_keeps_no_quotes_and_meets_no_rule(self):
        laptop = self.env["maintenance.equipment"].create({"name": "Laptop"})
        repair = self.env["maintenance.request"].create(
            {"name": "Screen", "equipment_id": laptop.id, "repair_cost": 9000}
        )
        self.assertFalse(repair.quote_ids)
        ours = self.env["base.automation"].search(
            [("model_id.model", "=", "maintenance.request")]
        )
        self.assertFalse(ours)

    def test_the_technician_does_not_decide_about_his_own_repair(self):
        self.technician.group_ids += self.env.ref(
            "retail_ops_core.group_regional_manager"
        )
        self.region.manager_id = self.technician
        repair = self._repair(600)
        request = self._request_of(repair)
        with self.assertRaises(AccessError):
            request.with_user(self.technician).action_approve()

    def test_equipment_of_no_store_follows_odoos_own_rules(self):
        laptop = self.env["maintenance.equipment"].create({"name": "Laptop"})
        repair = (
            self.env["maintenance.request"]
            .with_user(self.technician)
            .create({"name": "Screen", "equipment_id": laptop.id, "repair_cost": 9000})
        )
        self._move(repair, "done")
        self.assertFalse(repair.store_id)


class TestRuleOff(MaintenanceCase):
    """Apart from the others: the registry forgets a rule for the whole class."""

    def test_with_the_rule_off_the_repair_waits_until_somebody_asks(self):
        self.env.ref("retail_ops_maintenance.automation_quote").active = False
        repair = self._repair(600)
        self.assertFalse(self._request_of(repair))
        with self.assertRaisesRegex(UserError, "press Ask for approval"):
            self._move(repair, "work")
        repair.action_request_approval()
        self.assertTrue(self._request_of(repair))

    def test_an_older_database_keeps_its_rule_switched_off(self):
        data = {"module": "retail_ops_maintenance", "name": "automation_ask"}
        former = self.env["base.automation"].create(
            {
                "name": "Former",
                "model_id": self.env["ir.model"]._get_id("maintenance.request"),
                "trigger": "on_create_or_write",
                "active": False,
            }
        )
        self.env["ir.model.data"].create(
            {**data, "model": "base.automation", "res_id": former.id}
        )
        self.env["retail.repair.quote"]._replace_former_rule()
        rule = self.env.ref("retail_ops_maintenance.automation_quote")
        self.assertFalse(former.exists() or rule.active)


class TestPathsAround(MaintenanceCase):
    def _refused(self, change):
        with self.assertRaisesRegex(UserError, "needs an approval|is held until"):
            change()
            self.env.flush_all()

    def test_every_stage_that_means_work_or_done(self):
        repair = self._repair(600)
        for step in ("work", "supplier", "done"):
            self._refused(lambda step=step: self._move(repair, step))

    def test_stage_and_cost_written_together(self):
        repair = self._repair()
        values = {"repair_cost": 600, "stage_id": self.stages["done"].id}
        self._refused(lambda: repair.write(values))

    def test_a_request_in_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids += other
        team = self.env["maintenance.team"].create(
            {"name": "Painters", "company_id": other.id}
        )
        requests = self.env["maintenance.request"].with_user(self.manager)
        request = requests.with_context(
            allowed_company_ids=[other.id, self.company.id]
        ).create(
            {
                "name": "Paint the door",
                "company_id": other.id,
                "maintenance_team_id": team.id,
            }
        )
        self.assertEqual(request.sudo().store_id, self.store)

    def test_a_request_created_done(self):
        values = {
            "name": "Quick fix",
            "equipment_id": self.freezer.id,
            "repair_cost": 600,
            "stage_id": self.stages["done"].id,
        }
        requests = self.env["maintenance.request"].with_user(self.technician)
        self._refused(lambda: requests.create(values))

    def test_an_import(self):
        requests = self.env["maintenance.request"].with_user(self.technician)
        result = requests.load(
            ["name", "equipment_id/.id", "repair_cost", "stage_id/.id"],
            [["Quick fix", self.freezer.id, 600, self.stages["work"].id]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("needs an approval", result["messages"][0]["message"])

    def test_a_bill_entered_after_it_was_done(self):
        repair = self._repair()
        self._move(repair, "done")
        self._refused(lambda: repair.write({"repair_cost": 600}))

    def test_more_than_was_approved_after_it_was_done(self):
        repair = self._approved(600)
        self._move(repair, "done")
        with self.assertRaises(UserError):
            repair.repair_cost = 900

    def test_clearing_the_equipment_keeps_the_store(self):
        repair = self._repair()
        repair.equipment_id = False
        self.assertEqual(repair.store_id, self.store)
        repair.repair_cost = 600
        self._refused(lambda: self._move(repair, "work"))

    def test_somebody_of_a_store_without_equipment(self):
        request = (
            self.env["maintenance.request"]
            .with_user(self.manager)
            .create({"name": "Paint", "repair_cost": 600})
        )
        self.assertEqual(request.store_id, self.store)
        self._refused(lambda: self._move(request, "work"))

    def test_a_stage_that_is_given_another_meaning(self):
        stage = self.env["maintenance.stage"].create({"name": "Parking"})
        stage.retail_step = "reported"
        repair = self._repair(600)
        repair.stage_id = stage
        stage = stage.with_user(self.equipment_manager)
        self._refused(lambda: stage.write({"done": True}))

    def test_a_stage_made_free_by_who_keeps_equipment(self):
        stages = self.env["maintenance.stage"].with_user(self.equipment_manager)
        with self.assertRaises(AccessError):
            stages.create({"name": "Free", "retail_step": "reported"})
        own = stages.create({"name": "Quick"})
        with self.assertRaises(AccessError):
            own.retail_step = "reported"
        repair = self._repair(600)
        self._refused(lambda: repair.write({"stage_id": own.id}))

    def test_another_vendor_after_the_approval(self):
        repair = self._approved(600)
        self._move(repair, "work")
        repair.vendor_id = self.env["res.partner"].create({"name": "Brother-in-law"})
        self.assertEqual(self._step_of(repair), "approval")

    def test_an_approval_serves_once(self):
        repair = self._approved(600)
        self._move(repair, "done")
        repair.sudo().exception_id._set_resolved("Cold again")
        repair.sudo().exception_id._set_reopened("Warm again")
        self._refused(lambda: self._move(repair, "work"))

    def test_a_stage_pressed_by_mistake_is_taken_back(self):
        repair = self._approved(600)
        self._move(repair, "done")
        self._move(repair, "work")
        self.assertEqual(self._step_of(repair), "work")

    def test_a_repair_of_a_finished_case_is_not_begun_again_under_its_approval(self):
        repair = self._approved(600)
        self._move(repair, "done")
        repair.sudo().exception_id._set_resolved("Cold again")
        self._refused(lambda: self._move(repair, "work"))

    def test_a_copy_has_neither_cost_nor_approval(self):
        copied = self._approved(600).sudo().copy()
        self.assertFalse(copied.repair_cost)
        self.assertFalse(copied.approved_by_id)

    def test_parts_of_one_repair_are_seen(self):
        asked = [self._request_of(self._repair(240)) for _part in range(3)]
        self.assertEqual([each.is_split for each in asked], [False, True, True])
        self.assertIn("720", asked[-1].split_text)

    def test_controlled_fields_are_not_written_by_hand(self):
        repair = self._repair(600)
        other = self._fail()
        for values in (
            {"approved_by_id": self._request_of(repair).id},
            {"exception_id": other.id},
            {"down_since": False},
            {"downtime_repaired": 0.5},
            {"store_id": False},
        ):
            with self.assertRaises(AccessError):
                repair.write(values)

    def test_a_preventive_one_that_repeats_begins_free_of_cost(self):
        repair = (
            self.env["maintenance.request"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Yearly check",
                    "equipment_id": self.freezer.id,
                    "maintenance_type": "preventive",
                    "recurring_maintenance": True,
                    "repair_cost": 100,
                }
            )
        )
        self._move(repair, "done")
        again = self.env["maintenance.request"].search(
            [("name", "=", "Yearly check"), ("id", "!=", repair.id)]
        )
        self.assertFalse(again.repair_cost)
        self.assertEqual(self._step_of(again), "reported")

    def test_a_team_member_of_two_stores_is_bound_all_the_same(self):
        self.far_store.member_ids = [Command.link(self.member.id)]
        request = (
            self.env["maintenance.request"]
            .with_user(self.member)
            .create({"name": "Paint", "repair_cost": 600})
        )
        self._refused(lambda: self._move(request, "done"))
