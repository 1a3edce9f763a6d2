import json
from datetime import timedelta

from odoo import fields
from odoo.tests.common import warmup

from .common import ApprovalCase

DESK_QUERIES = 55


def figures_of(section):
    """Yield the figures of a section that are about approvals or by kind."""
    yield from section.get("figures") or []
    yield from section.get("bars") or []
    if section.get("all"):
        yield section["all"]


class TestHome(ApprovalCase):
    """Approvals on the home screens of each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exception = cls._write_off()
        cls.request = cls._request_of(cls.exception)

    def _home(self, user, page=None, scope_id=None):
        return self.env["retail.home"].with_user(user).get_home(page, scope_id)

    def _section(self, home, key):
        return next(each for each in home["sections"] if each["key"] == key)

    def _figure(self, home, section, key):
        found = self._section(home, section)["figures"]
        return next(figure for figure in found if figure["key"] == key)

    def _ids(self, home, section):
        return [row["id"] for row in self._section(home, section)["rows"]]

    def test_each_figure_equals_the_records_it_opens_for_every_role(self):
        for user in (
            self.manager,
            self.member,
            self.region_manager,
            self.country_manager,
            self.operations,
            self.loss_prevention,
            self.finance,
            self.auditor,
        ):
            for section in self._home(user)["sections"]:
                for figure in figures_of(section):
                    with self.subTest(user=user.login, figure=figure["label"]):
                        domain = json.loads(json.dumps(figure["domain"]))
                        records = self.env[figure["model"]].with_user(user)
                        self.assertEqual(figure["value"], records.search_count(domain))

    def test_a_store_sees_what_it_asked_for_and_on_whom_it_waits(self):
        home = self._home(self.manager)
        self.assertEqual(self._ids(home, "requests"), self.request.ids)
        self.assertEqual(self._ids(home, "approvals"), [])
        self.assertEqual(self._figure(home, "now", "approvals")["value"], 0)

    def test_who_decides_sees_it_first_and_not_any_more_afterwards(self):
        home = self._home(self.region_manager)
        self.assertEqual(self._ids(home, "approvals"), self.request.ids)
        [row] = self._section(home, "approvals")["rows"]
        self.assertEqual(row["opens"], "Decide")
        self._approve(self.request, self.region_manager)
        self.assertEqual(self._ids(self._home(self.region_manager), "approvals"), [])

    def test_requests_of_another_store_stay_on_the_other_stores_page(self):
        self._write_off(store_id=self.other_store.id)
        here = self._home(self.manager, "store", self.store.id)
        self.assertEqual(self._ids(here, "requests"), self.request.ids)
        there = self._home(self.manager, "store", self.other_store.id)
        self.assertEqual(len(self._ids(there, "requests")), 1)

    def test_late_approvals_are_a_panel_of_headquarters(self):
        self.assertEqual(self._late(self.operations), 0)
        self.request.due_at = fields.Datetime.subtract(fields.Datetime.now(), hours=2)
        self.assertEqual(self._late(self.operations), 1)
        home = self._home(self.operations)
        self.assertEqual(self._ids(home, "approvals"), self.request.ids)

    def _late(self, user):
        home = self._home(user)
        return self._figure(home, "approvals", "approvals_late")["value"]

    def test_headquarters_has_five_questions(self):
        sections = self._home(self.operations)["sections"]
        asked = [each["title"] for each in sections if each["title"].endswith("?")]
        self.assertEqual(
            asked[:5],
            [
                "What is happening?",
                "What needs intervention?",
                "Which approvals are late?",
                "Where is compliance weak?",
                "How fast do exceptions resolve?",
            ],
        )

    def test_a_region_sees_what_is_late_in_its_stores_and_no_others(self):
        far = self._raise_by_hand(self.far_manager, store_id=self.far_store.id)
        requests = self.request | self._request_of(far)
        requests.due_at = fields.Datetime.subtract(fields.Datetime.now(), hours=2)
        home = self._home(self.region_manager)
        self.assertEqual(self._ids(home, "approvals_region"), self.request.ids)

    def test_a_case_that_needs_an_approval_offers_to_ask_for_it(self):
        self._approve(self.request, self.region_manager)
        self.request.with_user(self.loss_prevention).action_reject("Count again")
        self.exception._set_in_progress()
        home = self._home(self.manager)
        [row] = self._section(home, "mine")["rows"]
        self.assertEqual(row["buttons"][0]["method"], "action_request_approval")

    def test_the_page_takes_the_same_queries_however_many_requests(self):
        self._write_off(store_id=self.other_store.id)
        few = self._queries(self.operations)
        for _each in range(6):
            self._write_off(store_id=self.other_store.id)
        self.assertLessEqual(self._queries(self.operations), few)

    def _queries(self, user, page=None):
        self._home(user, page)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._home(user, page)
        return self.env.cr.sql_log_count - before

    # === Approval desk === #
    def test_the_desk_of_who_decides_begins_with_what_waits_for_him(self):
        home = self._home(self.region_manager, "desk")
        self.assertEqual(home["page"], "desk")
        self.assertEqual(self._ids(home, "approvals"), self.request.ids)
        self.assertEqual(self._figure(home, "now", "approvals")["value"], 1)
        self.assertEqual(self._figure(home, "now", "desk_late")["value"], 0)
        self.request.sudo().due_at = fields.Datetime.now() - timedelta(hours=1)
        home = self._home(self.region_manager, "desk")
        self.assertEqual(self._figure(home, "now", "desk_late")["value"], 1)
        self.assertEqual(self._ids(home, "desk_elsewhere"), [])

    def test_the_desk_counts_what_one_has_decided(self):
        self._approve(self.request, self.region_manager)
        home = self._home(self.region_manager, "desk")
        self.assertEqual(self._figure(home, "now", "approvals")["value"], 0)
        self.assertEqual(self._figure(home, "now", "desk_decided")["value"], 1)

    @warmup
    def test_the_desk_stays_within_its_budget_of_queries_however_many_requests(self):
        few = self._queries(self.region_manager, "desk")
        self.assertLessEqual(few, DESK_QUERIES)
        for _each in range(6):
            self._write_off(store_id=self.other_store.id)
        self.assertLessEqual(self._queries(self.region_manager, "desk"), few)

    def test_what_is_late_with_others_stands_apart(self):
        self.request.sudo().due_at = fields.Datetime.now() - timedelta(hours=1)
        home = self._home(self.operations, "desk")
        self.assertEqual(self._ids(home, "desk_elsewhere"), self.request.ids)
        self.assertEqual(self._ids(home, "approvals"), [])

    def test_the_desk_says_who_stands_in_for_whom(self):
        now = fields.Datetime.now()
        delegation = (
            self.env["retail.approval.delegation"]
            .with_user(self.region_manager)
            .create(
                {
                    "user_id": self.region_manager.id,
                    "delegate_id": self.country_manager.id,
                    "date_from": now,
                    "date_to": now + timedelta(days=3),
                    "reason": "Leave",
                }
            )
        )
        for user in (self.region_manager, self.country_manager):
            home = self._home(user, "desk")
            self.assertEqual(self._ids(home, "desk_stand_ins"), delegation.ids)
        self.assertEqual(
            self._ids(self._home(self.finance, "desk"), "desk_stand_ins"), []
        )

    def test_a_store_has_no_desk(self):
        self.assertNotEqual(self._home(self.manager, "desk")["page"], "desk")

    def test_each_figure_of_the_desk_equals_the_records_it_opens(self):
        for user in (self.region_manager, self.finance, self.loss_prevention):
            for section in self._home(user, "desk")["sections"]:
                for figure in figures_of(section):
                    records = self.env[figure["model"]].with_user(user)
                    self.assertEqual(
                        figure["value"], records.search_count(figure["domain"])
                    )
