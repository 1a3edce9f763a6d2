import time
from ast import literal_eval
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import backtest, matrix
from .retail_approval_backtest_answers import Answers

PAGE = 5000
COLUMNS = (
    "id",
    "kind_id",
    "company_id",
    "store_id",
    "cost_centre_id",
    "rule_id",
    "requester_id",
    "company_amount",
    "variance_percent",
    "family",
    "requested_at",
    "facts",
)


class RetailApprovalBacktest(models.Model):
    """How past requests are read, answered twice and added up."""

    _inherit = "retail.approval.backtest"

    def _run(self, user):
        started = time.monotonic()
        if not self.policy_id.rule_ids:
            raise UserError(self.env._("There is nothing to try: add rows first."))
        self.env["retail.approval.request"].flush_model()
        self._clear()
        comparison, weeks, incomplete = self._compare()
        self.write(
            {
                "state": "done",
                "run_at": fields.Datetime.now(),
                "run_by_id": user.id,
                "digest": self.policy_id._matrix_digest(),
                "currency_id": self._currency().id,
                "weeks": weeks,
                "request_count": comparison.count,
                "incomplete_count": incomplete,
                "moved_count": comparison.moved,
                "looser_count": comparison.looser,
                "stricter_count": comparison.stricter,
            }
        )
        self._write_lines(comparison)
        self.seconds = time.monotonic() - started

    def _clear(self):
        self.kind_line_ids.unlink()
        self.load_line_ids.unlink()
        self.move_ids.unlink()

    def _currency(self):
        return (self.policy_id.company_id or self.env.company).currency_id

    # === THE PAST === #

    def _compare(self):
        """Answer every past request twice.

        :return: ``(Comparison, weeks they span, requests without kept facts)``
        """
        comparison, incomplete, moments = backtest.Comparison(), 0, []
        answers = Answers(self.env)
        matrices = self.policy_id._compile_matrices()
        worth, elsewhere = {}, self._ruled_elsewhere()
        for row in self._past_rows():
            if (row["kind_id"], row["company_id"]) in elsewhere:
                continue
            incomplete += row["facts"] is None
            moments.append(row["requested_at"])
            past = self._past(row, worth)
            rule_id = self._rule_of(row, matrices.get(row["kind_id"]), worth)
            comparison.add(
                past, answers.of(past.rule_id, past), answers.of(rule_id, past)
            )
        return comparison, self._weeks(moments), incomplete

    def _past_rows(self):
        """Yield past requests as dicts of :data:`COLUMNS`, page by page."""
        requests = self.env["retail.approval.request"]
        domain, last = self._past_domain(), 0
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        while True:
            page = requests.search(domain & Domain("id", ">", last), 0, PAGE, "id")
            if not page:
                return
            rows = self.env.execute_query_dict(
                SQL(
                    "SELECT %s FROM retail_approval_request WHERE id IN %s ORDER BY id",
                    names,
                    tuple(page.ids),
                )
            )
            yield from rows
            last = page.ids[-1]

    def _past_domain(self):
        policy = self.policy_id
        kinds = (policy | self._version_before()).rule_ids.kind_id
        companies = policy.company_id or self.env.user.company_ids
        domain = Domain("kind_id", "in", kinds.ids)
        domain &= Domain("company_id", "in", companies.ids)
        if self.days:
            since = fields.Datetime.now() - timedelta(days=self.days)
            domain &= Domain("requested_at", ">=", since)
        return domain & self._chosen()

    def _chosen(self):
        """Return the Domain of the requests somebody picked."""
        try:
            return Domain(literal_eval(self.domain or "[]")) & self._saved_set()
        except (ValueError, SyntaxError) as error:
            raise UserError(
                self.env._(
                    "“%s” is no filter of requests: choose it with the filter editor.",
                    self.domain or self.filter_id.name,
                )
            ) from error

    def _saved_set(self):
        """Return the Domain of the favourite search, as the search view has it."""
        saved = self.filter_id.sudo()
        return Domain(saved._get_eval_domain() if saved else [])

    def _version_before(self):
        policy = self.policy_id
        domain = [("code", "=", policy.code), ("version", "<", policy.version)]
        return policy.search(domain, order="version desc", limit=1)

    def _ruled_elsewhere(self):
        """Return ``(kind id, company id)`` that a company's own policy rules."""
        policy = self.policy_id
        if policy.company_id:
            return set()
        companies = self.env["res.company"].search([("active", "=", True)])
        in_force = policy._in_force(policy.rule_ids.kind_id, companies)
        return {
            (kind.id, company.id)
            for (kind, company), other in in_force.items()
            if other.company_id and other.code != policy.code
        }

    def _past(self, row, worth):
        company = self.env["res.company"].browse(row["company_id"])
        rate = self._worth(worth, company, self._currency(), fields.Date.today())
        kept = row["facts"] or {}
        return backtest.Past(
            id=row["id"],
            kind_id=row["kind_id"],
            company_id=row["company_id"],
            store_id=row["store_id"] or 0,
            cost_centre_id=row["cost_centre_id"] or 0,
            rule_id=row["rule_id"] or 0,
            amount=(row["company_amount"] or 0.0) * rate,
            excluded=frozenset(kept.get("excluded", ())) | {row["requester_id"]},
        )

    def _weeks(self, moments):
        if not moments:
            return 0.0
        span = (max(moments) - min(moments)).total_seconds() / 86400
        return max(self.days or span, 1) / 7

    # === WHAT THE DRAFT SAYS === #

    def _rule_of(self, row, rows, worth):
        """Return the id of the row that would have decided, 0 for none."""
        if rows is None:
            return 0
        company = self.env["res.company"].browse(row["company_id"])
        day = row["requested_at"].date()
        currencies = self.env["res.currency"].browse(rows.currency_ids)
        rates = {
            currency.id: self._worth(worth, company, currency, day)
            for currency in currencies
        }
        facts = self._facts(row, rates)
        found = rows.in_regions(facts.region_ids).match(facts)
        return found.id if found else 0

    def _facts(self, row, rates):
        requests = self.env["retail.approval.request"]
        if row["facts"] is not None:
            return requests._facts_from(row["facts"], rates)
        store = self.env["retail.store"].browse(row["store_id"] or 0)
        return matrix.Facts(
            amount=row["company_amount"] or 0.0,
            variance=row["variance_percent"] or 0.0,
            family=row["family"] or "",
            store_format=store.format or "",
            region_ids=store.region_id._path_ids(),
            rates=rates,
        )

    def _worth(self, worth, company, currency, day):
        """Return what one unit of the company's currency is worth in another."""
        key = company.id, currency.id, day
        if key not in worth:
            worth[key] = self.env["res.currency"]._get_conversion_rate(
                company.currency_id, currency, company, day
            )
        return worth[key]

    # === WHAT IS KEPT === #

    def _write_lines(self, comparison):
        self.env["retail.approval.backtest.kind"].create(
            [
                {"backtest_id": self.id, "kind_id": kind_id, **_kind_values(*sides)}
                for kind_id, sides in comparison.by_kind().items()
            ]
        )
        self.env["retail.approval.backtest.load"].create(
            self._load_values(comparison.load())
        )
        self.env["retail.approval.backtest.move"].create(
            [
                {"backtest_id": self.id, **_move_values(*move)}
                for move in comparison.largest_moves()
            ]
        )

    def _load_values(self, load):
        (asked_before, decisions_before), (asked_after, decisions_after) = load
        weeks = self.weeks or 1.0
        return [
            {
                "backtest_id": self.id,
                "user_id": user_id,
                "asked_before": asked_before[user_id] / weeks,
                "asked_after": asked_after[user_id] / weeks,
                "decisions_before": decisions_before[user_id] / weeks,
                "decisions_after": decisions_after[user_id] / weeks,
            }
            for user_id in sorted({*asked_before, *asked_after})
        ]


def _kind_values(before, after, moved):
    values = {"request_count": before.count, "moved_count": moved}
    for name, side in (("before", before), ("after", after)):
        values |= {
            f"automatic_{name}": side.automatic,
            f"unseen_{name}": side.unseen,
            f"dead_end_{name}": side.dead_ends,
            f"conflict_{name}": side.conflicts,
            f"decided_{name}": side.decided,
            f"hours_{name}": side.mean_hours,
        }
    return values


def _move_values(amount, request_id, before, after):
    return {
        "request_id": request_id,
        "amount": amount,
        "effect": _effect(before, after),
        "before_rule_id": before.rule_id or False,
        "after_rule_id": after.rule_id or False,
    }


def _effect(before, after):
    if after.is_automatic:
        return "looser"
    if after.is_dead_end:
        return "dead_end"
    return "stricter" if before.is_automatic else "other"
