from odoo import models


class RetailApprovalRequest(models.Model):
    """Who may not decide, beyond who asked and who works on the case."""

    _inherit = "retail.approval.request"

    def _excluded(self):
        excluded = super()._excluded()
        others = {
            **self._deciders_of_other_half(),
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

    def _deciders_of_other_half(self):
        """Who decided about a paired kind: same case, same document, same partner."""
        kinds = self.kind_id.pair_kind_ids
        if not kinds:
            return {}
        same = [("res_model", "=", self.res_model), ("res_id", "=", self.res_id)]
        if self.correlation_id:
            case = [("correlation_id", "=", self.correlation_id)]
            same = ["|", *case, "&", *same]
        else:
            same = ["&", *same]
        if self.partner_id:
            same = ["|", ("partner_id", "=", self.partner_id.id), *same]
        paired = self.search(
            [("kind_id", "in", kinds.ids), ("id", "!=", self.id), *same]
        )
        return dict.fromkeys(paired.decision_ids.user_id.ids, "other_half")

    def _incompatible(self):
        """Whose roles must not meet those of who acted in this request already."""
        decisions = self.decision_ids
        acted = self.requester_id | decisions.user_id | decisions.on_behalf_of_id
        roles = self.env["retail.approval.incompatibility"]
        return dict.fromkeys(roles._kept_apart_from(acted).ids, "incompatible")
