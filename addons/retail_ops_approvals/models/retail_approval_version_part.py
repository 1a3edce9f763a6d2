from odoo import api, models


class RetailApprovalVersionPart(models.AbstractModel):
    """A part of a policy version: it changes only while the version is a draft."""

    _name = "retail.approval.version.part"
    _description = "Part of a Policy Version"
    _allow_sudo_commands = False

    def _policies(self):
        """Return the retail.approval.policy that these parts belong to."""
        raise NotImplementedError

    @api.model
    def _policies_of(self, vals_list):
        """Return the retail.approval.policy that new parts would belong to."""
        raise NotImplementedError

    @api.model_create_multi
    def create(self, vals_list):
        self._policies_of(vals_list)._note_author()
        return super().create(vals_list)

    def write(self, vals):
        (self._policies() | self._policies_of([vals]))._note_author()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_from_drafts(self):
        self._policies()._note_author()
