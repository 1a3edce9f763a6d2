from odoo import fields, models

from ..tools import quorum


class RetailApprovalMixin(models.AbstractModel):
    """Who would have to approve, before anybody is asked."""

    _inherit = "retail.approval.mixin"

    def approval_preview(self):
        """Tell who would have to approve if the caller asked now; nothing is written.

        :return: dict, JSON-able; empty when no kind governs the document: ``kind``,
            ``policy``, ``version``, ``rule`` (texts, or None), ``outcome`` (none: by
            an explicit row; steps; blocked), ``block`` (no_policy, no_row, no_people
            or None), ``steps`` (list of dicts ``order``, ``who``, ``needed``,
            ``people``, ``hours``), ``lacks_evidence`` (bool), and the sentences
            ``variant``, ``near``, ``turning``, ``changes`` and ``left_out``
        :raise AccessError: to who may not read the document
        """
        self.ensure_one()
        self.check_access("read")
        routes = self.sudo()._approval_routes()
        return self.sudo()._preview_of(routes[0]) if routes else {}

    def action_preview_approval(self):
        """Open who would have to approve.

        :return: action of a dialog
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who would have to approve"),
            "res_model": "retail.approval.preview",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_res_model": self._name, "default_res_id": self.id},
        }

    def _preview_of(self, route):
        resolved = self._preview_people(route)
        left_out = [entry for _step, _people, out in resolved for entry in out]
        block = self._preview_block(route, resolved)
        outcome = "none" if route.is_automatic else "steps"
        return {
            "kind": route.kind.name,
            "policy": route.policy.display_name or None,
            "version": route.policy.version or None,
            "rule": route.rule.line or None,
            "outcome": "blocked" if block else outcome,
            "block": block,
            "lacks_evidence": bool(route.lacks_evidence),
            "steps": [
                self._preview_step(step, people) for step, people, _out in resolved
            ],
            **self._preview_reasons(route, left_out),
        }

    def _preview_people(self, route):
        """Return ``(step, res.users who may decide, who is left out)`` of each step."""
        facts = {
            "store": self._approval_store(),
            "cost_centre": self._approval_cost_centre(),
            "company": self._approval_company(),
            "excluded": self._preview_excluded(route.kind),
        }
        return [(step, *step._resolve(facts)) for step in route.rule._asked_steps()]

    def _preview_excluded(self, kind):
        """Return who could not decide a request that were made now."""
        requests = self.env["retail.approval.request"].sudo()
        asked = requests.new(
            {
                "kind_id": kind.id,
                "res_model": self._name,
                "res_id": self.id,
                "requester_id": self.env.uid,
                "partner_id": self._approval_split_partner().id,
                "correlation_id": self._approval_correlation(),
            }
        )
        return asked._excluded()

    def _preview_block(self, route, resolved):
        """Return the code of what would stop the request, or None."""
        if not route.policy:
            return "no_policy"
        if not route.row:
            return "no_row"
        places = [(people.ids, step._places(people)) for step, people, _o in resolved]
        apart = self.env["retail.approval.incompatibility"]._sides()
        seated = quorum.distinct_people(places, apart)
        return None if seated is not None else "no_people"

    def _preview_step(self, step, people):
        return {
            "order": step.sequence,
            "who": step._label(),
            "needed": step._places(people),
            "people": people.sorted("name").mapped("name"),
            "hours": step.hours,
        }

    def _preview_reasons(self, route, left_out):
        """Return the sentences that a request would show."""
        requests = self.env["retail.approval.request"]
        asked = requests.new(
            {
                "company_id": self._approval_company().id,
                "requested_at": fields.Datetime.now(),
                "explanation": {**requests._explain(route), "left_out": left_out},
            }
        )
        return asked._explanation_lines()
