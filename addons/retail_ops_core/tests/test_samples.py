from datetime import date, timedelta

from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import RetailOpsCase
from .rpc_common import RpcCase


class SampleCase(RetailOpsCase):
    """``far_store`` and its manager are samples; ``store`` and its people are not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._name(cls.far_store, "store_demo_0042")
        cls._name(cls.far_manager, "user_demo_store_manager")
        cls.removal = cls.env["retail.sample.removal"].with_user(cls.admin).create({})

    @classmethod
    def _name(cls, record, name):
        """Let a record be what the demo file calls so; this database has no demo."""
        cls.env["ir.model.data"].create(
            {
                "module": "retail_ops_core",
                "name": name,
                "model": record._name,
                "res_id": record.id,
            }
        )

    def _rows(self, text):
        """Return dict of what a table tells: name -> other cells."""
        table = html.fromstring(text)
        return {
            row[0].text_content().strip(): [
                cell.text_content().strip() for cell in row[1:]
            ]
            for row in table.xpath("//tbody/tr")
        }

    def _case_of_a_person(self, store):
        """Return a case that somebody who is no sample raised in a store."""
        helper = new_test_user(
            self.env, "test_helper", "retail_ops_core.group_operations"
        )
        return self._raise_by_hand(helper, store_id=store.id).sudo()


class TestSamples(SampleCase):
    def test_the_dialog_says_what_is_there(self):
        rows = self._rows(self.removal.found)
        self.assertEqual(rows, {"Store": ["1"], "User": ["1"]})

    def test_a_store_nobody_used_goes_with_what_grew_on_it(self):
        case = self._take_in(store_id=self.far_store.id)
        self.env["retail.kpi"].search([("code", "=", "recurrence")])._snapshot(
            case.opened_at.date(), case.opened_at.date()
        )
        self.removal.action_remove()
        self.assertFalse(self.far_store.exists())
        self.assertFalse(case.exists())

    def test_a_sample_region_goes_with_its_letters(self):
        region = self.env["retail.region"].create(
            {"name": "Sample", "code": "T-S", "manager_id": self.far_manager.id}
        )
        self._name(region, "region_demo_us_west")
        letters = self.env["retail.letter"]
        monday = date(2026, 3, 2)
        letter, kept = (
            letters._write_to(place, monday, monday + timedelta(days=6))
            for place in (region, self.region)
        )
        self.removal.action_remove()
        self.assertFalse(region.exists())
        self.assertFalse(letter.exists())
        self.assertTrue(kept.exists())

    def test_letters_about_the_company_go_until_it_has_a_store_of_its_own(self):
        letters = self.env["retail.letter"]
        monday = date(2026, 3, 2)
        early, late = (
            letters._write_to(self.company, day, day + timedelta(days=6))
            for day in (monday, monday + timedelta(days=7))
        )
        own = self.store | self.other_store
        early.written_at = min(own.mapped("create_date")) - timedelta(days=1)
        late.written_at = max(own.mapped("create_date")) + timedelta(days=1)
        self.removal.action_remove()
        self.assertFalse(early.exists())
        self.assertTrue(late.exists())

    def test_what_belongs_to_stores_of_ones_own_stays(self):
        mine = self._take_in()
        self.removal.action_remove()
        self.assertTrue(mine.exists())
        self.assertTrue(self.store.active)
        self.assertTrue(self.manager.active)

    def test_a_store_with_a_case_of_a_person_is_archived_and_the_case_stays(self):
        grown = self._take_in(store_id=self.far_store.id)
        made = self._case_of_a_person(self.far_store)
        self.removal.action_remove()
        self.assertTrue(made.exists())
        self.assertFalse(grown.exists())
        self.assertFalse(self.far_store.active)
        [_count, why] = self._rows(self.removal.outcome)["Store"]
        self.assertEqual(why, "archived; in use: Store Exception")

    def test_sample_people_are_archived_and_log_in_no_more(self):
        self.removal.action_remove()
        self.assertFalse(self.far_manager.active)
        self.assertIn("archived", self._rows(self.removal.outcome)["User"][1])

    def test_the_ledger_is_whole_and_says_who_removed_it(self):
        entries = self.env["retail.audit.entry"].sudo()
        self._take_in(store_id=self.far_store.id)
        before = entries.search([])
        self.removal.action_remove()
        self.assertEqual(before.exists(), before)
        entry = entries.search([("action", "=", "sample.removed")])
        self.assertEqual(entry.user_id, self.admin.id)

    def test_again_finds_what_has_become_free(self):
        made = self._case_of_a_person(self.far_store)
        self.removal.action_remove()
        made.unlink()
        self.removal.action_remove()
        self.assertFalse(self.far_store.exists())

    def test_shipped_records_are_no_samples(self):
        before = self.env["retail.exception.type"].search_count([])
        self.removal.action_remove()
        self.assertEqual(self.env["retail.exception.type"].search_count([]), before)
        self.assertTrue(self.queue.exists())

    def test_an_update_brings_nothing_back(self):
        self.removal.action_remove()
        self.assertFalse(any(self.env["retail.sample"]._suite().mapped("demo")))

    def test_getting_started_leads_out_while_there_are_samples(self):
        self.assertIn("samples", self._started())
        self.removal.action_remove()
        self.assertNotIn("samples", self._started())

    def _started(self):
        home = self.env["retail.home"].with_user(self.admin).get_home("started")
        [setup] = [each for each in home["sections"] if each["key"] == "setup"]
        return {row["key"] for row in setup["rows"]}

    def test_nobody_else_removes_anything(self):
        for user in (self.manager, self.operations, self.auditor, self.outsider):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.removal.with_user(user).action_remove()
        self.assertTrue(self.far_store.exists())


class TestSamplesOverRpc(SampleCase, RpcCase):
    def test_only_an_administrator_opens_and_confirms_the_dialog(self):
        for user in (self.manager, self.operations, self.auditor):
            self.authenticate(user.login, user.login)
            with self.subTest(user.login):
                made = self._call("retail.sample.removal", "create", [{}])
                self.assertTrue(self._is_refused(made))
                step = [self.removal.ids]
                answer = self._call("retail.sample.removal", "action_remove", *step)
                self.assertTrue(self._is_refused(answer))
        self.assertTrue(self.far_store.exists())
