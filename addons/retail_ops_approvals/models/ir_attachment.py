from collections import defaultdict

from odoo import models

CONTENT = {"raw", "datas", "url", "type", "res_model", "res_id"}


class IrAttachment(models.Model):
    """Evidence that is replaced or taken away voids what was approved on it."""

    _inherit = "ir.attachment"

    def _governed_documents(self):
        """Return the governed documents that these are attached to, by model."""
        ids = defaultdict(set)
        for attachment in self.sudo():
            model = self.env.get(attachment.res_model or "")
            if attachment.res_id and hasattr(model, "_void_changed_approvals"):
                ids[attachment.res_model].add(attachment.res_id)
        return [self.env[name].sudo().browse(ids[name]).exists() for name in ids]

    def write(self, vals):
        documents = self._governed_documents() if CONTENT & set(vals) else []
        result = super().write(vals)
        for governed in documents:
            governed._void_changed_approvals()
        return result

    def unlink(self):
        documents = self._governed_documents()
        result = super().unlink()
        for governed in documents:
            governed._void_changed_approvals()
        return result
