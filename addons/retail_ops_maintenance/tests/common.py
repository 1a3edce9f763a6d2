from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.retail_ops_approvals.tests.common import ApprovalCase


class MaintenanceCase(ApprovalCase):
    """Store T042 has a freezer; its technician belongs to no store.

    Under the shipped policy a repair passes by itself below 250; below 1000 the
    regional manager decides, from 1000 operations as well; an emergency is the
    regional manager's alone.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician = new_test_user(cls.env, "test_technician", "base.group_user")
        cls.other_technician = new_test_user(
            cls.env, "test_other_technician", "base.group_user"
        )
        cls.equipment_manager = new_test_user(
            cls.env, "test_equipment", "maintenance.group_equipment_manager"
        )
        cls.vendor = cls.env["res.partner"].create({"name": "Cold Service"})
        cls.freezer = cls._create_equipment("Freezer")
        cls.stages = {
            "reported": cls.env.ref("maintenance.stage_0"),
            "work": cls.env.ref("maintenance.stage_1"),
            "done": cls.env.ref("maintenance.stage_3"),
            "approval": cls.env.ref("retail_ops_maintenance.stage_approval"),
            "supplier": cls.env.ref("retail_ops_maintenance.stage_supplier"),
        }
        cls.failure = cls.env.ref("retail_ops_core.type_equipment_failure")

    @classmethod
    def _create_equipment(cls, name, store=None, **values):
        return cls.env["maintenance.equipment"].create(
            {
                "name": name,
                "store_id": (store or cls.store).id,
                "technician_user_id": cls.technician.id,
                "partner_id": cls.vendor.id,
                **values,
            }
        )

    @classmethod
    def _fail(cls, user=None, **values):
        """Return the case that somebody of the store raises about the freezer."""
        return (
            cls.env["retail.exception"]
            .with_user(user or cls.manager)
            .create(
                {
                    "summary": "Freezer is warm",
                    "store_id": cls.store.id,
                    "type_id": cls.failure.id,
                    "equipment_id": cls.freezer.id,
                    **values,
                }
            )
            .sudo()
        )

    @classmethod
    def _repair(cls, cost=0, **values):
        """Return the technician's request of a case, with its quote."""
        repair = cls._fail().maintenance_id.with_user(cls.technician)
        if cost:
            repair.write({"repair_cost": cost, **values})
        return repair

    @classmethod
    def _move(cls, repair, step):
        repair.stage_id = cls.stages[step]
        cls.env.flush_all()

    @classmethod
    def _step_of(cls, repair):
        return repair.sudo()._step()

    @classmethod
    def _carry_out(cls):
        for request in cls.Request.search([("act_state", "=", "queued")]):
            request._act_once()

    @classmethod
    def _approved(cls, cost, *users, **values):
        """Return a repair that was approved and may be begun."""
        repair = cls._repair(cost, **values)
        cls._approve(cls._request_of(repair), *(users or (cls.region_manager,)))
        cls._carry_out()
        return repair

    @classmethod
    def _utc(cls, text):
        return fields.Datetime.to_datetime(text)
