from odoo import models
from odoo.fields import Domain


class RetailApprovalRequest(models.Model):
    """Who may not decide, beyond who asked and who works on the case."""

    _inherit = "retail.approval.request"

    def _excluded(self):
        excluded = super()._excluded()
        others = {
            **self._people_of_other_half(),
            **self._answered(),
            **self._brought_evidence(),
        }
        return {**self._incompatible(), **others, **excluded}

    def _brought_evidence(self):
        """Who attached what the decision rests on judges his own work."""
        attachments = self._document()._approval_evidence()
        return dict.fromkeys(attachments.create_uid.ids, "evidence")

    def _answered(self):
        return dict.fromkeys(self.question_ids.answered_by_id.ids, "answered")

    def _people_of_other_half(self):
        """Who acted in a paired kind: same case, same document, same partner."""
        kinds = self.kind_id._halves()
        if not kinds:
            return {}
        same = Domain("res_model", "=", self.res_model)
        same &= Domain("res_id", "=", self.res_id)
        if self.correlation_id:
            same |= Domain("correlation_id", "=", self.correlation_id)
        if self.partner_id:
            same |= Domain("partner_id", "=", self.partner_id.id)
        mine = Domain("kind_id", "in", kinds.ids) & Domain("id", "not in", self.ids)
        people = self.search(mine & same)._acted()
        return dict.fromkeys(people.ids, "other_half")

    def _incompatible(self):
        """Whose roles must not meet those of who acted in this request already."""
        roles = self.env["retail.approval.incompatibility"]
        return dict.fromkeys(roles._kept_apart_from(self._acted()).ids, "incompatible")

    def _acted(self):
        """Return who asked for the request or had a part in deciding it."""
        decisions = self.decision_ids
        return self.requester_id | decisions.user_id | decisions.on_behalf_of_id
