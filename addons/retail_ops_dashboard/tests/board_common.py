import json
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields

from odoo.addons.retail_ops_approvals.tests.common import ApprovalCase
from odoo.addons.retail_ops_core.tests.test_campaign import TODAY
from odoo.addons.retail_ops_core.tests.test_checklist_access import (
    ChecklistAccessCase,
)
from odoo.addons.retail_ops_integrations.tests.common import (
    DISCREPANCY,
    IntegrationCase,
)

from ..tools import boards
from ..tools.board_specs import BOARDS, WITHOUT_FAMILY, WITHOUT_STORE

FINANCE = ("approvals", "value")
OF_KIND = "retail_ops_approvals.kind_"


class BoardCase(ApprovalCase, ChecklistAccessCase, IntegrationCase):
    """Cases, requests, checklists and events, enough to leave no figure at nought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far_store.format = "convenience"
        cls._raise_cases()
        cls._finish_without_approval()
        cls._ask_for_approvals()
        cls._answer_checklists()
        cls._receive_events()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _raise_cases(cls):
        cls.complaint = cls.env.ref("retail_ops_core.type_customer_complaint")
        cls._take_in()
        cls._take_in(store_id=cls.far_store.id, unit_cost=400)
        hour_ago = fields.Datetime.now() - timedelta(hours=1)
        for store in (cls.other_store, cls.far_store):
            about = {"type_id": cls.complaint.id, "store_id": store.id}
            late = cls._take_in(**about, amount=80)
            late.sudo().resolve_due = hour_ago
            done = cls._take_in(**about)
            done._set_in_progress()
            done._set_resolved("Made good")
            done.sudo().opened_at -= timedelta(days=45)

    @classmethod
    def _finish_without_approval(cls):
        """Finish cases that the matrix holds behind the application."""
        damaged = cls.env.ref("retail_ops_core.type_damaged_goods")
        for user, store in ((cls.manager, cls.store), (cls.far_manager, cls.far_store)):
            case = cls._raise_by_hand(user, type_id=damaged.id, store_id=store.id)
            cls._finish_unseen(case)

    @classmethod
    def _ask_for_approvals(cls):
        waiting, asked, decided, refused, markdown, turned_down, refund = (
            cls._request_of(cls._write_off(counted_quantity=2)) for _n in range(7)
        )
        for request in (decided, markdown, refund):
            cls._approve(request, cls.region_manager, cls.loss_prevention)
        for request in (refused, turned_down):
            request.with_user(cls.region_manager).action_reject("Count again")
        far = cls._raise_by_hand(cls.far_manager, store_id=cls.far_store.id)
        late = cls._request_of(far)
        late.sudo().due_at = fields.Datetime.now() - timedelta(hours=1)
        waiting.sudo().is_blocked = True
        cls._ask_about_a_complaint()
        cls._write_off(counted_quantity=11)._check_approved()
        cls.env.flush_all()
        cls._say_kind("price_change", markdown | turned_down | asked)
        cls._say_kind("refund_exception", refund)

    @classmethod
    def _ask_about_a_complaint(cls):
        cls.complaint.approval_kind_id = cls.kind
        about = {"type_id": cls.complaint.id, "amount": 80}
        case = cls._raise_by_hand(cls.manager, **about)
        case.with_user(cls.manager).action_request_approval()

    @classmethod
    def _say_kind(cls, code, requests):
        """Let requests be about something else: what was asked is never rewritten."""
        cls.env.cr.execute(
            "UPDATE retail_approval_request SET kind_id = %s WHERE id = ANY(%s)",
            (cls.env.ref(OF_KIND + code).id, requests.ids),
        )
        cls.env.invalidate_all()

    @classmethod
    def _answer_checklists(cls):
        """One store ready, one late at high risk; of a second campaign, others."""
        cls.near.sudo().ready_percent = 80
        vetoes = cls.near.item_ids.filtered("is_veto")
        vetoes.with_user(cls.manager).action_done()
        for checklist in cls.campaign.sudo().checklist_ids - cls.near:
            checklist.item_ids[:1].is_overdue = True
        second = cls._create_campaign(name="Back to school")
        with freeze_time(TODAY):
            second.action_plan()
        near, other, far = second.sudo().checklist_ids.sorted("store_id")
        near.item_ids.with_user(cls.manager).action_done()
        other._set_missed()
        far.item_ids[:1].with_user(cls.far_manager).action_done()

    @classmethod
    def _receive_events(cls):
        till = cls.copy_source("test-till")
        for source, store in ((cls.source, cls.store), (till, cls.far_store)):
            cls._receive(source, store, "dead", "business")
            cls._receive(source, store, "parked", "transient")
            cls._receive(source, store, "pending", False)

    @classmethod
    def _receive(cls, source, store, state, error):
        body = {
            "type": "stock.discrepancy.found",
            "data": {**DISCREPANCY, "store": store.code},
            "timestamp": "2026-05-04T09:30:00Z",
        }
        cls.env["retail.event"]._accept(
            source._door(), json.dumps(body).encode(), "application/json", state
        )
        mine = [("source_id", "=", source.id), ("event_id", "=", state)]
        job = cls.env["retail.event.job"].search(mine)
        job.sudo().write({"state": state, "error_class": error})

    @classmethod
    def _snapshot_by_hand(cls):
        """Give each KPI of the boards four figures, its addon installed or not."""
        today = fields.Date.today()
        places = {"stock": cls.store, "customer": cls.far_store}
        rows = [
            (code, family, store, today - timedelta(days=days), number)
            for code in sorted(cls._kpis_shown())
            for number, days in enumerate((3, 20), 1)
            for family, store in places.items()
        ]
        cls.env["retail.kpi.snapshot"].search([]).sudo().unlink()
        cls.env["retail.kpi.snapshot"].sudo().create(
            [cls._snapshot_values(*row) for row in rows]
        )

    @classmethod
    def _kpis_shown(cls):
        figures = [
            figure
            for board in BOARDS
            for figure in (*board.cards, *board.charts, *board.tables)
        ]
        return {
            figure.source.domain[0][2]
            for figure in figures
            if figure.source.model == boards.SNAPSHOT
        }

    @classmethod
    def _snapshot_values(cls, code, family, store, day, number):
        kpi = cls._kpi(code)
        apart = 10 * number + (5 if family == "stock" else 2)
        if code in WITHOUT_STORE:
            # A company has one such figure a day, not one a store.
            day -= timedelta(days=family == "stock")
        return {
            "kpi_id": kpi.id,
            "company_id": cls.company.id,
            "store_id": code not in WITHOUT_STORE and store.id,
            "region_id": code not in WITHOUT_STORE and store.region_id.id,
            "family": code not in WITHOUT_FAMILY and family,
            "day": day,
            "numerator": apart,
            "denominator": 4 * number,
            "record_count": 4 * number,
            "factor": kpi._factor(),
            "value": kpi._factor() * apart / (4 * number),
            "computed_at": fields.Datetime.now(),
            "revision": 1,
        }

    @classmethod
    def _kpi(cls, code):
        kpis = cls.env["retail.kpi"].with_context(active_test=False)
        return kpis.search([("code", "=", code)]) or kpis.create(
            {
                "name": code,
                "code": code,
                "formula": "As its addon says",
                "source": "its addon",
                "unit": "hours",
                "direction": "lower",
                "drill_model": "retail.exception",
            }
        )

    def _readers(self, board):
        readers = self.operations | self.auditor
        return readers | self.finance if board.key in FINANCE else readers
