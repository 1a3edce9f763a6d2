from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import pattern

WINDOW_DAYS = 28
KEY = "stock.pattern/%s/"  # of a company; the person follows


class RetailStockPattern(models.AbstractModel):
    """Finds people whose counts take out goods more often than chance explains.

    A flag is a question to loss prevention. It moves no stock and decides nothing.
    """

    _name = "retail.stock.pattern"
    _description = "Patterns of Stock Counts"

    @api.model
    def _cron_look(self):
        """Scheduled Action: compare the counts of the last weeks, by company."""
        companies = self.env["retail.store"]._read_group(
            [("warehouse_id", "!=", False)], ["company_id"]
        )
        for (company,) in companies:
            self._look(company)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _look(self, company):
        """Raise a case for each person found, once until it is answered.

        :param company: res.company
        :return: retail.exception raised now
        """
        office = self.env["retail.store"]._office_of(company)
        found = pattern.findings(self._tallies(company))
        cases = {
            f"{KEY % company.id}{finding.who}": self._values(office, finding)
            for finding in found
        }
        open_ones = self.env["retail.exception"].search(
            [("stock_watch_key", "in", list(cases)), ("is_open", "=", True)]
        )
        known = set(open_ones.mapped("stock_watch_key"))
        return self.env["retail.exception"]._raise_and_triage(
            [
                {**values, "stock_watch_key": key}
                for key, values in cases.items()
                if key not in known
            ]
        )

    @api.model
    def _tallies(self, company):
        """Return each person's counts of the last weeks that nobody asked about yet.

        What was there when he was last asked about was part of that question: only
        what came after it is a new one, whatever the answer was.
        """
        for model in ("stock.move", "stock.move.line", "retail.exception"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.create_uid,
                       COUNT(*) FILTER (WHERE place.usage = 'inventory'
                                          AND move.quantity > 0),
                       COUNT(*)
                  FROM stock_move move
                  JOIN stock_location place ON place.id = move.location_dest_id
                  JOIN stock_location source ON source.id = move.location_id
                  JOIN retail_store store ON store.warehouse_id IN
                       (place.warehouse_id, source.warehouse_id)
             LEFT JOIN (SELECT stock_watch_key AS key, MAX(create_date) AS at
                          FROM retail_exception
                         WHERE starts_with(stock_watch_key, %(key)s)
                      GROUP BY stock_watch_key) AS asked
                    ON asked.key = CONCAT(%(key)s, move.create_uid)
                 WHERE move.state = 'done' AND move.is_inventory
                   AND move.company_id = %(company)s
                   AND move.retail_hold_id IS NULL
                   AND move.create_date >= %(since)s
                   AND (asked.at IS NULL OR move.create_date > asked.at)
              GROUP BY move.create_uid
                """,
                company=company.id,
                key=KEY % company.id,
                since=fields.Datetime.subtract(fields.Datetime.now(), days=WINDOW_DAYS),
            )
        )
        return {who: pattern.Tally(losses, counts) for who, losses, counts in rows}

    @api.model
    def _values(self, office, finding):
        return {
            "type_id": self.env.ref("retail_ops_stock.type_stock_pattern").id,
            "store_id": office.id,
            "origin": "automation",
            "summary": self.env._(
                "Unusual counts by %s", self.env["res.users"].browse(finding.who).name
            ),
            "reason": self.env._(
                "%(losses)s of %(counts)s counts within %(days)s days took goods out; "
                "of the others' %(other_counts)s counts it was %(other_losses)s. "
                "Chance gives this %(chance).4f times (exact binomial test against the "
                "others' share, times the number of people compared). It is a "
                "question, no proof: look at the counts before you talk to anybody.",
                losses=finding.tally.losses,
                counts=finding.tally.counts,
                days=WINDOW_DAYS,
                other_counts=finding.others.counts,
                other_losses=finding.others.losses,
                chance=finding.chance,
            ),
        }
