from odoo import models

from odoo.addons.retail_ops_core.models.retail_store_go_live import RUNNING

MOST_NAMED = 20
MOST_LOOKED_AT = 500


class RetailControl(models.Model):
    """Controls of approvals that this database itself can be asked about."""

    _inherit = "retail.control"

    def _check_policy_coverage(self):
        policies = self.env["retail.approval.policy"]
        kinds = self.env["retail.request.kind"].search([("model", "!=", False)])
        rows = self.env["retail.store"]._read_group([], ["company_id"])
        companies = self.env["res.company"].union(*(company for [company] in rows))
        in_force = policies._in_force(kinds, companies)
        return [
            self.env._(
                "No policy covers “%(kind)s” in %(company)s: requests go to its owner.",
                kind=kind.name,
                company=company.name,
            )
            for kind in kinds
            for company in companies
            if (kind, company) not in in_force
        ]

    def _check_dead_ends(self):
        """Rows that lead nowhere in a store that runs.

        A planned one has nobody yet: going live asks for its people.
        """
        policies = self.env["retail.approval.policy"].search(
            [("state", "=", "published")]
        )
        return [
            text
            for policy in policies
            for text in policy._find_stuck(
                policy._stores_ruled().filtered(lambda store: store.state in RUNNING)
            )
        ]

    def _check_separation(self):
        """Nobody decided what he asked for himself, and nobody twice in a request."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT request.name
              FROM retail_approval_decision AS decision
              JOIN retail_approval_request AS request
                ON request.id = decision.request_id
             WHERE decision.user_id = request.requester_id
               AND decision.verdict = 'approved'
               AND NOT request.is_automatic
             ORDER BY request.id DESC LIMIT %s
            """,
            [MOST_NAMED],
        )
        return [
            self.env._("%s was approved by who asked for it.", name)
            for (name,) in self.env.cr.fetchall()
        ]

    def _check_holds(self):
        """Cases finished since their type asks for an approval have a request."""
        cases = self.env["retail.exception"].search(
            [
                ("type_id.approval_kind_id", "!=", False),
                ("state", "in", ("resolved", "closed")),
                ("resolved_at", "!=", False),
                ("approval_request_ids", "=", False),
            ],
            order="resolved_at desc",
            limit=MOST_LOOKED_AT,
        )
        return [
            self.env._("%s was finished without a request.", case.name)
            for case in cases
            if case.resolved_at >= self._held_since(case)
        ][:MOST_NAMED]

    def _held_since(self, case):
        """Return since when the matrix has held such a case in its store."""
        kind = case.type_id.approval_kind_id
        since = kind.workflow_id._acts_since(case.store_id)
        return max(since, kind.create_date)
