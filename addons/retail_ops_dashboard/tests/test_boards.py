import json
import re
from collections import defaultdict
from datetime import timedelta

from odoo import fields

from odoo.addons.retail_ops_approvals.tests.common import ApprovalCase
from odoo.addons.retail_ops_core.tests.test_checklist_access import (
    ChecklistAccessCase,
)
from odoo.addons.retail_ops_integrations.tests.common import (
    DISCREPANCY,
    IntegrationCase,
)
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
)

from ..tools import boards
from ..tools.board_specs import BOARDS, EXCEPTIONS, NETWORK, NOW

FINANCE = ("approvals", "value")


class BoardCase(ApprovalCase, ChecklistAccessCase, IntegrationCase):
    """Cases, requests, checklists and events in several states, and their KPIs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._raise_cases()
        cls._ask_for_approvals()
        cls._receive_events()
        for kpi in cls.env["retail.kpi"].search([]).filtered("is_computed"):
            today = kpi._latest_day()
            kpi._snapshot(today.replace(year=today.year - 1), today)

    @classmethod
    def _raise_cases(cls):
        complaint = cls.env.ref("retail_ops_core.type_customer_complaint")
        cls._take_in()
        cls._take_in(store_id=cls.far_store.id, unit_cost=400)
        for _number in range(2):
            case = cls._take_in(type_id=complaint.id, store_id=cls.other_store.id)
            case._set_in_progress()
            case._set_resolved("Made good")

    @classmethod
    def _ask_for_approvals(cls):
        _waiting, decided, refused = (
            cls._request_of(cls._write_off(counted_quantity=2)) for _n in range(3)
        )
        cls._approve(decided, cls.region_manager, cls.loss_prevention)
        refused.with_user(cls.region_manager).action_reject("Count again")

    @classmethod
    def _receive_events(cls):
        outcomes = {"dead": "business", "parked": "transient", "pending": False}
        jobs = cls.env["retail.event.job"]
        for state, error in outcomes.items():
            cls.env["retail.event"]._accept(
                cls.source._door(), cls._event(), "application/json", f"evt-{state}"
            )
            mine = [("source_id", "=", cls.source.id)]
            job = jobs.search(mine, order="id desc", limit=1)
            job.sudo().write({"state": state, "error_class": error})

    @classmethod
    def _event(cls):
        body = {"type": "stock.discrepancy.found", "data": DISCREPANCY}
        return json.dumps({**body, "timestamp": "2026-05-04T09:30:00Z"}).encode()


class TestBoards(BoardCase):
    def _readers(self, board):
        readers = self.operations | self.auditor
        return readers | self.finance if board.key in FINANCE else readers

    def _dashboard(self, board):
        return self.env.ref(f"retail_ops_dashboard.dashboard_{board.key}")

    def _shown(self, user, source, field, measure):
        """Return the groups that the dashboard asks the server for."""
        groupby = [field] if field else []
        rows = (
            self.env[source.model]
            .with_user(user)
            .formatted_read_group(source.domain, groupby, [measure])
        )
        shown = {}
        for row in rows:
            key = row[field] if field else None
            shown[key[0] if isinstance(key, tuple) else key] = row[measure]
        return shown

    def _counted(self, user, source, field, measure):
        """Return the same, counted record by record."""
        records = self.env[source.model].with_user(user).search(source.domain)
        groups = defaultdict(lambda: records.browse())
        for record in records:
            key = record[field] if field else None
            groups[key.id if hasattr(key, "ids") else key] |= record
        if not field:
            groups[None] |= records.browse()
        return {key: self._direct(group, measure) for key, group in groups.items()}

    def _direct(self, records, measure):
        name, _colon, how = measure.partition(":")
        if measure == boards.COUNT:
            return len(records)
        if measure == "value:avg":
            below = sum(records.mapped("denominator"))
            above = sum(records.mapped("numerator"))
            factor = max(records.mapped("factor"), default=0)
            return factor * above / below if below else None
        total = sum(records.mapped(name))
        if how == "avg":
            return total / len(records) if records else None
        return total

    def _assert_same(self, shown, counted):
        self.assertEqual(
            {key: round(value or 0, 4) for key, value in shown.items()},
            {key: round(value or 0, 4) for key, value in counted.items()},
        )

    def test_every_figure_equals_a_direct_count(self):
        for board in BOARDS:
            for card in board.cards:
                for user in self._readers(board):
                    about = user, card.source, None, card.measure
                    with self.subTest(board.key, card=card.title, user=user.login):
                        self._assert_same(self._shown(*about), self._counted(*about))

    def test_a_figure_counts_as_many_records_as_its_list_opens(self):
        """The list of a day opens what its snapshots count, each record once."""
        compared = 0
        for kpi in self.env["retail.kpi"].search([]).filtered("is_computed"):
            for day, rows in kpi.snapshot_ids.grouped("day").items():
                counted = sum(rows.mapped("record_count"))
                with self.subTest(kpi.code, day=day):
                    self.assertEqual(len(kpi._record_ids(day, day)), counted)
                compared += bool(counted)
        self.assertGreater(compared, 5)

    def test_every_row_of_a_table_equals_a_direct_count(self):
        for board in BOARDS:
            for table in board.tables:
                for _head, measure, _shown in table.columns:
                    about = self.operations, table.source, table.field, measure
                    with self.subTest(board.key, table=table.title, measure=measure):
                        self._assert_same(self._shown(*about), self._counted(*about))

    def test_the_seed_fills_the_dashboards(self):
        """Zeros equal to zeros would prove nothing."""
        for board in BOARDS:
            for card in board.cards:
                if "kpi" in str(card.source.domain) or card.title in (
                    "Blocked",
                    "Overdue",
                    "Stores ready",
                    "Stores late",
                    "At high risk",
                    "Readiness",
                    "Breaches",
                    "Value of breaches",
                ):
                    continue
                shown = self._shown(self.operations, card.source, None, card.measure)
                with self.subTest(board.key, card=card.title):
                    self.assertTrue(any(shown.values()))

    def test_headquarters_may_read_every_chart(self):
        for board in BOARDS:
            for item in board.charts:
                for user in self._readers(board):
                    with self.subTest(board.key, chart=item.title, user=user.login):
                        self.env[item.source.model].with_user(
                            user
                        ).formatted_read_group(
                            item.source.domain, item.groups, [item.measure]
                        )

    def test_the_files_are_what_the_builder_builds(self):
        for board in BOARDS:
            with self.subTest(board.key):
                shipped = json.loads(boards.target(board).read_text())
                built = json.loads(json.dumps(boards.build(board)))
                self.assertEqual(shipped, built)

    def test_every_field_and_menu_in_them_exists(self):
        for board in BOARDS:
            data = boards.build(board)
            for model, chains in fields_in_spreadsheet(data).items():
                for chain in chains:
                    with self.subTest(board.key, model=model, chain=chain):
                        self._assert_chain(model, chain)
            for menu in menus_xml_ids_in_spreadsheet(data):
                self.assertTrue(self.env.ref(menu), menu)

    def test_a_card_reads_the_records_that_a_click_on_it_opens(self):
        """A click opens the domain of the pivot in the card's cell."""
        for board in BOARDS:
            front, figures = boards.build(board)["sheets"]
            for card, figure in zip(board.cards, front["figures"], strict=False):
                cell = figure["data"]["keyValue"].removeprefix("Figures!")
                numbers = re.findall(r"PIVOT\.VALUE\((\d+)", figures["cells"][cell])
                [number] = set(numbers)
                pivot = boards.pivots(board)[number]
                action = self.env.ref(card.menu).action
                with self.subTest(board.key, card=card.title):
                    self.assertEqual(pivot["domain"], card.source.domain)
                    self.assertEqual(pivot["model"], card.source.model)
                    self.assertEqual(action.res_model, card.source.model)
                    self.assertIn("list", action.view_mode)

    def _assert_chain(self, model, chain):
        found = self.env[model]
        for name in chain.partition(":")[0].split("."):
            self.assertIn(name, found._fields)
            found = found[name] if found._fields[name].relational else None

    def test_every_figure_says_its_formula(self):
        for board in BOARDS:
            cells = boards.build(board)["sheets"][0]["cells"].values()
            for figure in [*board.cards, *board.tables]:
                with self.subTest(board.key, figure=figure.title):
                    self.assertIn(boards.translated(figure.formula), cells)

    def test_headquarters_opens_them_and_stores_do_not(self):
        for board in BOARDS:
            dashboard = self._dashboard(board)
            for user in self._readers(board):
                self.assertTrue(dashboard.with_user(user).has_access("read"))
            for user in (self.manager, self.region_manager):
                self.assertFalse(dashboard.with_user(user).has_access("read"))

    def test_filters_narrow_the_figures_by_region_format_and_family(self):
        [card] = [card for card in NETWORK.cards if card.title == "Open exceptions"]
        matching = boards.matching(card.source, NETWORK)
        cases = self.env["retail.exception"].with_user(self.operations)
        self.far_store.format = "convenience"
        # One in the far store, three in the other; the complaints and the write-off
        # that was approved are resolved.
        for key, value, number in (
            (boards.REGION, self.far_region.id, 1),
            (boards.REGION, self.region.id, 3),
            (boards.FAMILY, "stock", 4),
            (boards.FAMILY, "customer", 0),
            (boards.FORMAT, "convenience", 1),
            (boards.FORMAT, self.store.format, 3),
        ):
            chain = matching[key]["chain"]
            narrowed = [*card.source.domain, [chain, "in", [value]]]
            with self.subTest(chain, value=value):
                self.assertEqual(cases.search_count(narrowed), number)

    def test_the_period_keeps_to_its_days(self):
        title = "Exceptions opened by week and family"
        [chart] = [chart for chart in EXCEPTIONS.charts if chart.title == title]
        chain = boards.matching(chart.source, EXCEPTIONS)[boards.PERIOD]["chain"]
        cases = self.env["retail.exception"].with_user(self.operations)
        now = fields.Datetime.now()
        everything = cases.search(chart.source.domain)
        self.assertEqual(len(everything), 7)
        everything[0].sudo().opened_at = now - timedelta(days=45)
        for first, last, number in ((30, 0, 6), (60, 30, 1), (90, 60, 0)):
            period = [
                [chain, ">=", str(now - timedelta(days=first))],
                [chain, "<=", str(now - timedelta(days=last, seconds=-1))],
            ]
            with self.subTest(first=first):
                narrowed = [*chart.source.domain, *period]
                self.assertEqual(cases.search_count(narrowed), number)

    def test_the_period_reaches_every_figure_that_does_not_say_otherwise(self):
        for board in BOARDS:
            for card in board.cards:
                reached = boards.PERIOD in boards.matching(card.source, board)
                with self.subTest(board.key, card=card.title):
                    self.assertNotEqual(reached, NOW in card.formula)
