import json

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import HttpCase

from ..models import retail_campaign, retail_checklist
from .test_campaign import TODAY, CampaignCase


class ChecklistAccessCase(CampaignCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(TODAY):
            cls.campaign.action_plan()
        parts = cls.campaign.sudo().checklist_ids
        cls.near = parts.filtered(lambda one: one.store_id == cls.store)
        cls.far = parts.filtered(lambda one: one.store_id == cls.far_store)


class TestChecklistAccess(ChecklistAccessCase):
    def _stores_seen_by(self, user):
        lists = self.env["retail.checklist"].with_user(user)
        items = self.env["retail.checklist.item"].with_user(user)
        own = [("campaign_id", "=", self.campaign.id)]
        seen = lists.search(own).sudo().store_id
        self.assertEqual(items.search(own).sudo().store_id, seen)
        return seen

    def test_each_role_sees_the_checklists_of_its_own_stores(self):
        near = self.store | self.other_store
        expected = {
            self.member: self.store,
            self.manager: near,
            self.far_manager: self.far_store,
            self.region_manager: near,
            self.country_manager: near,
            self.operations: self.own_stores,
            self.auditor: self.own_stores,
            self.admin: self.own_stores,
        }
        for user, stores in expected.items():
            with self.subTest(user.login):
                self.assertEqual(self._stores_seen_by(user), stores)

    def test_other_functions_and_people_outside_see_nothing(self):
        for user in (self.outsider, self.finance, self.loss_prevention):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._stores_seen_by(user)

    def test_a_store_sees_only_campaigns_in_which_it_takes_part(self):
        draft = self._create_campaign(name="Secret")
        seen = self.env["retail.campaign"].with_user(self.manager).search([])
        self.assertIn(self.campaign, seen)
        self.assertNotIn(draft, seen)

    def test_nobody_answers_for_a_store_he_does_not_see(self):
        for user in (self.manager, self.region_manager, self.finance, self.outsider):
            item = self.far.item_ids[0].with_user(user)
            for answer in (item.action_done, item.action_failed, item.action_reopen):
                with self.subTest(user.login):
                    self.assertRaises(AccessError, answer)

    def test_the_auditor_reads_and_answers_nothing(self):
        item = self.near.item_ids[0].with_user(self.auditor)
        self.assertEqual(item.state, "open")
        self.assertRaises(AccessError, item.action_done)
        self.assertRaises(AccessError, item.write, {"note": "x"})
        campaign = self.campaign.with_user(self.auditor)
        self.assertRaises(AccessError, campaign.action_go_live)

    def test_no_role_writes_a_controlled_field(self):
        pairs = [
            (self.near, retail_checklist.CONTROLLED_FIELDS),
            (self.near.item_ids[0], self.near.item_ids._fields.keys() - {"id"}),
            (self.campaign, retail_campaign.CONTROLLED_FIELDS),
        ]
        for user in (self.manager, self.region_manager, self.operations, self.admin):
            for record, names in pairs:
                for name in sorted(names):
                    with self.subTest(user=user.login, field=name):
                        with self.assertRaises(AccessError):
                            record.with_user(user).write({name: False})

    def test_no_role_makes_or_deletes_a_checklist_by_hand(self):
        for user in (self.manager, self.operations, self.admin):
            lists = self.env["retail.checklist"].with_user(user)
            with self.subTest(user.login):
                self.assertRaises(AccessError, lists.create, {"name": "x"})
                self.assertRaises(AccessError, self.near.with_user(user).unlink)
                self.assertRaises(
                    AccessError, self.near.item_ids.with_user(user).unlink
                )

    def test_templates_belong_to_the_administrator(self):
        for user in (self.manager, self.region_manager, self.operations):
            with self.subTest(user.login):
                self.assertRaises(
                    AccessError, self.template.with_user(user).write, {"name": "x"}
                )
                self.assertRaises(
                    AccessError, self.template.with_user(user).action_start_now
                )
        self.template.with_user(self.admin).write({"name": "Morning check"})

    def test_campaigns_belong_to_operations(self):
        for user in (self.manager, self.region_manager, self.auditor):
            campaign = self.campaign.with_user(user)
            for attempt in (
                campaign.action_plan,
                campaign.action_go_live,
                campaign.action_end,
                lambda campaign=campaign: campaign.write({"launch_date": "2026-04-01"}),
                campaign.unlink,
                campaign.copy,
            ):
                with self.subTest(user.login):
                    self.assertRaises(AccessError, attempt)

    def test_a_removed_member_sees_nothing_at_once(self):
        self.store.member_ids -= self.member
        self.assertFalse(self._stores_seen_by(self.member))

    def test_a_user_of_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.operations.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        self.assertFalse(self._stores_seen_by(self.operations))

    def test_the_form_of_a_campaign_opens_for_a_store(self):
        views = self.env["retail.campaign"].with_user(self.manager)
        arch = views.get_view(view_type="form")["arch"]
        self.assertNotIn("region_ids", arch)
        self.assertIn("checklist_ids", arch)


class TestChecklistOverRpc(ChecklistAccessCase, HttpCase):
    def _call(self, model, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def _assert_refused(self, answer):
        self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")

    def test_a_store_cannot_tick_an_item_round_its_answer(self):
        self.authenticate("test_manager", "test_manager")
        item, near = self.near.item_ids[:1].ids, self.near.ids
        attacks = [
            ("retail.checklist.item", "write", item, {"state": "done"}),
            ("retail.checklist.item", "write", item, {"due_at": "2030-01-01"}),
            ("retail.checklist.item", "write", item, {"is_veto": False}),
            ("retail.checklist.item", "write", item, {"evidence": "none"}),
            ("retail.checklist.item", "write", item, {"fingerprints": []}),
            ("retail.checklist.item", "unlink", item),
            ("retail.checklist", "write", near, {"readiness": 100}),
            ("retail.checklist", "write", near, {"state": "done"}),
            ("retail.checklist", "write", near, {"item_ids": [[2, item[0], 0]]}),
            ("retail.checklist", "copy", near),
            ("retail.checklist", "create", [{"name": "x"}]),
        ]
        for model, method, *args in attacks:
            with self.subTest(f"{model}.{method} {args}"):
                self._assert_refused(self._call(model, method, *args))
        self._assert_refused(
            self._call(
                "retail.checklist.item",
                "write",
                item,
                {"state": "done"},
                context={"su": True},
            )
        )
        for method in ("_set_answer", "_take_evidence", "sudo"):
            answer = self._call("retail.checklist.item", method, item)
            self.assertIn("error", answer)
        self.assertEqual(self.near.item_ids[0].state, "open")

    def test_a_store_cannot_reach_the_checklist_of_another(self):
        self.authenticate("test_manager", "test_manager")
        item = self.far.item_ids[:1].ids
        self._assert_refused(self._call("retail.checklist", "read", self.far.ids))
        self._assert_refused(self._call("retail.checklist.item", "read", item))
        self._assert_refused(self._call("retail.checklist.item", "action_done", item))
        created = self._call(
            "retail.checklist.answer",
            "create",
            [{"item_id": item[0], "answer": "failed", "note": "x"}],
        )
        if "result" in created:
            self._assert_refused(
                self._call(
                    "retail.checklist.answer", "action_confirm", created["result"]
                )
            )
        self.assertEqual(self.far.item_ids[0].state, "open")

    def test_a_store_cannot_finish_a_readiness_exception(self):
        kind = self.env.ref("retail_ops_core.type_promotion_readiness")
        [case] = (
            self.env["retail.exception"]
            .sudo()
            ._intake([{"store_id": self.store.id, "type_id": kind.id}])
        )
        self.authenticate("test_manager", "test_manager")
        Case = "retail.exception"
        self._assert_refused(self._call(Case, "write", case.ids, {"state": "closed"}))
        self._assert_refused(
            self._call(Case, "write", case.ids, {"checklist_id": False})
        )
        for context in ({}, {"su": True}):
            [step] = self._call(
                "retail.exception.step",
                "create",
                [{"step": "resolve", "exception_ids": case.ids, "note": "x"}],
            )["result"]
            answer = self._call(
                "retail.exception.step", "action_confirm", [step], context=context
            )
            self.assertIn("finished by its region", answer["error"]["data"]["message"])
        answer = self._call(Case, "write", case.ids, {"type_id": self.discrepancy.id})
        self.assertIn("finished by its region", answer["error"]["data"]["message"])
        self.assertEqual(case.state, "triaged")

    def test_the_region_finishes_it_over_the_same_door(self):
        kind = self.env.ref("retail_ops_core.type_promotion_readiness")
        [case] = (
            self.env["retail.exception"]
            .sudo()
            ._intake([{"store_id": self.store.id, "type_id": kind.id}])
        )
        self.authenticate("test_region_manager", "test_region_manager")
        [step] = self._call(
            "retail.exception.step",
            "create",
            [{"step": "resolve", "exception_ids": case.ids, "note": "Seen"}],
        )["result"]
        self._call("retail.exception.step", "action_confirm", [step])
        self.assertEqual(case.state, "resolved")

    def test_an_import_plans_no_campaign(self):
        self.authenticate("test_operations", "test_operations")
        answer = self._call(
            "retail.campaign",
            "load",
            ["name", "launch_date", "template_id/.id", "state"],
            [["x", "2030-01-01", str(self.steps.id), "live"]],
        )
        self.assertFalse(answer.get("result", {}).get("ids"))
