from odoo import models
from odoo.exceptions import UserError


class RetailApprovalPolicy(models.Model):
    """A version that was replaced, brought back as the draft of the next one."""

    _inherit = "retail.approval.policy"

    def action_restore_version(self):
        """Open a draft with the rows, region variants and steps of this version.

        It is a draft like any other: somebody else than its author publishes it.

        :return: action of the draft's form
        :raise UserError: when nothing has replaced this version, or a draft is open
        """
        self.ensure_one()
        self.check_access("write")
        latest = self._latest()
        self._check_restorable(latest)
        draft = self._copy_as_version(
            latest.version + 1,
            owner_id=latest.owner_id.id,
            change_reason=self.env._("Restores version %s", self.version),
        )
        self._record_restoration(draft)
        return draft._open_form()

    def _check_restorable(self, latest):
        if self.state != "superseded":
            raise UserError(
                self.env._(
                    "Nothing has replaced %(policy)s: only a superseded version can "
                    "be restored.",
                    policy=self.display_name,
                )
            )
        if latest.state == "draft":
            raise UserError(
                self.env._(
                    "%(draft)s is a draft already: publish or delete it first, then "
                    "restore %(policy)s.",
                    draft=latest.display_name,
                    policy=self.display_name,
                )
            )

    def _record_restoration(self, draft):
        facts = {
            "code": draft.code,
            "version": draft.version,
            "restores": self.version,
        }
        self.env["retail.audit.entry"]._record(draft, "approval.policy.restored", facts)
