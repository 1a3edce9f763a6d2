from datetime import date, datetime, timedelta

from freezegun import freeze_time

from .home_tiles import HomeTiles
from .test_campaign import TODAY, CampaignCase

MODULE = "retail_ops_core"
NOW = datetime(2026, 3, 3, 17, 30)  # Tuesday 09:30 in Los Angeles
DAY, EVE = date(2026, 3, 3), date(2026, 3, 2)


class HomeTilesCase(HomeTiles, CampaignCase):
    """Ten cases, a checklist and daily reports in three stores, each known by name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(TODAY):
            cls.campaign.action_plan()
        with freeze_time(NOW):
            cls._seed_cases()
            cls._seed_reports()
            cls.template._create_or_skip(cls.template._runs_due(NOW))
        cls._seed_items()
        cls.env.flush_all()

    @classmethod
    def _case(cls, store, severity, hours, user, **values):
        """Return a case that is due in so many hours, or was due so long ago."""
        case = cls._take_in(store_id=store.id, **values)
        case.severity = severity
        cls.env.flush_all()
        due = NOW + timedelta(hours=hours)
        case.write({"user_id": user.id, "resolve_due": due, "effective_due": due})
        return case

    @classmethod
    def _seed_cases(cls):
        people = cls.env.ref("retail_ops_core.type_staffing_gap").id
        complaint = cls.env.ref("retail_ops_core.type_customer_complaint").id
        cls.due_soon = cls._case(cls.store, "low", 5, cls.manager)
        cls.late_of_manager = cls._case(cls.store, "medium", -1, cls.manager)
        cls.late_of_member = cls._case(cls.store, "critical", -2, cls.member)
        cls.gap = cls._case(cls.store, "medium", 72, cls.member, type_id=people)
        cls.escalated = cls._case(cls.other_store, "high", -3, cls.manager)
        cls.escalated._escalate()
        cls.escalated.opened_at = NOW - timedelta(days=2)
        cls.far = cls._case(cls.far_store, "critical", 72, cls.far_manager)
        cls.far.review_state = "requested"
        cls.kept = cls._resolved(cls.other_store, 4, complaint)
        cls.breached = cls._resolved(cls.far_store, 10, cls.discrepancy.id)
        cls.breached.breached_at = NOW - timedelta(hours=1)
        cls._seed_storm()

    @classmethod
    def _resolved(cls, store, hours, kind):
        case = cls._case(store, "low", 72, cls.manager, type_id=kind)
        cause = cls.env.ref("retail_ops_core.root_cause_unknown")
        case._set_resolved("Done", cause)
        case.opened_at = NOW - timedelta(hours=hours)
        return case

    @classmethod
    def _seed_storm(cls):
        cases = [cls._case(cls.store, "low", 72, cls.manager) for _each in range(2)]
        cls.in_storm = cases[0] | cases[1]
        key = (cls.discrepancy, cls.company, cls.store, cls.product.browse())
        cls.storm = cls.env["retail.storm"]._current(key, cases[0])
        cls.storm._absorb(cls.in_storm)

    @classmethod
    def _seed_reports(cls):
        reports = cls.env["retail.store.report"]
        cls.today = reports._open_days([(cls.store, DAY)])
        cls.missing = reports._open_days([(cls.store, EVE)])
        cls.missing.missing_at = cls.missing.due_at
        cls.filed_late = cls._filed(cls.other_store, hours=1)
        cls.filed_in_time = cls._filed(cls.far_store, hours=-1)

    @classmethod
    def _filed(cls, store, hours):
        report = cls.env["retail.store.report"]._open_days([(store, EVE)])
        filed = report.due_at + timedelta(hours=hours)
        report.write({"filed_at": filed, "submitted_at": filed, "state": "submitted"})
        return report

    @classmethod
    def _seed_items(cls):
        """Of the items due at 09:00: one came late, one is open, one came in time."""
        runs = cls.template.checklist_ids.grouped("store_id")
        cls.lists = cls.env["retail.checklist"].union(*runs.values())
        first = {store: runs[store].item_ids[0] for store in runs}
        cls.done_late, cls.left_open = first[cls.store], first[cls.other_store]
        cls.in_time = first[cls.far_store]
        for item, minute in ((cls.done_late, 10), (cls.in_time, -10)):
            with freeze_time(item.due_at + timedelta(minutes=minute)):
                item.with_user(item.store_id.manager_id).action_done()
        cls.left_open.is_overdue = True


class TestHomeTiles(HomeTilesCase):
    @freeze_time(NOW)
    def test_the_tiles_of_a_store(self):
        home = self._home(self.manager, "store", self.store.id)
        mine = self.due_soon | self.late_of_manager
        steps = self.campaign.sudo().checklist_ids
        launch = steps.filtered(lambda one: one.store_id == self.store)
        run = self.lists.filtered(lambda one: one.store_id == self.store)
        due = run.item_ids - self.done_late
        self._assert_tiles(
            self.manager,
            home,
            MODULE,
            {
                ("now", "mine"): (2, mine),
                ("now", "overdue"): (2, self.late_of_manager | self.late_of_member),
                ("now", "items_due"): (2, due),
                ("now", "reports"): (2, self.today | self.missing),
                ("mine", "mine_all"): (2, mine),
                ("overdue", "overdue_others"): (1, self.late_of_member),
                ("items", "items_all"): (2, due),
                ("coming", "coming_exceptions"): (1, self.due_soon),
                ("coming", "coming_items"): (3, launch.item_ids),
                ("coming", "coming_launches"): (1, launch),
            },
        )

    @freeze_time(NOW)
    def test_the_tiles_of_a_region(self):
        home = self._home(self.region_manager, "region")
        late = self.late_of_manager | self.late_of_member | self.escalated
        run = self.left_open.checklist_id
        self._assert_tiles(
            self.region_manager,
            home,
            MODULE,
            {
                ("now", "escalated"): (1, self.escalated),
                ("now", "overdue"): (3, late),
                ("now", "reports"): (2, self.missing | self.filed_late),
                ("now", "checklists"): (1, run),
                ("escalations", "escalations"): (1, self.escalated),
                ("reports", "late_reports"): (1, self.missing),
                ("readiness", "late_checklists"): (1, run),
                ("people", "people"): (1, self.gap),
                ("people", f"people_{self.gap.type_id.id}"): (1, self.gap),
            },
        )

    @freeze_time(NOW)
    def test_the_stores_of_a_region_side_by_side(self):
        rows = self._section(self._home(self.region_manager), "stores")["table"]["rows"]
        shown = {
            row["key"]: [
                row["raised"]["value"],
                *(one["value"] for one in row["cells"]),
            ]
            for row in rows
        }
        # Raised in 28 days; open, overdue, late reports, late checklists.
        self.assertEqual(
            shown,
            {self.store.id: [4, 6, 2, 1, 0], self.other_store.id: [2, 1, 1, 1, 1]},
        )

    @freeze_time(NOW)
    def test_the_tiles_of_headquarters(self):
        home = self._home(self.operations, "headquarters")
        self._assert_tiles(
            self.operations,
            home,
            MODULE,
            {**self._happening(), **self._intervention(), **self._speed_and_risk()},
        )

    def _happening(self):
        critical = self.late_of_member | self.far
        medium = self.late_of_manager | self.gap
        low = self.due_soon | self.in_storm
        resolved = self.kept | self.breached
        still_open = critical | medium | low | self.escalated
        return {
            ("happening", "open"): (8, still_open),
            ("happening", "storms"): (1, self.storm),
            ("happening", "severity_critical"): (2, critical),
            ("happening", "severity_high"): (1, self.escalated),
            ("happening", "severity_medium"): (2, medium),
            ("happening", "severity_low"): (3, low),
            ("happening", "raised"): (10, still_open | resolved),
            ("happening", "resolved"): (2, resolved),
        }

    def _intervention(self):
        late = self.late_of_manager | self.late_of_member | self.escalated
        items = self.done_late | self.left_open
        return {
            ("intervention", "escalated"): (1, self.escalated),
            ("intervention", "overdue"): (3, late),
            ("intervention", "critical"): (2, self.late_of_member | self.far),
            ("intervention", "review"): (1, self.far),
            ("compliance", "deadlines_kept"): (4, late | self.breached),
            ("compliance", "reports_on_time"): (2, self.missing | self.filed_late),
            ("compliance", "items_on_time"): (2, items),
            ("compliance", f"region_{self.region.id}"): (2, items),
            ("compliance", f"region_{self.far_region.id}"): (0, items.browse()),
            ("people", "people"): (1, self.gap),
            ("people", f"people_{self.gap.type_id.id}"): (1, self.gap),
        }

    def _speed_and_risk(self):
        resolved = self.kept | self.breached
        own = self.late_of_manager | self.late_of_member | self.due_soon
        here, far = self.region.id, self.far_region.id
        return {
            ("speed", "resolved"): (2, resolved),
            ("speed", "median"): (2, resolved),
            ("speed", "slow"): (2, resolved),
            ("speed", "family_customer"): (1, self.kept),
            ("speed", "family_stock"): (1, self.breached),
            ("risk", f"{here}_stock"): (6, own | self.in_storm | self.escalated),
            ("risk", f"{here}_people"): (1, self.gap),
            ("risk", f"{far}_stock"): (1, self.far),
            ("risk", f"{far}_people"): (0, self.far.browse()),
        }

    @freeze_time(NOW)
    def test_headquarters_reads_adherence_in_percent(self):
        home = self._home(self.operations, "headquarters")
        said = {
            key: self._figure(home, "compliance", key)["text"]
            for key in ("deadlines_kept", "reports_on_time", "items_on_time")
        }
        # 1 of 5 deadlines kept; 1 of 3 reports and 1 of 3 items came in time.
        self.assertEqual(
            said,
            {
                "deadlines_kept": "20.0 %",
                "reports_on_time": "33.3 %",
                "items_on_time": "33.3 %",
            },
        )
        weak = self._section(home, "compliance")["bars"]
        self.assertEqual([bar["text"] for bar in weak], ["0.0 %", "100.0 %"])

    @freeze_time(NOW)
    def test_headquarters_leaves_out_items_that_do_not_apply(self):
        self.left_open._set_answer("not_applicable", note="No freezer here")
        home = self._home(self.operations, "headquarters")
        for key in ("items_on_time", f"region_{self.region.id}"):
            with self.subTest(figure=key):
                figure = self._figure(home, "compliance", key)
                self.assertEqual(figure["value"], 1)
                self._assert_opens(self.operations, figure, self.done_late)
        items = self._figure(home, "compliance", "items_on_time")
        self.assertEqual(items["text"], "50.0 %")

    @freeze_time(NOW)
    def test_headquarters_reads_how_fast_and_where_the_risk_is(self):
        home = self._home(self.operations, "headquarters")
        # 4 h and 10 h: the middle is 7 h, and nine in ten took 9.4 h at most.
        self.assertEqual(self._figure(home, "speed", "median")["text"], "7.0 h")
        self.assertEqual(self._figure(home, "speed", "slow")["text"], "9.4 h")
        levels = {
            key: self._figure(home, "risk", f"{region.id}_{key}")["level"]
            for region, key in ((self.region, "stock"), (self.region, "people"))
        }
        # Weights 8 + 4 + 2 + 3 × 1 = 17 and 2, in four shades of at most 17.
        self.assertEqual(levels, {"stock": 4, "people": 1})
        far = self._figure(home, "risk", f"{self.far_region.id}_stock")
        self.assertEqual((far["critical"], far["level"]), (1, 2))

    @freeze_time(NOW)
    def test_the_trend_of_headquarters_by_day(self):
        home = self._home(self.operations, "headquarters")
        raised = self._figure(home, "happening", "raised")["points"]
        resolved = self._figure(home, "happening", "resolved")["points"]
        self.assertEqual((raised[-3:], sum(raised)), ([1, 0, 9], 10))
        self.assertEqual((resolved[-3:], sum(resolved)), ([0, 0, 2], 2))
