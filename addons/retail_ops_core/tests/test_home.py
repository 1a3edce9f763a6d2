import json
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, warmup

from ..tools import figures
from .checklist_common import ChecklistCase
from .home_tiles import HomeTiles, figures_of
from .rpc_common import RpcCase

ROLES = (
    "manager",
    "member",
    "far_manager",
    "region_manager",
    "country_manager",
    "operations",
    "loss_prevention",
    "finance",
    "auditor",
    "admin",
)


class HomeCase(HomeTiles, ChecklistCase):
    """A day in the test network: something for every section."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template.start_hour = 0  # so that there is one at any hour of the day
        cls.mine = cls._take_in()
        cls.mine.user_id = cls.manager
        cls.late = cls._take_in(store_id=cls.other_store.id)
        cls.late.resolve_due = fields.Datetime.now() - timedelta(hours=3)
        cls.late._escalate()
        cls.far = cls._take_in(store_id=cls.far_store.id, unit_cost=900)
        cls.done = cls._take_in(unit_cost=1)
        cls.done._set_resolved("Found behind the shelf")
        cls.gap = cls._take_in(
            type_id=cls.env.ref("retail_ops_core.type_staffing_gap").id
        )

    def _titles(self, home, section):
        return [row["title"] for row in self._section(home, section)["rows"]]


class TestHomeFigures(HomeCase):
    def test_each_figure_equals_the_records_it_opens_for_every_role(self):
        self._start()
        self._run_cron("cron_report_open")
        for role in ROLES:
            user = getattr(self, role)
            for page in self._home(user)["pages"]:
                home = self._home(user, page["key"])
                for section in home["sections"]:
                    for figure in figures_of(section):
                        with self.subTest(
                            role=role, section=section["key"], figure=figure["label"]
                        ):
                            self._assert_opens_what_it_counts(user, figure)

    def _assert_opens_what_it_counts(self, user, figure):
        domain = json.loads(json.dumps(figure["domain"]))
        records = self.env[figure["model"]].with_user(user)
        self.assertEqual(figure["value"], records.search_count(domain))

    def test_domains_joined_find_what_each_finds(self):
        low = ["|", ("severity", "=", "low"), ("severity", "=", "medium")]
        either = figures.any_of([("is_open", "=", True), *low], [("id", "=", 0)])
        alone = figures.any_of([("is_open", "=", True), *low])
        Exceptions = self.env["retail.exception"]
        expected = Exceptions.search([("is_open", "=", True)] + low)
        self.assertEqual(Exceptions.search(either), expected)
        self.assertEqual(Exceptions.search(alone), expected)

    def test_heat_and_trend_add_up(self):
        home = self._home(self.operations)
        rows = self._section(home, "risk")["heat"]["rows"]
        cells = sum(cell["value"] for row in rows for cell in row["cells"])
        self.assertEqual(cells, self._figure(home, "happening", "open")["value"])
        for cell in (cell for row in rows for cell in row["cells"]):
            self.assertRegex(cell["label"], r"weight \d+ of at most \d+$")
        for series in self._section(home, "happening")["trend"]["series"]:
            self.assertEqual(sum(series["points"]), series["value"])
            self.assertEqual(len(series["points"]), 28)

    def test_the_share_of_kept_deadlines_counts_what_is_open_and_overdue(self):
        open_ones = self.env["retail.exception"].search([("is_open", "=", True)])
        open_ones.resolve_due = fields.Datetime.now() + timedelta(days=1)
        self.late.resolve_due = fields.Datetime.now() - timedelta(hours=3)
        before = self._figure(
            self._home(self.operations), "compliance", "deadlines_kept"
        )
        self.late._set_resolved("Counted again")
        after = self._figure(
            self._home(self.operations), "compliance", "deadlines_kept"
        )
        self.assertEqual(before["value"], after["value"])
        self.assertEqual(before["percent"], after["percent"])

    def test_hours_to_resolve_are_those_of_the_records(self):
        kind = self.env.ref("retail_ops_core.type_customer_complaint")
        for hours in (2, 4, 12):
            exception = self._take_in(type_id=kind.id)
            exception._set_resolved(
                "Done", self.env.ref("retail_ops_core.root_cause_unknown")
            )
            exception.opened_at = exception.resolved_at - timedelta(hours=hours)
        home = self._home(self.operations)
        family = self._figure(home, "speed", f"family_{kind.family}")
        self.assertEqual(family["text"], "4.0 h")
        self.env["res.lang"]._activate_lang("fr_FR")
        self.operations.lang = "fr_FR"
        french = self.env["retail.home"].with_context(lang="fr_FR")
        home = french.with_user(self.operations).get_home()
        family = self._figure(home, "speed", f"family_{kind.family}")
        self.assertEqual(family["text"], "4,0 h")

    def test_each_page_takes_the_same_queries_however_many_stores(self):
        for user, page in (
            (self.manager, "store"),
            (self.region_manager, "region"),
            (self.operations, "headquarters"),
        ):
            few = self._queries(user, page)
            self._add_stores(12)
            self.assertLessEqual(self._queries(user, page), few, page)

    def _add_stores(self, number):
        start = self.env["retail.store"].search_count([])
        for index in range(number):
            store = self._create_store(f"N{start}{index}", self.region, self.manager)
            self._take_in(store_id=store.id)

    def _queries(self, user, page):
        self._home(user, page)
        self.env.flush_all()
        self.env.invalidate_all()
        # Whose zone is known already depends on which environments still live.
        user.sudo().mapped("tz")
        before = self.env.cr.sql_log_count
        self._home(user, page)
        return self.env.cr.sql_log_count - before

    @warmup
    def test_a_page_stays_within_its_budget_of_queries(self):
        for user, page, budget in (
            (self.manager, "store", 45),
            (self.region_manager, "region", 55),
            (self.operations, "headquarters", 50),
        ):
            self.assertLessEqual(self._queries(user, page), budget, page)


class TestHomePages(HomeCase):
    def _pages(self, user):
        home = self._home(user)
        return home["page"], [page["key"] for page in home["pages"]]

    def test_each_role_opens_its_own_home(self):
        for user, page in (
            (self.manager, "store"),
            (self.member, "store"),
            (self.region_manager, "region"),
            (self.country_manager, "region"),
            (self.operations, "headquarters"),
            (self.loss_prevention, "headquarters"),
            (self.finance, "headquarters"),
            (self.auditor, "headquarters"),
        ):
            with self.subTest(user.login):
                self.assertEqual(self._pages(user), (page, [page]))

    def test_who_is_two_of_these_switches_and_begins_with_the_widest(self):
        self.store.manager_id = self.region_manager
        self.assertEqual(
            self._pages(self.region_manager), ("region", ["store", "region"])
        )
        self.assertEqual(self._home(self.region_manager, "store")["page"], "store")

    def test_who_has_no_role_is_told_whom_to_ask(self):
        with self.assertRaisesRegex(AccessError, "ask your administrator"):
            self._home(self.outsider)

    def test_a_page_of_another_role_is_not_shown(self):
        self.assertEqual(self._home(self.manager, "headquarters")["page"], "store")
        self.assertEqual(self._home(self.manager, "region")["page"], "store")

    def test_who_belongs_to_no_store_learns_what_to_do(self):
        newcomer = new_test_user(
            self.env, "test_newcomer", "retail_ops_core.group_store_user"
        )
        [section] = self._home(newcomer)["sections"]
        self.assertIn("Ask the retail administrator", section["empty"])

    def test_who_leads_no_region_learns_what_to_do(self):
        newcomer = new_test_user(
            self.env, "test_leader", "retail_ops_core.group_regional_manager"
        )
        [section] = self._home(newcomer)["sections"]
        self.assertIn("manager of a region", section["empty"])


class TestHomeOfAStore(HomeCase):
    def test_mine_comes_first_with_the_step_that_is_next(self):
        self.gap.user_id = self.member
        home = self._home(self.manager)
        [row] = self._section(home, "mine")["rows"]
        self.assertEqual(row["title"], self.mine.summary)
        [button] = row["buttons"]
        self.assertEqual(button["method"], "action_start")
        self.mine.with_user(self.manager).action_start()
        [row] = self._section(self._home(self.manager), "mine")["rows"]
        self.assertEqual(row["buttons"][0]["method"], "action_resolve")

    def test_a_store_page_shows_one_store_at_a_time(self):
        home = self._home(self.manager)
        self.assertEqual(home["scope"]["id"], self.store.id)
        self.assertEqual(
            [option["id"] for option in home["scope"]["options"]],
            (self.store | self.other_store).ids,
        )
        self.assertEqual(self._figure(home, "now", "overdue")["value"], 0)
        other = self._home(self.manager, "store", self.other_store.id)
        self.assertEqual(self._figure(other, "now", "overdue")["value"], 1)

    def test_a_storm_is_one_line_however_many_are_in_it(self):
        like = self.env["retail.exception"].union(*(self._take_in() for _ in range(6)))
        like.user_id = self.manager
        self.gap.user_id = self.member
        key = (self.discrepancy, self.company, self.store, self.product.browse())
        storm = self.env["retail.storm"]._current(key, like[0])
        storm._absorb(like)
        home = self._home(self.manager)
        self.assertEqual(self._titles(home, "mine"), [storm.name, self.mine.summary])
        self.assertEqual(self._figure(home, "now", "mine")["value"], 1)
        [button] = self._section(home, "mine")["rows"][0]["buttons"]
        action = getattr(storm.with_user(self.manager), button["method"])()
        self.assertEqual(action["res_model"], "retail.exception.step")

    def test_items_due_are_ticked_from_the_page(self):
        checklist = self._start()
        self._item(checklist, "Price").sudo().due_at = fields.Datetime.now()
        home = self._home(self.manager)
        row = next(
            row
            for row in self._section(home, "items")["rows"]
            if row["title"] == "Price labels"
        )
        self.assertEqual(row["model"], "retail.checklist")
        [button] = row["buttons"]
        item = self.env[button["model"]].with_user(self.manager).browse(button["id"])
        getattr(item, button["method"])()
        self.assertEqual(item.state, "done")
        self.assertNotIn(
            "Price labels", self._titles(self._home(self.manager), "items")
        )

    def test_todays_report_is_to_file_and_then_filed(self):
        self._run_cron("cron_report_open")
        row = self._today()
        self.assertEqual(row["badge"]["text"], "To file")
        self.assertTrue(row["opens"])
        report = self.env["retail.store.report"].browse(row["id"])
        report.filed_at = report.submitted_at = report.due_at
        report.state = "submitted"
        row = self._today()
        self.assertEqual(row["badge"]["text"], "Filed")
        self.assertFalse(row["opens"])

    def _today(self):
        rows = self._section(self._home(self.manager), "report")["rows"]
        return next(row for row in rows if row["title"] == "Today")

    def test_a_report_that_nobody_began_is_one_tap_away(self):
        self.assertEqual(
            self._today()["action"], "retail_ops_core.server_action_report_today"
        )

    def test_what_is_coming_stands_apart_from_what_is_due(self):
        now = fields.Datetime.now()
        (self.mine | self.gap).effective_due = now - timedelta(hours=1)
        self.assertEqual(self._coming(), 0)
        self.mine.effective_due = now + timedelta(hours=5)
        self.assertEqual(self._coming(), 1)

    def _coming(self):
        home = self._home(self.manager)
        return self._figure(home, "coming", "coming_exceptions")["value"]


class TestHomeOfARegion(HomeCase):
    def _verdict(self, home, store):
        rows = self._section(home, "stores")["table"]["rows"]
        return next(row for row in rows if row["key"] == store.id)["verdict"]["text"]

    def test_a_region_page_holds_the_stores_of_the_region_and_below(self):
        for user in (self.region_manager, self.country_manager):
            rows = self._section(self._home(user), "stores")["table"]["rows"]
            self.assertEqual(
                {row["key"] for row in rows}, set((self.store | self.other_store).ids)
            )

    def test_a_region_is_picked_by_who_leads_several(self):
        home = self._home(self.country_manager, "region", self.region.id)
        self.assertEqual(home["scope"]["title"], self.region.display_name)
        names = [option["name"] for option in home["scope"]["options"]]
        self.assertEqual(names, ["All my regions", "Country", "Country / Region"])

    def test_who_is_headquarters_too_still_sees_his_own_region(self):
        self.region_manager.group_ids = [
            Command.link(self.env.ref("retail_ops_core.group_operations").id)
        ]
        home = self._home(self.region_manager, "region")
        self.assertEqual(self._figure(home, "now", "overdue")["value"], 1)
        rows = self._section(home, "stores")["table"]["rows"]
        self.assertNotIn(self.far_store.id, [row["key"] for row in rows])

    def test_open_escalations_are_listed(self):
        self.assertEqual(
            self._titles(self._home(self.region_manager), "escalations"),
            [self.late.summary],
        )

    def test_a_store_that_chance_does_not_explain_stands_first(self):
        for number in range(14):
            self._take_in(
                store_id=self.other_store.id,
                type_id=self.env.ref("retail_ops_core.type_customer_complaint").id,
                summary=f"Complaint {number}",
            )
        home = self._home(self.region_manager)
        first = self._section(home, "stores")["table"]["rows"][0]
        self.assertEqual(first["key"], self.other_store.id)
        self.assertEqual(first["verdict"]["text"], "Higher than usual")

    def test_a_store_that_just_opened_is_not_judged(self):
        self.other_store.live_since = fields.Date.today() - timedelta(days=2)
        home = self._home(self.region_manager)
        self.assertEqual(self._verdict(home, self.other_store), "Too few days to say")

    def test_a_planned_store_counts_from_the_day_it_goes_live(self):
        self.other_store.state = "planned"
        self.other_store.state = "live"
        self.assertEqual(self.other_store.live_since, self.other_store._business_day())

    def test_formats_are_compared_apart_until_transactions_are_known(self):
        self.other_store.format = "convenience"
        home = self._home(self.region_manager)
        self.assertEqual(
            self._verdict(home, self.store), "No like store to compare with"
        )
        (self.store | self.other_store).daily_transactions = 500
        home = self._home(self.region_manager)
        self.assertEqual(self._verdict(home, self.store), "As expected")

    def test_opening_days_leave_closed_days_out(self):
        weekdays = self.calendar.copy()
        weekdays.attendance_ids.filtered(
            lambda line: line.dayofweek in ("5", "6")
        ).unlink()
        self.other_store.resource_calendar_id = weekdays
        days = (self.store | self.other_store)._opening_days(28)
        self.assertEqual(days, {self.store: 28, self.other_store: 20})

    def test_staffing_attendance_and_compliance_stand_in_one_list(self):
        home = self._home(self.region_manager)
        people = self._section(home, "people")
        self.assertEqual(people["all"]["value"], 1)
        self.assertEqual(
            [bar["label"] for bar in people["bars"]], [self.gap.type_id.name]
        )


class TestHomeOverRpc(HomeCase, RpcCase):
    def _get_home(self, login, *args):
        self.authenticate(login, login)
        return self._call("retail.home", "get_home", *args)

    def _assert_refused(self, answer):
        self.assertTrue(self._is_refused(answer), answer)

    def test_a_store_user_gets_his_own_store(self):
        answer = self._get_home("test_member", "store", self.store.id)
        self.assertEqual(answer["result"]["scope"]["id"], self.store.id)

    def test_nobody_gets_another_stores_figures(self):
        for login in ("test_member", "test_manager", "test_region_manager"):
            self._assert_refused(self._get_home(login, "store", self.far_store.id))
        self._assert_refused(
            self._get_home("test_member", "store", self.other_store.id)
        )
        self._assert_refused(self._get_home("test_far_manager", "store", self.store.id))

    def test_a_removed_member_is_refused_at_once(self):
        self.store.member_ids -= self.member
        self._assert_refused(self._get_home("test_member", "store", self.store.id))

    def test_nobody_gets_another_regions_figures(self):
        self._assert_refused(
            self._get_home("test_region_manager", "region", self.far_region.id)
        )
        self._assert_refused(
            self._get_home("test_region_manager", "region", self.country.id)
        )

    def test_a_store_user_asking_for_headquarters_gets_his_store(self):
        answer = self._get_home("test_member", "headquarters")
        self.assertEqual(answer["result"]["page"], "store")

    def test_people_outside_the_suite_are_refused(self):
        self._assert_refused(self._get_home("test_outsider"))
