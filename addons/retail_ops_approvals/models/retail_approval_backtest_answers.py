from typing import NamedTuple

from odoo.tools import SQL

from ..tools import backtest

INVOLVED = "requester"


class Rule(NamedTuple):
    """What answers of one row rest on."""

    steps: list  # of retail.approval.step, in order
    by: frozenset  # of the kinds of approvers
    path: tuple | None  # as in :class:`..tools.backtest.Answer`
    hours: float


class Answers:
    """Who would be asked by a row, remembered by row, store and those involved.

    People are those of today, on both sides of a comparison alike.
    """

    def __init__(self, env):
        self.env = env(su=True)
        self._measured = self._median_hours()
        stores = self.env["retail.store"].with_context(active_test=False).search([])
        self._regions = {store.id: store.region_id.id for store in stores}
        self._stores = {store.id: store for store in stores}
        self._rules, self._tried, self._answers, self._asked = {}, {}, {}, {}

    def of(self, rule_id, past):
        """Return the answer of one row to one past request.

        :param rule_id: id of a retail.approval.rule, 0 for none
        :param past: :class:`..tools.backtest.Past`
        :return: :class:`..tools.backtest.Answer`
        """
        if rule_id not in self._rules:
            self._rules[rule_id] = self._read(rule_id)
        rule = self._rules[rule_id]
        place = self._place(rule.by, past)
        where = rule_id, place, past.company_id
        if where not in self._tried:
            self._tried[where] = self._all_tried(rule, past)
        key = *where, past.excluded & self._tried[where]
        if key not in self._answers:
            self._answers[key] = self._answer(rule_id, rule, past, key[-1])
        return self._answers[key]

    def _read(self, rule_id):
        """Return what answers of a row rest on, read once."""
        rule = self.env["retail.approval.rule"].browse(rule_id or ())
        steps = rule._asked_steps()
        stages = steps.grouped("sequence").values()
        path = tuple(tuple(sorted(map(_asks, stage))) for stage in stages)
        hours = [[self._hours(step) for step in stage] for stage in stages]
        return Rule(
            steps=list(steps),
            by=frozenset(steps.mapped("approver")),
            path=() if rule.outcome == "none" else path or None,
            hours=backtest.expected_hours(hours),
        )

    def _place(self, approvers, past):
        """Return what of a request decides who is asked: store, region, cost centre."""
        centre = past.cost_centre_id if "cost_centre" in approvers else 0
        if "store_manager" in approvers:
            return past.store_id, 0, centre
        if "region_manager" in approvers:
            return 0, self._regions.get(past.store_id, 0), centre
        return 0, 0, centre

    def _all_tried(self, rule, past):
        asked = [self._ask(step, past, frozenset()) for step in rule.steps]
        return frozenset().union(*(tried for _people, _needed, tried, _out in asked))

    def _answer(self, rule_id, rule, past, involved):
        asked = [self._ask(step, past, involved) for step in rule.steps]
        left_out = {user for *_rest, out in asked for user in out}
        return backtest.Answer(
            rule_id=rule_id,
            path=rule.path,
            steps=tuple((people, needed) for people, needed, _tried, _out in asked),
            conflicts=len(left_out),
            hours=rule.hours,
        )

    def _ask(self, step, past, involved):
        """Return ``(people, approvals needed, all who were tried, left out)``."""
        place = self._place({step.approver}, past)
        escalation = step.escalate, step.escalate_group_id.id
        key = _asks(step), escalation, place, past.company_id, involved
        if key not in self._asked:
            self._asked[key] = self._resolve(step, past, involved)
        return self._asked[key]

    def _resolve(self, step, past, involved):
        facts = {
            "store": self._stores.get(past.store_id, self.env["retail.store"]),
            "cost_centre": self.env["retail.cost.centre"].browse(
                past.cost_centre_id or ()
            ),
            "company": self.env["res.company"].browse(past.company_id),
            "excluded": dict.fromkeys(involved, INVOLVED),
        }
        people, left_out = step._resolve(facts)
        return (
            frozenset(people.ids),
            step._places(people),
            frozenset(people.ids) | {entry["user_id"] for entry in left_out},
            {each["user_id"] for each in left_out if each["reason"] == INVOLVED},
        )

    # === HOURS === #

    def _hours(self, step):
        return self._measured.get(_role(step), step.hours)

    def _median_hours(self):
        """Return how long steps took: role to median hours until the last approval."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT step.approver,
                       COALESCE(CASE step.approver
                           WHEN 'group' THEN step.group_id
                           WHEN 'user' THEN rule_step.user_id
                           WHEN 'region_manager' THEN step.region_level
                       END, 0),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY
                           EXTRACT(EPOCH FROM last.at - step.opened_at) / 3600)
                  FROM retail_approval_request_step AS step
                  JOIN (SELECT step_id, max(decided_at) AS at
                          FROM retail_approval_decision
                         GROUP BY step_id) AS last ON last.step_id = step.id
                  LEFT JOIN retail_approval_step AS rule_step
                         ON rule_step.id = step.step_id
                 WHERE step.state IN ('approved', 'rejected')
                   AND step.opened_at IS NOT NULL
                 GROUP BY 1, 2
                """
            )
        )
        return {(approver, who): float(hours) for approver, who, hours in rows}


def _role(step):
    """Return whom a step asks, as :meth:`Answers._median_hours` groups them."""
    group, person = step.group_id.id, step.user_id.id
    named = {"group": group, "user": person, "region_manager": step.region_level}
    return step.approver, named.get(step.approver) or 0


def _asks(step):
    return (*_role(step), step.need, step.needed_number)
