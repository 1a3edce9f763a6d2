from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.retail_ops_core.tests.common import RetailOpsCase


class ApprovalCase(RetailOpsCase):
    """The network of core's tests under the standard policy.

    Below 50 nobody decides; from 50 the regional manager; from 50 and 20 % variance
    loss prevention as well, at the same time.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Request = cls.env["retail.approval.request"]
        cls.Policy = cls.env["retail.approval.policy"]
        cls.kind = cls.env.ref("retail_ops_approvals.kind_stock_write_off")
        cls.far_region.manager_id = new_test_user(
            cls.env, "test_far_region", "retail_ops_core.group_regional_manager"
        )
        cls.policy = cls._publish_policy(
            [
                {"amount_min": 50, "variance_min": 20, "steps": ["region", "loss"]},
                {"amount_min": 50, "steps": ["region"]},
                {"amount_max": 50, "outcome": "none"},
            ]
        )

    @classmethod
    def _publish_policy(cls, rows, **values):
        """Put a policy of these rows into force, written and published by two.

        :param rows: list of dicts of rule values; ``steps`` lists keys of
            :meth:`_step_values`, or dicts of step values
        """
        author, publisher = cls.admin, cls._second_admin()
        draft = cls._draft_policy(rows, **values).with_user(author)
        draft.with_user(publisher).action_publish()
        return draft.sudo()

    @classmethod
    def _draft_policy(cls, rows, **values):
        policies = cls.Policy.with_user(cls.admin)
        standard = cls.env.ref("retail_ops_approvals.policy_standard")
        latest = policies.search([("code", "=", standard.code)], limit=1)
        draft = policies.browse(latest.action_new_version()["res_id"])
        draft.rule_ids.unlink()
        draft.write(values)
        for sequence, row in enumerate(rows):
            steps = row.get("steps", [])
            rule = {key: row[key] for key in row if key != "steps"}
            cls.env["retail.approval.rule"].with_user(cls.admin).create(
                {
                    "policy_id": draft.id,
                    "kind_id": cls.kind.id,
                    "sequence": sequence,
                    "step_ids": [
                        Command.create(cls._step_values(step)) for step in steps
                    ],
                    **rule,
                }
            )
        return draft

    @classmethod
    def _step_values(cls, step):
        if isinstance(step, dict):
            return step
        group = cls.env.ref("retail_ops_core.group_loss_prevention")
        return {
            "region": {"approver": "region_manager", "hours": 8},
            "climb": {"approver": "region_manager", "hours": 8, "escalate": "region"},
            "store": {"approver": "store_manager"},
            "loss": {"approver": "group", "group_id": group.id},
        }[step]

    @classmethod
    def _second_admin(cls):
        if not hasattr(cls, "publisher"):
            cls.publisher = cls.admin.copy(
                {"login": "test_publisher", "name": "Publisher"}
            )
        return cls.publisher

    @classmethod
    def _write_off(cls, **values):
        """Return a write-off of 5 of 12 at 14.50, raised by the store's manager."""
        return cls._raise_by_hand(cls.manager, **values).sudo()

    @classmethod
    def _request_of(cls, exception):
        """Return the latest request about an exception."""
        return exception.sudo().approval_request_ids.sorted("id")[-1:]

    @classmethod
    def _approve(cls, request, *users):
        for user in users:
            request.with_user(user).action_approve()

    @classmethod
    def _finish_unseen(cls, cases, at=None):
        """Finish cases as nobody can from the application: by a statement."""
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE retail_exception SET state = 'resolved', is_open = FALSE,"
            " waiting_reason = NULL, waiting_since = NULL, resolved_at = %s"
            " WHERE id = ANY(%s)",
            (at or fields.Datetime.now(), cases.ids),
        )
        cls.env.invalidate_all()

    def _is_breach(self, case):
        """Tell whether the report of outcomes has it as finished unapproved."""
        self.env.flush_all()
        figures = self.env["retail.approval.figure"].with_user(self.finance)
        return figures.search([("res_id", "=", case.id)]).filtered(
            lambda figure: figure.outcome == "unapproved"
        )
