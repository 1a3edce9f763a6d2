import json

from odoo.exceptions import AccessError
from odoo.tests import HttpCase

from ..models.retail_exception import CONTROLLED_FIELDS
from .common import RetailOpsCase


class TestAccess(RetailOpsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.near = cls._take_in()
        cls.far = cls._take_in(store_id=cls.far_store.id)

    def _seen_by(self, user):
        return (
            self.env["retail.exception"]
            .with_user(user)
            .search([("id", "in", (self.near | self.far).ids)])
        )

    def test_store_people_see_their_stores_only(self):
        self.assertEqual(self._seen_by(self.manager), self.near)
        self.assertEqual(self._seen_by(self.member), self.near)
        self.assertEqual(self._seen_by(self.far_manager), self.far)

    def test_regional_managers_see_their_regions_and_below(self):
        self.assertEqual(self._seen_by(self.region_manager), self.near)
        self.assertEqual(self._seen_by(self.country_manager), self.near)

    def test_headquarters_sees_every_store(self):
        for user in (self.operations, self.auditor, self.admin):
            with self.subTest(user.login):
                self.assertEqual(self._seen_by(user), self.near | self.far)

    def test_functions_see_the_families_they_answer_for(self):
        complaint = self._take_in(
            type_id=self.env.ref("retail_ops_core.type_customer_complaint").id
        )
        for user in (self.loss_prevention, self.finance):
            with self.subTest(user.login):
                self.assertEqual(self._seen_by(user), self.near | self.far)
                self.assertFalse(complaint.with_user(user).has_access("read"))

    def test_a_removed_member_sees_nothing_at_once(self):
        self.store.member_ids -= self.member
        self.assertFalse(self._seen_by(self.member))

    def test_a_user_of_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.operations.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        self.assertFalse(self._seen_by(self.operations))

    def test_people_outside_the_suite_see_nothing(self):
        with self.assertRaises(AccessError):
            self._seen_by(self.outsider)

    def test_the_auditor_changes_nothing(self):
        exception = self.near.with_user(self.auditor)
        for attempt in (
            lambda: exception.write({"summary": "x"}),
            lambda: exception.action_start(),
            lambda: exception.action_take(),
            lambda: exception.action_resolve(),
        ):
            self.assertRaises(AccessError, attempt)

    def test_nobody_deletes_an_exception(self):
        for user in (self.manager, self.operations, self.admin):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.near.with_user(user).unlink()

    def test_a_manager_cannot_raise_an_exception_in_another_store(self):
        with self.assertRaises(AccessError):
            self._raise_by_hand(self.manager, store_id=self.far_store.id)

    def test_no_role_writes_a_controlled_field(self):
        for user in (self.manager, self.region_manager, self.operations, self.admin):
            for name in sorted(CONTROLLED_FIELDS):
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        self.near.with_user(user).write({name: False})

    def test_no_role_creates_with_a_controlled_field_set(self):
        for values in ({"state": "resolved"}, {"severity": "low"}, {"user_id": 1}):
            with self.subTest(values), self.assertRaises(AccessError):
                self._raise_by_hand(self.manager, **values)

    def test_a_default_in_the_context_sets_no_controlled_field(self):
        with self.assertRaises(AccessError):
            self.env["retail.exception"].with_user(self.manager).with_context(
                default_state="resolved"
            ).create({"summary": "x", "type_id": self.discrepancy.id})

    def test_a_copy_starts_anew(self):
        self.near._set_resolved("Done")
        copy = self.near.with_user(self.manager).copy()
        self.assertIn(copy.state, ("new", "triaged"))
        self.assertNotEqual(copy.name, self.near.name)
        self.assertFalse(copy.resolution)

    def test_configuration_belongs_to_the_administrator(self):
        records = (
            self.discrepancy,
            self.queue,
            self.store,
            self.region,
            self.env.ref("retail_ops_core.sla_standard"),
            self.env.ref("retail_ops_core.classifier_stock_low"),
        )
        for record in records:
            for user in (self.manager, self.region_manager, self.operations):
                with self.subTest(record=record._name, user=user.login):
                    self.assertRaises(
                        AccessError, record.with_user(user).write, {"name": "x"}
                    )
            record.with_user(self.admin).write({"name": record.name})


class TestAccessOverRpc(RetailOpsCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.near = cls._take_in()
        cls.far = cls._take_in(store_id=cls.far_store.id)

    def _call(self, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/retail.exception/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": "retail.exception",
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

    def test_a_store_manager_cannot_reach_round_the_state_machine(self):
        self.authenticate("test_manager", "test_manager")
        ids = self.near.ids
        self._assert_refused(self._call("write", ids, {"state": "resolved"}))
        self._assert_refused(
            self._call("write", ids, {"state": "resolved"}, context={"su": True})
        )
        self._assert_refused(self._call("create", [{"state": "closed"}]))
        self._assert_refused(self._call("unlink", ids))
        self._assert_refused(self._call("write", ids, {"severity": "low"}))
        for method in ("_set_resolved", "_classify", "_intake", "sudo"):
            answer = self._call(method, ids)
            self.assertIn("error", answer, method)
        self.assertEqual(self.near.state, "triaged")

    def test_a_store_manager_cannot_reach_another_store(self):
        self.authenticate("test_manager", "test_manager")
        ids = self.far.ids
        self._assert_refused(self._call("read", ids, ["name"]))
        self._assert_refused(self._call("action_start", ids))
        self._assert_refused(self._call("write", ids, {"summary": "x"}))

    def test_an_import_cannot_set_a_state(self):
        self.authenticate("test_manager", "test_manager")
        answer = self._call(
            "load",
            ["summary", "type_id/.id", "store_id/.id", "state"],
            [["x", str(self.discrepancy.id), str(self.store.id), "resolved"]],
        )
        self.assertFalse(answer.get("result", {}).get("ids"))
