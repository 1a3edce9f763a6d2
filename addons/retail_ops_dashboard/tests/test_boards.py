import json
import re
from datetime import datetime, timedelta

from odoo import fields

from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
)

from ..tools import boards
from ..tools.board_specs import BOARDS, LAUNCH, NOW
from .board_common import BoardCase
from .board_counts import COUNTS, FACETS

WORST_FIRST = ("value:avg", "asc")


class TestBoards(BoardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._snapshot_by_hand()

    def _asked(self, board):
        """Yield each figure with what the shipped file asks the server for."""
        shipped = json.loads(boards.target(board).read_text())
        numbered = [*board.cards, *board.tables]
        for pivot, figure in zip(shipped["pivots"].values(), numbered, strict=True):
            groups = [row["fieldName"] for row in pivot["rows"]]
            measures = [measure["id"] for measure in pivot["measures"]]
            yield figure, pivot["model"], pivot["domain"], groups, measures
        drawn = [one["data"] for one in shipped["sheets"][0]["figures"]]
        charts = [data for data in drawn if "metaData" in data]
        for data, figure in zip(charts, board.charts, strict=True):
            about, asked = data["metaData"], data["searchParams"]
            measures = [self._charted(about["resModel"], about["measure"])]
            domain, groups = asked["domain"], asked["groupBy"]
            yield figure, about["resModel"], domain, groups, measures

    def _charted(self, model, name):
        """Return the measure as Odoo's graph asks for it."""
        if name == boards.COUNT:
            return name
        return f"{name}:{self.env[model]._fields[name].aggregator}"

    def _shown(self, user, asked, narrowed=()):
        """Return dict of group -> numbers that a browser would draw."""
        _figure, model, domain, groups, measures = asked
        rows = (
            self.env[model]
            .with_user(user)
            .formatted_read_group([*domain, *narrowed], groups, measures)
        )
        return {
            tuple(self._key(row[name], name) for name in groups): tuple(
                round(row[name] or 0, 4) for name in measures
            )
            for row in rows
        }

    def _key(self, value, name):
        """Return a record's id, a week's first day, or the value itself."""
        key = value[0] if isinstance(value, tuple) else value
        return str(key)[:10] if ":" in name else key

    def _counted(self, user, board, figure, narrowed=None):
        count = COUNTS[board.key][figure.title]
        return count.answer(self.env(user=user), narrowed)

    def _each_figure(self):
        for board in BOARDS:
            for asked in self._asked(board):
                yield board, asked[0], asked

    def test_every_figure_has_a_count_to_be_held_against(self):
        for board in BOARDS:
            titles = [figure.title for figure in board.figures()]
            with self.subTest(board.key):
                self.assertEqual(len(titles), len(set(titles)))
                self.assertEqual(set(titles), set(COUNTS[board.key]))

    def test_every_card_table_and_chart_equals_a_direct_count(self):
        for board, figure, asked in self._each_figure():
            for user in self._readers(board):
                with self.subTest(board.key, figure=figure.title, user=user.login):
                    shown = self._shown(user, asked)
                    self.assertEqual(shown, self._counted(user, board, figure))

    def test_no_figure_is_compared_while_it_is_nought(self):
        """Zeros equal to zeros would prove nothing, and one group no grouping."""
        for board, figure, asked in self._each_figure():
            shown = self._shown(self.operations, asked)
            with self.subTest(board.key, figure=figure.title):
                self.assertGreaterEqual(len(shown), 2 if asked[3] else 1)
                for numbers in zip(*shown.values(), strict=True):
                    self.assertTrue(any(numbers))

    def test_every_filter_narrows_every_figure_that_it_reaches(self):
        followed = {board.key: set() for board in BOARDS}
        for board, figure, asked in self._each_figure():
            everything = self._shown(self.operations, asked)
            for key, domain, keep in self._narrowings(board, figure):
                shown = self._shown(self.operations, asked, domain)
                counted = self._counted(self.operations, board, figure, keep)
                with self.subTest(board.key, figure=figure.title, filter=key):
                    self.assertEqual(self._not_nought(shown), self._not_nought(counted))
                if shown != everything:
                    followed[board.key].add(key)
        for board, filters in followed.items():
            with self.subTest("some figure follows each of the four", board=board):
                self.assertEqual(filters, set(boards.LABELS))

    def _not_nought(self, answer):
        return {key: numbers for key, numbers in answer.items() if any(numbers)}

    def _narrowings(self, board, figure):
        """Yield each filter that reaches a figure: as Odoo says it, and by hand."""
        facets = FACETS[COUNTS[board.key][figure.title].rows]
        known = self._choices()
        for key, found in boards.matching(figure.source).items():
            operator, value, keeps = known[key]
            domain = [[found["chain"], operator, value]]
            yield key, domain, lambda row, keeps=keeps: keeps(facets(row))

    def _choices(self):
        """Return what somebody chooses in each filter."""
        midnight = datetime.combine(fields.Date.today(), datetime.min.time())
        begin = midnight - timedelta(days=10)
        inside = self.country | self.region
        return {
            boards.REGION: (
                "child_of",
                [self.country.id],
                lambda facet: facet.region in inside,
            ),
            boards.FORMAT: (
                "in",
                ["convenience"],
                lambda facet: facet.store.sudo().format == "convenience",
            ),
            boards.FAMILY: ("in", ["stock"], lambda facet: facet.family == "stock"),
            boards.PERIOD: (">=", str(begin), lambda facet: facet.at >= begin),
        }

    def test_each_board_offers_period_region_format_and_family(self):
        for board in BOARDS:
            offered = {each["id"] for each in boards.build(board)["globalFilters"]}
            with self.subTest(board.key):
                self.assertEqual(offered, set(boards.LABELS))

    def test_each_figure_says_which_filters_leave_it_as_it_is(self):
        for board in BOARDS:
            for figure in board.figures():
                spared = boards.limit(figure) or ""
                for key, label in boards.LABELS.items():
                    with self.subTest(board.key, figure=figure.title, filter=key):
                        reached = key in boards.matching(figure.source)
                        self.assertNotEqual(reached, f'_t("{label}")' in spared)

    def test_what_no_period_reaches_says_that_it_is_counted_now(self):
        for board in BOARDS:
            for figure in board.figures():
                reached = boards.PERIOD in boards.matching(figure.source)
                with self.subTest(board.key, figure=figure.title):
                    self.assertNotEqual(reached, NOW in figure.formula)

    def test_a_campaign_is_of_the_period_in_which_it_launches(self):
        [board] = [board for board in BOARDS if board.key == "campaigns"]
        for figure in board.figures():
            self.assertIn(LAUNCH, figure.formula)
            self.assertEqual(figure.source.matching[boards.PERIOD][0], "due_at")

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

    def _assert_chain(self, model, chain):
        found = self.env[model]
        for name in chain.partition(":")[0].split("."):
            self.assertIn(name, found._fields)
            found = found[name] if found._fields[name].relational else None

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

    def test_every_cell_of_a_table_reads_its_own_row_and_measure(self):
        for board in BOARDS:
            cells = boards.build(board)["sheets"][0]["cells"].values()
            for number, table, _side, _top in boards.places(board):
                for index in range(1, table.rows + 1):
                    for _head, name, _shown in table.columns:
                        place = f'"{name}","#{table.field}",{index}'
                        with self.subTest(board.key, table=table.title, row=index):
                            self.assertIn(f"=PIVOT.VALUE({number},{place})", cells)

    def test_every_figure_says_its_formula(self):
        for board in BOARDS:
            cells = boards.build(board)["sheets"][0]["cells"].values()
            for figure in board.figures():
                with self.subTest(board.key, figure=figure.title):
                    self.assertIn(boards.translated(figure.formula), cells)
                    self.assertIn(boards.translated(figure.title), cells)
                    self.assertIn(boards.limit(figure), [None, *cells])

    def test_what_is_overdue_is_what_the_home_calls_late_however_long_it_waits(self):
        asked_at = fields.Datetime.now() - timedelta(days=40)
        request = self._request_of(self._write_off(counted_quantity=3))
        request.sudo().due_at = asked_at + timedelta(days=1)
        self.env.cr.execute(
            "UPDATE retail_approval_request SET requested_at = %s WHERE id = %s",
            (asked_at, request.id),
        )
        self.env.invalidate_all()
        home = self.env["retail.home"].with_user(self.operations).get_home()
        [late] = [
            figure
            for section in home["sections"]
            for figure in section.get("figures") or []
            if figure["key"] == "approvals_late"
        ]
        [[card, model, domain, *_groups]] = [
            asked
            for board, figure, asked in self._each_figure()
            if board.key == "approvals" and figure.title == "Overdue"
        ]
        found = self.env[model].with_user(self.operations).search(domain)
        self.assertNotIn(boards.PERIOD, card.source.matching)
        self.assertIn(request, found)
        self.assertEqual(len(found), late["value"])

    def test_a_table_has_a_row_for_each_group_or_says_how_many_it_shows(self):
        for board in BOARDS:
            cells = boards.build(board)["sheets"][0]["cells"].values()
            for table in board.tables:
                field = self.env[table.source.model]._fields[table.field]
                with self.subTest(board.key, table=table.title):
                    if field.type == "selection":
                        values = field.get_values(self.env)
                        self.assertGreaterEqual(table.rows, len(values))
                        self.assertIsNone(boards.cut(table))
                    else:
                        self.assertIn(boards.cut(table), cells)
                        self.assertIn(f'" {table.rows}"', boards.cut(table))

    def test_no_kind_that_the_suite_ships_is_cut_off(self):
        shipped = self.env["retail.request.kind"]._get_external_ids()
        ours = [ids for ids in shipped.values() if any("retail_ops_" in i for i in ids)]
        for board in BOARDS:
            for table in board.tables:
                if table.field == "kind_id":
                    with self.subTest(board.key, table=table.title):
                        self.assertGreaterEqual(table.rows, len(ours))

    def test_the_region_that_does_worst_is_on_top_however_little_it_has(self):
        [board] = [board for board in BOARDS if board.key == "network_health"]
        for number, table, _side, _top in boards.places(board):
            if table.title in ("SLA attainment by region", "Compliance by region"):
                sorting = boards.pivots(board)[str(number)]["sortedColumn"]
                self.assertEqual((sorting["measure"], sorting["order"]), WORST_FIRST)
                self.assertIn(["denominator", ">", 0], table.source.domain)

    def test_headquarters_opens_them_and_stores_do_not(self):
        for board in BOARDS:
            dashboard = self.env.ref(f"retail_ops_dashboard.dashboard_{board.key}")
            for user in self._readers(board):
                self.assertTrue(dashboard.with_user(user).has_access("read"))
            for user in (self.manager, self.region_manager):
                self.assertFalse(dashboard.with_user(user).has_access("read"))
