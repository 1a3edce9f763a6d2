from odoo.tools import SQL

from ..tools import backtest

INVOLVED = "requester"


class Answers:
    """Who would be asked by a row, remembered by row, store and those involved.

    People are those of today, on both sides of a comparison alike.
    """

    def __init__(self, env):
        self.env = env(su=True)
        self._measured = self._median_hours()
        stores = self.env["retail.store"].with_context(active_test=False).search([])
        self._stores = {store.id: store for store in stores}
        self._paths, self._answers, self._asked = {}, {}, {}

    def of(self, rule_id, past):
        """Return the answer of one row to one past request.

        :param rule_id: id of a retail.approval.rule, 0 for none
        :param past: :class:`..tools.backtest.Past`
        :return: :class:`..tools.backtest.Answer`
        """
        steps, path, hours = self._path(rule_id)
        if not steps:
            return backtest.Answer(rule_id, path)
        tried = self._tried(steps, past)
        key = rule_id, past.store_id, past.company_id, past.excluded & tried
        if key not in self._answers:
            self._answers[key] = self._answer(steps, path, hours, *key)
        return self._answers[key]

    def _path(self, rule_id):
        if rule_id not in self._paths:
            rule = self.env["retail.approval.rule"].browse(rule_id or ())
            self._paths[rule_id] = (rule.step_ids, *self._stages(rule))
        return self._paths[rule_id]

    def _stages(self, rule):
        """Return what two rows that ask the same have in common, and its hours."""
        if rule.outcome == "none":
            return (), 0.0
        steps = rule.step_ids.sorted(lambda step: (step.sequence, step.id))
        stages = steps.grouped("sequence").values()
        path = tuple(tuple(sorted(map(_asks, stage))) for stage in stages)
        hours = [[self._hours(step) for step in stage] for stage in stages]
        return path or None, backtest.expected_hours(hours)

    def _tried(self, steps, past):
        asked = (self._ask(step, past.store_id, past.company_id) for step in steps)
        return frozenset().union(*(tried for _people, _needed, tried, _out in asked))

    def _answer(self, steps, path, hours, rule_id, store_id, company_id, involved):
        asked = [self._ask(step, store_id, company_id, involved) for step in steps]
        left_out = {user for *_rest, out in asked for user in out}
        return backtest.Answer(
            rule_id=rule_id,
            path=path,
            steps=tuple((people, needed) for people, needed, _tried, _out in asked),
            conflicts=len(left_out),
            hours=hours,
        )

    def _ask(self, step, store_id, company_id, involved=frozenset()):
        """Return ``(people, approvals needed, all who were tried, left out)``."""
        if step.approver in ("group", "user"):
            store_id = 0
        key = step.id, store_id, company_id, involved
        if key not in self._asked:
            self._asked[key] = self._resolve(step, *key[1:])
        return self._asked[key]

    def _resolve(self, step, store_id, company_id, involved):
        facts = {
            "store": self._stores.get(store_id, self.env["retail.store"]),
            "company": self.env["res.company"].browse(company_id),
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
