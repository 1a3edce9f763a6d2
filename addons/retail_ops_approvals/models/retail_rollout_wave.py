from odoo import models


class RetailRolloutWave(models.Model):
    """A wave goes live only with policies that lead to people, and back only by two."""

    _inherit = "retail.rollout.wave"

    def _holds_documents(self):
        kinds = self.env["retail.request.kind"].with_context(active_test=False)
        held = kinds.search_count([("workflow_id", "in", self.workflow_ids.ids)], 1)
        return bool(held) or super()._holds_documents()

    def _move(self, state, reason, gates=None, **values):
        self.env["retail.exception"]._note_held()
        return super()._move(state, reason, gates=gates, **values)

    def _control_failures(self):
        failures = super()._control_failures()
        policies = self.env["retail.approval.policy"].sudo()
        companies = self.store_ids.company_id
        for kind in self.workflow_ids.kind_ids.filtered("model"):
            in_force = policies._in_force(kind, companies)
            for company in companies:
                policy = in_force.get((kind, company))
                failures += self._policy_failures(kind, company, policy)
        return list(dict.fromkeys(failures))

    def _policy_failures(self, kind, company, policy):
        if policy:
            return self._dead_ends(policy, kind)
        return [
            self.env._(
                "No policy covers “%(kind)s” in %(company)s.",
                kind=kind.name,
                company=company.name,
            )
        ]

    def _dead_ends(self, policy, kind):
        apart = self.env["retail.approval.incompatibility"]._sides()
        rules = policy._all_rules().filtered(lambda rule: rule.kind_id == kind)
        return [
            self.env._(
                "Too few different people may decide “%s”: name the manager who is "
                "missing in a store or region of the wave, or give the role to one "
                "more person.",
                rule.line,
            )
            for rule in rules
            if rule._names_people() and rule._stuck_in(self.store_ids, apart)[0]
        ]
