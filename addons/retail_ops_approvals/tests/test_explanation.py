import json

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import mute_logger

from ..tools.matrix import Facts, Matrix, Row
from .test_store_request import StoreRequestCase

LARGE = Row(id=2, amount_min=50)
UNUSUAL = Row(id=1, amount_min=50, variance_min=20)


@tagged("post_install", "-at_install")
class TestOtherFacts(BaseCase):
    def _changes(self, rows, **facts):
        found = Matrix(rows).changes(Facts(**facts))
        return [(each.fact, each.value, each.row and each.row.id) for each in found]

    def test_the_next_threshold_of_a_fact_is_named(self):
        rows = [Row(id=3, variance_min=60), UNUSUAL, LARGE]
        self.assertEqual(
            self._changes(rows, amount=60, variance=5), [("variance", 20, 1)]
        )

    def test_a_fact_that_changes_nothing_is_not_named(self):
        self.assertEqual(self._changes([UNUSUAL, LARGE], amount=60, variance=30), [])
        self.assertEqual(self._changes([UNUSUAL, LARGE], amount=10, variance=5), [])

    def test_an_emergency_works_both_ways(self):
        rows = [Row(id=1, is_emergency=True), Row(id=2)]
        self.assertEqual(self._changes(rows), [("is_emergency", True, 1)])
        self.assertEqual(
            self._changes(rows, is_emergency=True), [("is_emergency", False, 2)]
        )

    def test_a_role_works_both_ways(self):
        rows = [Row(id=1, group_ids=(7,)), Row(id=2)]
        self.assertEqual(self._changes(rows), [("with_role", 7, 1)])
        self.assertEqual(
            self._changes(rows, group_ids=(7, 8)), [("without_role", 7, 2)]
        )

    def test_an_emergency_and_a_role_are_near_misses_too(self):
        rows = Matrix([Row(id=1, is_emergency=True), Row(id=2, group_ids=(7,)), LARGE])
        found = [miss.condition for miss in rows.near_misses(Facts(amount=60))]
        self.assertEqual(found, ["is_emergency", "group_ids"])


@tagged("post_install", "-at_install")
class TestExplanation(StoreRequestCase, HttpCase):
    def _explained(self, asked, user=None):
        request = self._request_of(asked)
        return request.with_user(user or self.manager).approval_explanation()

    def test_it_names_version_row_people_and_who_is_left_out(self):
        self.store.manager_id = self.region_manager
        asked = self._draft(self.procurement, self.region_manager)
        asked.with_user(self.region_manager).action_submit()
        told = self._explained(asked, self.region_manager)
        self.assertEqual(
            told["policy"]["version"], asked.sudo().approval_request_ids.policy_version
        )
        self.assertIn("Regional manager", told["rule"])
        self.assertEqual(told["block"], "no_people")
        self.assertIn(
            "Region Manager (Regional manager) asked for it.", told["left_out"]
        )

    def test_it_names_who_is_eligible_and_who_decided(self):
        asked = self._ask(self.procurement, amount=600)
        self._approve(self._request_of(asked), self.finance)
        told = self._explained(asked)
        by = {step["who"]: step for step in told["steps"]}
        self.assertEqual(by["Finance"]["decided"], ["Finance"])
        self.assertEqual(by["Finance"]["state"], "approved")
        self.assertIn("Operations", by["Operations"]["eligible"])
        self.assertEqual(by["Operations"]["decided"], [])

    def test_it_names_the_amount_and_the_fact_that_would_have_led_elsewhere(self):
        told = self._explained(self._ask(self.procurement, amount=400))
        self.assertRegex(" ".join(told["turning"]), r"500.00 on: .*Operations.*Finance")
        told = self._explained(self._ask(self.maintenance))
        self.assertRegex(told["changes"][0], "As an emergency: .*Regional manager$")
        self.assertRegex(told["near"][0], "it is no emergency")
        told = self._explained(self._ask(self.staffing))
        self.assertRegex(told["changes"][0], "From 3 times on: .*Finance")
        asked = self._ask(self.procurement, amount=40)
        self.assertRegex(
            self._explained(asked)["changes"][0],
            "Asked by somebody who is not Store manager: .*→ Store manager",
        )

    def test_the_form_says_the_same(self):
        request = self._request_of(self._ask(self.maintenance))
        html = request.with_user(self.region_manager).explanation_html
        self.assertIn("So would another fact", html)
        self.assertIn("As an emergency", html)

    def test_who_may_not_read_the_request_is_told_nothing(self):
        asked = self._ask(self.procurement)
        for user in (self.far_manager, self.outsider):
            with self.assertRaises(AccessError):
                self._explained(asked, user)

    @mute_logger("odoo.http")
    def test_other_systems_ask_over_json2_as_any_reader(self):
        request = self._request_of(self._ask(self.procurement))
        self.assertEqual(self._over_json2(self.manager, request).status_code, 200)
        told = self._over_json2(self.manager, request).json()
        self.assertEqual(told["reference"], request.name)
        self.assertTrue(told["turning"])
        self.assertEqual(self._over_json2(self.far_manager, request).status_code, 403)

    def _over_json2(self, user, request):
        keys = self.env["res.users.apikeys"].with_user(user).sudo()
        key = keys._generate("rpc", "reader", False)
        return self.url_open(
            f"/json/2/{request._name}/approval_explanation",
            data=json.dumps({"ids": request.ids}),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"bearer {key}",
            },
        )
