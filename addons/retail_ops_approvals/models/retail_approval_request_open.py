from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError

from ..tools import quorum

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


class RetailApprovalRequest(models.Model):
    """How a route becomes a request: frozen, explained, and put before people."""

    _inherit = "retail.approval.request"

    @api.model
    def _open(self, routes):
        """Make a request for each route and put it before those who decide.

        :param routes: list of :class:`.retail_approval_mixin.Route`
        :return: retail.approval.request, aligned with ``routes``
        """
        requests = (
            self.sudo()
            .with_context(**QUIET)
            .create([self._values_for(route) for route in routes])
            .with_context(**dict.fromkeys(QUIET, False))
        )
        for request, route in zip(requests, routes, strict=True):
            request._freeze_steps(route.rule._asked_steps())
            request._notice_dead_end()
        requests._tell("approval.requested")
        for request in requests:
            request._start()
        return requests.sudo(False)

    @api.model
    def _values_for(self, route):
        document, store = route.document, route.document._approval_store()
        return {
            "kind_id": route.kind.id,
            "res_model": document._name,
            "res_id": document.id,
            "document_name": document.display_name,
            "amount": document._approval_amount(),
            "currency_id": document._approval_currency().id,
            "company_amount": route.facts.amount,
            "company_id": document._approval_company().id,
            "store_id": store.id,
            "region_id": store.region_id.id,
            "cost_centre_id": document._approval_cost_centre().id,
            "family": route.facts.family,
            "variance_percent": route.facts.variance,
            "requester_id": self.env.uid,
            "requested_at": fields.Datetime.now(),
            "correlation_id": document._approval_correlation(),
            "fingerprint": document._approval_fingerprint(route.kind),
            "owner_id": (route.policy.owner_id or route.kind.owner_id).id,
            **self._verdict_values(route),
            **self._reason_values(route),
        }

    @api.model
    def _verdict_values(self, route):
        if not route.policy:
            return {"is_blocked": True, "block": "no_policy"}
        if not route.row:
            return {"is_blocked": True, "block": "no_row"}
        return {"is_automatic": route.is_automatic}

    @api.model
    def _reason_values(self, route):
        rule = route.rule
        return {
            "policy_id": route.policy.id,
            "policy_version": route.policy.version,
            "rule_id": rule.id,
            "rule_line": rule.line,
            "snapshot": self._snapshot(route),
            "explanation": self._explain(route),
        }

    @api.model
    def _snapshot(self, route):
        policy, rule = route.policy, route.rule
        return {
            "policy": {
                "name": policy.name,
                "code": policy.code,
                "version": policy.version,
                "reference": policy.reference,
            },
            "rule": {"id": rule.id, "line": rule.line, "amount_min": rule.amount_min},
            "document": route.document._approval_snapshot(),
        }

    # === STEPS === #

    def _freeze_steps(self, steps):
        """Write down who decides, in which order, and who was left out."""
        facts = self._step_facts()
        resolved = [(step, *step._resolve(facts)) for step in steps]
        self.env["retail.approval.request.step"].sudo().create(
            [
                self._step_values(step, approvers)
                for step, approvers, _left_out in resolved
            ]
        )
        left_out = [entry for _step, _approvers, out in resolved for entry in out]
        self.explanation = {**(self.explanation or {}), "left_out": left_out}

    def _step_facts(self):
        return {
            "store": self.store_id,
            "cost_centre": self.cost_centre_id,
            "company": self.company_id,
            "excluded": self._excluded(),
        }

    def _excluded(self):
        """Return who may not decide, now: a hand in the case can come later too."""
        excluded = self._document()._approval_excluded()
        return {**excluded, self.requester_id.id: "requester"}

    def _step_values(self, step, approvers):
        return {
            "request_id": self.id,
            "step_id": step.id,
            "sequence": step.sequence,
            "name": step._label(),
            "approver": step.approver,
            "group_id": step.group_id.id if step.approver == "group" else False,
            "region_level": step.region_level,
            "escalate": step.escalate,
            "escalate_group_id": step.escalate_group_id.id,
            "hours": step.hours,
            "remind_hours": step.remind_hours,
            "approver_ids": approvers.ids,
            "needed_count": step._places(approvers),
        }

    # === START === #

    def _start(self):
        """Put the request before people, grant it, or tell that nobody can decide."""
        if self.is_automatic:
            return self._grant()
        self._document()._approval_asked(self)
        if self.is_blocked:
            return self._tell_owner()
        return self._open_next_steps()

    def _notice_dead_end(self):
        if not self.is_blocked and not self._has_enough_people():
            self.write({"is_blocked": True, "block": "no_people"})

    def _notice_who_is_left(self):
        """Tell the owner of those that nobody can decide any more."""
        for request in self.filtered(lambda each: not each.is_blocked):
            request._notice_dead_end()
            if request.is_blocked:
                request._tell_owner()

    def _has_enough_people(self):
        """Tell whether distinct people can fill every step that is left."""
        steps = self._steps_in("waiting", "open")
        excluded = set(self._excluded())
        people = quorum.distinct_people(
            [(step._candidate_ids() - excluded, step._missing()) for step in steps],
            self.env["retail.approval.incompatibility"]._sides(),
        )
        return people is not None

    def _open_next_steps(self):
        opening = self._steps_in("open")
        if not opening:
            waiting = self._steps_in("waiting")
            first = min(waiting.mapped("sequence"))
            opening = waiting.filtered(lambda step: step.sequence == first)
            self._open_steps(opening)
            self._note_absence(opening)
        self._set_due()
        self._ask(opening)

    def _steps_in(self, *states):
        return self.step_ids.filtered(lambda step: step.state in states)

    def _open_steps(self, steps):
        now = fields.Datetime.now()
        for step in steps:
            step.write(
                {
                    "state": "open",
                    "opened_at": now,
                    "due_at": self._moment_after(now, step.hours),
                    "remind_at": self._moment_after(now, step.remind_hours),
                }
            )

    def _set_due(self):
        due = self._steps_in("open").mapped("due_at")
        self.due_at = min(filter(None, due), default=False)

    def _moment_after(self, start, hours):
        """Return when ``hours`` opening hours of the store have passed."""
        if not hours:
            return False
        if not self.store_id:
            return fields.Datetime.add(start, hours=hours)
        return self.store_id._plan_hours([(start, hours)])[0]

    def _ask(self, steps):
        """Give everybody who may decide ``steps`` an activity."""
        asked = {user for step in steps for user in step._candidate_ids()}
        users = self.env["res.users"].browse(asked) | self._stand_ins(asked)
        self._add_activities(
            "retail_ops_approvals.activity_approval", users, self._question()
        )

    def _question(self):
        return self.env._(
            "%(kind)s: %(document)s",
            kind=self.kind_id.name,
            document=self.document_name,
        )

    def _add_activities(self, xmlid, users, summary, due=None):
        """Create the activities at once, out of reach of whoever asked.

        No client context suppresses them, and only the person they are for, not the
        one whose action made them, can finish or delete them.
        """
        zoned = self.with_context(tz=self.store_id.tz or "UTC")
        due = due or self.due_at or fields.Datetime.now()
        asked = self.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(xmlid)
        ).user_id
        self.env["mail.activity"].with_user(SUPERUSER_ID).create(
            [
                {
                    "activity_type_id": self.env.ref(xmlid).id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": self.id,
                    "user_id": user.id,
                    "automated": True,
                    "date_deadline": fields.Datetime.context_timestamp(
                        zoned, due
                    ).date(),
                    "summary": summary,
                    "note": self.rule_line,
                }
                for user in users - asked
            ]
        )

    # === DEAD ENDS === #

    def _tell_owner(self):
        """Hand a request that nobody can decide to the policy's owner, with why."""
        self._add_activities(
            "retail_ops_approvals.activity_dead_end", self.owner_id, self._block_text()
        )
        self.message_post(body=self._block_text())
        self.env["retail.audit.entry"]._record(
            self,
            "approval.blocked",
            {
                "block": self.block,
                "owner_id": self.owner_id.id,
                "left_out": (self.explanation or {}).get("left_out", []),
            },
        )

    def _block_text(self):
        reasons = dict(self._fields["block"]._description_selection(self.env))
        return self.env._(
            "%(request)s is blocked. %(reason)s. Mend the cause, then press Try again.",
            request=self.name,
            reason=reasons.get(self.block, ""),
        )

    def action_try_again(self):
        """Look again for people who may decide a blocked request, or for a policy.

        :raise AccessError: to anybody but the policy's owner and administrators
        """
        for request in self:
            request._check_may_unblock()
            request.sudo()._lock()
            request.sudo()._unblock()
        return True

    def _unblock(self):
        if not self.is_blocked or self.state != "pending":
            return
        if self.rule_id:
            self._resolve_again()
        else:
            self._route_again()
        if self.rule_id:
            self.write({"is_blocked": False, "block": False})
            self._notice_dead_end()
        self._clear_activities()
        self._start()

    def _resolve_again(self):
        facts = self._step_facts()
        left_out = []
        for step in self.step_ids.filtered(lambda step: not step.decision_ids):
            approvers, out = step.step_id._resolve(facts)
            step.write(
                {
                    "approver_ids": approvers.ids,
                    "needed_count": step.step_id._places(approvers),
                }
            )
            left_out += out
        self.explanation = {**self.explanation, "left_out": left_out}

    def _route_again(self):
        [route] = self._document()._approval_routes_anywhere()
        self.write({**self._verdict_values(route), **self._reason_values(route)})
        self._freeze_steps(route.rule._asked_steps())

    def _check_may_unblock(self):
        is_admin = self.env.user.has_group("retail_ops_core.group_admin")
        if self.env.user != self.sudo().owner_id and not is_admin:
            raise AccessError(
                self.env._(
                    "Only %(owner)s, who owns the policy, or a retail administrator "
                    "can try again.",
                    owner=self.sudo().owner_id.name,
                )
            )
