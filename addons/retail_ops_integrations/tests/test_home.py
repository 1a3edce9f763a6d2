import json

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests.common import warmup

from .common import IntegrationCase

QUERIES = 30


class TestHome(IntegrationCase):
    """The integrator's first screen."""

    def _home(self, user):
        return self.env["retail.home"].with_user(user).get_home("integrations")

    def _section(self, key):
        sections = self._home(self.integrator)["sections"]
        return next(each for each in sections if each["key"] == key)

    def _tile(self, key):
        figures = self._section("now")["figures"]
        return next(figure for figure in figures if figure["key"] == key)

    def test_an_integrator_lands_on_the_doors(self):
        home = self.env["retail.home"].with_user(self.integrator).get_home()
        self.assertEqual(home["page"], "integrations")
        self.assertFalse(home["can_report"])

    def test_an_administrator_lands_on_headquarters_and_may_switch(self):
        home = self.env["retail.home"].with_user(self.admin).get_home()
        self.assertEqual(home["page"], "headquarters")
        self.assertEqual(self._home(self.admin)["page"], "integrations")

    def test_a_store_does_not_see_the_doors(self):
        self.assertEqual(self._home(self.manager)["page"], "store")

    def test_the_account_of_another_system_sees_nothing(self):
        with self.assertRaises(AccessError):
            self._home(self.account)

    def _queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._home(self.integrator)
        return self.env.cr.sql_log_count - before

    @warmup
    def test_the_page_stays_within_its_budget_of_queries_however_many_events(self):
        self._home(self.integrator)
        few = self._queries()
        self.assertLessEqual(few, QUERIES)
        for number in range(6):
            self.accept(f"evt-{number}", store="9942")
        self.process_inbox()
        # Each kind of bar names its records, all at once.
        self.assertLessEqual(self._queries(), few + 3)

    def test_a_broken_rule_is_counted_apart_from_what_ran_out_of_attempts(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        [job] = self.job("evt-1")
        job.error_class = "business"
        self.assertEqual(self._tile("events_business")["value"], 1)
        self.assertEqual(self._tile("events_used_up")["value"], 0)
        job.error_class = "transient"
        self.assertEqual(self._tile("events_business")["value"], 0)
        self.assertEqual(self._tile("events_used_up")["value"], 1)

    def test_each_figure_equals_the_records_it_opens(self):
        self.accept("evt-1", store="9942")
        self.accept("evt-2")
        self.process_inbox()
        self.accept("evt-3")
        self.env["retail.refusal"]._write_count(
            self.env.cr, self.source.id, "schema-violation", 7
        )
        for user in (self.integrator, self.auditor, self.admin):
            for section in self._home(user)["sections"]:
                for figure in section.get("figures", []) + section.get("bars", []):
                    with self.subTest(user=user.login, figure=figure["label"]):
                        domain = json.loads(json.dumps(figure["domain"]))
                        records = self.env[figure["model"]].with_user(user)
                        self.assertEqual(figure["value"], records.search_count(domain))

    def test_what_fails_is_told_by_source_and_what_was_refused_by_reason(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        [bar] = self._section("doors_in")["bars"]
        self.assertEqual((bar["label"], bar["value"]), (self.source.display_name, 1))
        self.env["retail.refusal"]._write_count(
            self.env.cr, self.source.id, "schema-violation", 7
        )
        self.assertIn("7", [bar["text"] for bar in self._section("refused")["bars"]])

    def test_who_is_integrator_and_store_manager_has_both(self):
        self.manager.group_ids = [
            Command.link(self.env.ref("retail_ops_integrations.group_integrator").id)
        ]
        home = self.env["retail.home"].with_user(self.manager).get_home()
        self.assertEqual(
            [page["key"] for page in home["pages"]], ["integrations", "store"]
        )
