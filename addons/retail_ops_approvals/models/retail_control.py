from odoo import fields, models

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
        return [
            self.env._("%s was approved by who asked for it.", name)
            for name in self._names_found(
                """
                SELECT request.name
                  FROM retail_approval_decision AS decision
                  JOIN retail_approval_request AS request
                    ON request.id = decision.request_id
                 WHERE decision.user_id = request.requester_id
                   AND decision.verdict = 'approved'
                   AND NOT request.is_automatic
                 ORDER BY request.id DESC LIMIT %s
                """
            )
        ]

    def _names_found(self, query):
        self.env.flush_all()
        self.env.cr.execute(query, [MOST_NAMED])
        return [name for (name,) in self.env.cr.fetchall()]

    def _check_holds(self):
        """Cases finished since their type asks for an approval have a request."""
        cases = self.env["retail.exception"].search(
            [
                ("type_id.approval_kind_id", "!=", False),
                ("state", "in", ("resolved", "closed")),
                ("resolved_at", "!=", False),
                ("approval_gate", "!=", "free"),
                ("approval_request_ids", "=", False),
            ],
            order="resolved_at desc",
            limit=MOST_LOOKED_AT,
        )
        return [
            self.env._("%s was finished without a request.", case.name)
            for case in cases
            if case.resolved_at >= case._held_since()
        ][:MOST_NAMED]

    def _check_two_authors(self):
        """No policy was put into force by somebody who wrote it."""
        policies = self.env["retail.approval.policy"].search(
            [("publisher_id", "!=", False)]
        )
        return [
            self.env._(
                "%s was published by somebody who wrote it.", policy.display_name
            )
            for policy in policies
            if policy.publisher_id in policy.author_ids
        ]

    def _check_fingerprint(self):
        """Requests bear the facts that were shown when people decided."""
        return [
            self.env._("%s bears other facts than those that were decided.", name)
            for name in self._names_found(
                """
                SELECT request.name
                  FROM retail_audit_entry AS entry
                  JOIN retail_approval_request AS request ON request.id = entry.res_id
                 WHERE entry.model = 'retail.approval.request'
                   AND entry.action = 'approval.decision'
                   AND entry.facts ->> 'fingerprint' <> request.fingerprint
                 GROUP BY request.id
                 ORDER BY request.id DESC LIMIT %s
                """
            )
        ]

    def _check_machines(self):
        """Nobody decided while his account was a service account."""
        return [
            self.env._("A service account decided about %s.", name)
            for name in self._names_found(
                """
                SELECT request.name
                  FROM retail_approval_decision AS decision
                  JOIN retail_approval_request AS request
                    ON request.id = decision.request_id
                  JOIN res_users AS account ON account.id = decision.user_id
                 WHERE account.is_service_account
                   AND decision.decided_at > COALESCE(
                       (SELECT MAX(entry.recorded_at)
                          FROM retail_audit_entry AS entry
                         WHERE entry.model = 'res.users'
                           AND entry.res_id = account.id
                           AND entry.action = 'approval.service_account'),
                       account.create_date)
                 GROUP BY request.id
                 ORDER BY request.id DESC LIMIT %s
                """
            )
        ]

    def _check_break_glass(self):
        """Each release has two people, and none waits too long for its review."""
        requests = self.env["retail.approval.request"]
        released = requests.search([("is_override", "=", True)])
        late = [
            ("review_state", "=", "due"),
            ("review_due_at", "<", fields.Datetime.now()),
        ]
        return [
            self.env._("%s was released by one person alone.", request.name)
            for request in released
            if not request.override_ids.filtered("second_user_id")
        ] + [
            self.env._(
                "The review of %s is overdue: its policy's owner owes it.", request.name
            )
            for request in requests.search(
                late, order="review_due_at", limit=MOST_NAMED
            )
        ]
