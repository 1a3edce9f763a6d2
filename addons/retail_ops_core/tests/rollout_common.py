from odoo.tests import new_test_user

from .common import RetailOpsCase


class RolloutCase(RetailOpsCase):
    """Inventory exceptions in waves: two administrators agreed to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workflow = cls.env.ref("retail_ops_core.workflow_inventory")
        cls.second_admin = new_test_user(
            cls.env, "test_second_admin", "retail_ops_core.group_admin"
        )
        cls.Wave = cls.env["retail.rollout.wave"]
        cls.Shadow = cls.env["retail.rollout.shadow"]

    @classmethod
    def _put_in_waves(cls):
        workflow = cls.workflow.with_user(cls.admin)
        workflow.action_ask_for_waves("We begin with two stores.")
        workflow.with_user(cls.second_admin).action_put_in_waves()

    @classmethod
    def _wave(cls, stores, state="draft", **values):
        """Return a wave of these stores, brought to ``state``; its gates ask little."""
        wave = cls.Wave.with_user(cls.admin).create(
            {
                "name": "First wave",
                "workflow_ids": cls.workflow.ids,
                "store_domain": str([("code", "in", stores.mapped("code"))]),
                "least_agreement": 0,
                "least_compared": 1,
                "least_quality": 0,
                **values,
            }
        )
        if state != "draft":
            wave.action_start_shadow("To see what it would do.")
        if state == "live":
            wave.sudo().state = "live"
        return wave

    @classmethod
    def _freeze(cls, stores):
        """Return a locked baseline that has a figure of each store."""
        baseline = cls.env["retail.kpi.baseline"].create(
            {
                "name": "Before the first wave",
                "date_from": "2026-01-05",
                "date_to": "2026-01-11",
                "store_ids": stores.ids,
                "state": "locked",
                "locked_at": "2026-01-12 08:00:00",
                "locked_by_id": cls.admin.id,
            }
        )
        kpi = cls.env.ref("retail_ops_core.kpi_resolution_time")
        facts = {"baseline_id": baseline.id, "kpi_id": kpi.id, "is_total": False}
        figures = {"numerator": 8, "denominator": 2, "value": 4}
        cls.env["retail.kpi.baseline.line"].create(
            [{**facts, **figures, "store_id": store.id} for store in stores]
        )
        return baseline

    def _shadow_of(self, record):
        return self.Shadow.search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )

    def _ledger_of(self, record):
        entries = self.env["retail.audit.entry"].sudo()
        return entries.search(
            [("model", "=", record._name), ("res_id", "=", record.id)]
        )
