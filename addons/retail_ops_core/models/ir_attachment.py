import hashlib

from odoo import api, models


class IrAttachment(models.Model):
    """Evidence leaves its fingerprint in the ledger, and so does its replacement."""

    _inherit = "ir.attachment"

    def _evidence(self):
        """Return those that belong to a record whose model asks for evidence."""
        return self.filtered(
            lambda attachment: attachment.res_id
            and attachment.res_model in self.env
            and getattr(self.env[attachment.res_model], "_keeps_evidence", False)
        )

    def _fingerprint(self):
        return hashlib.sha256(self.raw or b"").hexdigest()

    def _record_evidence(self, action, facts_of):
        for attachment in self:
            record = self.env[attachment.res_model].sudo().browse(attachment.res_id)
            self.env["retail.audit.entry"]._record(
                record, action, {"attachment": attachment.id, **facts_of(attachment)}
            )

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._evidence()._record_evidence(
            "evidence.added", lambda one: {"sha256": one._fingerprint()}
        )
        return attachments

    def write(self, vals):
        before = {one.id: one._fingerprint() for one in self._evidence()}
        result = super().write(vals)
        changed = self._evidence().filtered(
            lambda one: before.get(one.id) != one._fingerprint()
        )
        changed._record_evidence(
            "evidence.replaced",
            lambda one: {"from": before.get(one.id), "sha256": one._fingerprint()},
        )
        return result

    def unlink(self):
        self._evidence()._record_evidence(
            "evidence.removed", lambda one: {"sha256": one._fingerprint()}
        )
        return super().unlink()
