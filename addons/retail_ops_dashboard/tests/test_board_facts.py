from .board_common import BoardCase


class TestBoardFacts(BoardCase):
    """KPI figures as the Scheduled Action computes them from the records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpis = cls.env["retail.kpi"].search([]).filtered("is_computed")
        for kpi in cls.kpis:
            today = kpi._latest_day()
            kpi._snapshot(today.replace(year=today.year - 1), today)

    def test_a_figure_counts_as_many_records_as_its_list_opens(self):
        """The list of a day opens what its snapshots count, each record once."""
        compared = 0
        for kpi in self.kpis:
            for day, rows in kpi.snapshot_ids.grouped("day").items():
                counted = sum(rows.mapped("record_count"))
                with self.subTest(kpi.code, day=day):
                    self.assertEqual(len(kpi._record_ids(day, day)), counted)
                compared += bool(counted)
        self.assertGreater(compared, 5)
