import json
from datetime import timedelta

from odoo import fields

from odoo.addons.retail_ops_approvals.tests.common import ApprovalCase
from odoo.addons.retail_ops_integrations.tests.common import IntegrationCase

from ..tools import control_tower

MOST_FIRST = ("__count", "desc")


class TestTowerTiles(ApprovalCase, IntegrationCase):
    """The cards of the control tower against numbers written down beforehand."""

    def setUp(self):
        super().setUp()
        self.fresh, self.late, self.escalated, done = (
            self._complaint() for _number in range(4)
        )
        now = fields.Datetime.now()
        self.fresh.resolve_due = now + timedelta(days=2)
        (self.late | self.escalated).resolve_due = now - timedelta(hours=3)
        self.escalated._escalate()
        done._set_resolved(
            "Made good", self.env.ref("retail_ops_core.root_cause_unknown")
        )
        self.write_off = self._write_off()
        self.accept("evt-failed")
        self.failed = self.job("evt-failed")
        self.failed.write({"state": "dead", "error_class": "business"})

    def _complaint(self):
        complaint = self.env.ref("retail_ops_core.type_customer_complaint")
        return self._take_in(type_id=complaint.id, store_id=self.other_store.id)

    def _opened(self, number):
        """Return what a card shows, and the records that a click on it opens."""
        pivot = json.loads(json.dumps(control_tower.pivots()[str(number)]))
        records = self.env[pivot["model"]].with_user(self.operations)
        [shown] = records.formatted_read_group(pivot["domain"], [], ["__count"])
        return shown["__count"], records.search(pivot["domain"])

    def test_each_card_shows_its_number_and_opens_those_records(self):
        late = self.late | self.escalated
        expected = (
            (4, late | self.fresh | self.write_off),
            (2, late),
            (1, self.escalated),
            (1, self._request_of(self.write_off)),
            (1, self.failed),
        )
        for position, (number, records) in enumerate(expected, 1):
            with self.subTest(card=position):
                shown, found = self._opened(position)
                self.assertEqual(shown, number)
                self.assertEqual(set(found.ids), set(records.ids))

    def test_the_source_with_most_failures_is_shown_whatever_its_name(self):
        for name in ("AA", "AB", "AC", "AD", "AE"):
            self._fail_at(name, 1)
        worst = self._fail_at("ZZ", 3)
        shown = json.loads(control_tower.TARGET.read_text())
        cells = shown["sheets"][0]["cells"].values()
        rows = sum("PIVOT.HEADER(8," in cell for cell in cells)
        pivot = shown["pivots"]["8"]
        sorting = pivot["sortedColumn"]
        jobs = self.env[pivot["model"]].with_user(self.operations)
        found = jobs.formatted_read_group(
            pivot["domain"],
            [pivot["rows"][0]["fieldName"]],
            ["__count"],
            order=f"{sorting['measure']} {sorting['order']}",
            limit=rows,
        )
        self.assertEqual(rows, control_tower.RANKING_ROWS)
        self.assertEqual(found[0]["source_id"][0], worst.id)

    def _fail_at(self, name, count):
        """Return a source of a name at which as many events failed."""
        source = self.copy_source(f"tower-{name.lower()}")
        source.name = name
        for number in range(count):
            event = f"{name}-{number}"
            self.env["retail.event"]._accept(
                source._door(), self.body(), "application/json", event
            )
        jobs = self.env["retail.event.job"].search([("source_id", "=", source.id)])
        jobs.write({"state": "dead", "error_class": "business"})
        return source

    def test_every_table_by_region_kind_or_source_has_those_with_most_on_top(self):
        for number in ("6", "7", "8"):
            sorting = control_tower.pivots()[number]["sortedColumn"]
            self.assertEqual((sorting["measure"], sorting["order"]), MOST_FIRST)
            self.assertEqual(sorting["domain"], [])

    def _running(self):
        """Return what headquarters' home says of the systems, and its figures."""
        home = self.env["retail.home"].with_user(self.operations).get_home()
        [panel] = [each for each in home["sections"] if each["key"] == "running"]
        return panel, {figure["key"]: figure for figure in panel["figures"]}

    def test_systems_that_report_are_those_with_a_heartbeat(self):
        beat = self.env["retail.heartbeat"].create(
            {
                "source_id": self.source.id,
                "system": "n8n",
                "beat_at": fields.Datetime.now(),
                "status": "ok",
            }
        )
        _panel, shown = self._running()
        heartbeats = self.env["retail.heartbeat"].with_user(self.operations)
        self.assertEqual(heartbeats.search(shown["systems"]["domain"]), beat)
        self.assertEqual(shown["systems"]["value"], 1)

    def test_headquarters_sees_which_workflows_stand_still_and_what_fails(self):
        alerts = self.env["retail.integration.alert"]
        company = self.source.company_id
        silence, backlog, over = alerts.create(
            [
                {
                    "kind": kind,
                    "key": f"test:{number}",
                    "company_id": company.id,
                    "summary": kind,
                    "raised_at": fields.Datetime.now(),
                    "cleared_at": number == 3 and fields.Datetime.now(),
                }
                for number, kind in enumerate(("silence", "backlog", "dead"), 1)
            ]
        )
        panel, shown = self._running()
        for figure, record in (("standing", silence), ("failing", backlog)):
            found = alerts.with_user(self.operations).search(shown[figure]["domain"])
            self.assertEqual(found, record)
            self.assertEqual(shown[figure]["value"], 1)
        titles = [row["title"] for row in panel["rows"]]
        self.assertEqual(titles, [silence.summary, backlog.summary])
        self.assertNotIn(over.id, [row["id"] for row in panel["rows"]])
