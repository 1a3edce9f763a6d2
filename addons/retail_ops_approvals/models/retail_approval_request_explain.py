from odoo import api, models
from odoo.tools.float_utils import float_repr


class RetailApprovalRequest(models.Model):
    """Why a request went its way, for people and for other systems."""

    _inherit = "retail.approval.request"

    @api.readonly
    def approval_explanation(self):
        """Tell which version and row decided, what nearly did, and who may decide.

        Other systems call it as any reader may: ``POST
        /json/2/retail.approval.request/approval_explanation``.

        :return: dict, JSON-able: ``reference``, ``kind``, ``state``; ``policy`` (dict
            of ``name``, ``code``, ``version``, ``reference``) and ``rule`` (text), both
            None where nothing covers it; ``block`` (no_policy, no_row, no_people or
            None); ``steps`` (list of dicts ``order``, ``who``, ``state``, ``needed``,
            ``eligible`` and ``decided``, lists of names); and sentences in the
            reader's language: ``variant``, ``near`` (rows that do not hold, and why),
            ``turning`` (amounts) and ``changes`` (other facts that would have led
            elsewhere), ``left_out`` (people, and why)
        :raise AccessError: to who may not read the request
        """
        self.ensure_one()
        self.check_access("read")
        request = self.sudo()
        policy = (request.snapshot or {}).get("policy") or {}
        return {
            "reference": request.name,
            "kind": request.kind_id.code,
            "state": request.state,
            "policy": policy if policy.get("code") else None,
            "rule": request.rule_line or None,
            "block": request.block or None,
            "steps": [step._explained() for step in request.step_ids],
            **request._explanation_lines(),
        }

    @api.model
    def _explain(self, route):
        """Return why the matrix answered as it did, as codes and figures."""
        if not route.matrix:
            return {}
        rows, facts = route.matrix, route.facts
        return {
            "variant": route.rule._variation(),
            "near_misses": [
                {
                    "line": self._line_of(miss.row),
                    "condition": miss.condition,
                    "wanted": miss.wanted,
                    "found": miss.found,
                }
                for miss in rows.near_misses(facts)
            ],
            "turning_points": [
                {
                    "amount": point.amount,
                    "side": point.side,
                    "line": self._line_of(point.row),
                }
                for point in rows.turning_points(facts)
            ],
            "changes": [
                {
                    "fact": change.fact,
                    "value": change.value,
                    "line": self._line_of(change.row),
                }
                for change in rows.changes(facts)
            ],
        }

    @api.model
    def _line_of(self, row):
        return (
            self.env["retail.approval.rule"].sudo().browse(row.id).line if row else None
        )

    def _explanation_lines(self):
        changes = (self.explanation or {}).get("changes", [])
        return {
            **super()._explanation_lines(),
            "changes": list(map(self._change_text, changes)),
        }

    def _near_text(self, miss):
        """Return why a row does not hold, in a sentence."""
        return self.env._(
            "“%(line)s” does not hold: %(reason)s",
            line=miss["line"],
            reason=self._near_reason(**miss),
        )

    def _near_reason(self, condition, found, wanted, **_miss):
        values = {"found": float_repr(found, 2), "wanted": float_repr(wanted, 2)}
        times = {"found": int(found), "wanted": int(wanted)}
        return {
            "amount_min": lambda: self.env._(
                "%(found)s is below %(wanted)s.", **values
            ),
            "amount_max": lambda: self.env._(
                "%(found)s is not below %(wanted)s.", **values
            ),
            "variance_min": lambda: self.env._(
                "the variance is %(found)s %%, below %(wanted)s %%.", **values
            ),
            "recurrence_min": lambda: self.env._(
                "it came up %(found)s times, not %(wanted)s.", **times
            ),
            "risk_min": lambda: self.env._("the store's risk is lower."),
            "outlier_min": lambda: self.env._(
                "it is nothing unusual: its score is %(found)s, below %(wanted)s.",
                **values,
            ),
            "is_emergency": lambda: self.env._("it is no emergency."),
            "group_ids": lambda: self.env._("who asked has no such role."),
            "margin_below": lambda: self.env._(
                "%(found)s %% margin is left, not below %(wanted)s %%.", **values
            ),
            "is_outside_campaign": lambda: self.env._("a campaign covers it."),
            "is_outside_terms": lambda: self.env._("it is bought at agreed terms."),
        }[condition]()

    def _change_text(self, change):
        """Return which row another fact would have met, in a sentence."""
        value = change["value"]
        fact = {
            "variance": lambda: self.env._(
                "With a variance from %s %%", float_repr(value, 2)
            ),
            "recurrence": lambda: self.env._("From %s times on", int(value)),
            "risk": lambda: self.env._("In a store of a higher risk"),
            "outlier": lambda: self.env._(
                "If it were unusual, with a score from %s", float_repr(value, 1)
            ),
            "margin": lambda: self.env._(
                "With less than %s %% margin left", float_repr(value, 2)
            ),
            "is_outside_campaign": lambda: self.env._("Outside campaigns")
            if value
            else self.env._("Within a campaign"),
            "is_outside_terms": lambda: self.env._("Outside catalogue or budget")
            if value
            else self.env._("At agreed terms"),
            "is_emergency": lambda: self.env._("As an emergency")
            if value
            else self.env._("If it were no emergency"),
            "with_role": lambda: self.env._("Asked by %s", self._role_name(value)),
            "without_role": lambda: self.env._(
                "Asked by somebody who is not %s", self._role_name(value)
            ),
        }[change["fact"]]()
        line = change["line"] or self.env._("no row, and so the policy's owner")
        return self.env._("%(fact)s: %(line)s", fact=fact, line=line)

    @api.model
    def _role_name(self, group_id):
        return self.env["res.groups"].sudo().browse(group_id).exists().name or group_id


class RetailApprovalRequestStep(models.Model):
    _inherit = "retail.approval.request.step"

    def _explained(self):
        """Return who decides a step, as :meth:`approval_explanation` shows it."""
        return {
            "order": self.sequence,
            "who": self.name,
            "state": self.state,
            "needed": self.needed_count,
            "eligible": self.approver_ids.sorted("name").mapped("name"),
            "decided": [decision._who() for decision in self.decision_ids],
        }
