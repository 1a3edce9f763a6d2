from odoo import api, models


class RetailStockHold(models.Model):
    """How changes of stock are held: a case each, once."""

    _inherit = "retail.stock.hold"

    @api.model
    def _hold_where_needed(self, changes, scraps=()):
        """Hold the changes that wait for an approval, and raise their cases.

        :param changes: list of :class:`.retail_stock_gate.Change`
        :param scraps: the stock.scrap behind each, for scraps
        :return: list of :class:`.retail_stock_gate.Verdict`
        """
        if not changes:
            return []
        scraps = scraps or [self.env["stock.scrap"]] * len(changes)
        verdicts = self.env["retail.stock.gate"]._verdicts(changes)
        asked = list(zip(changes, verdicts, scraps, strict=True))
        self._open([entry for entry in asked if entry[1].waits])
        return verdicts

    @api.model
    def _open(self, asked):
        new = [entry for entry in asked if not self._waits_already(entry[0], entry[2])]
        cases = self.env["retail.exception"]._raise_and_triage(
            [self._case_values(change, verdict) for change, verdict, _scrap in new]
        )
        holds = self.sudo().create(
            [
                self._values_of(change, case, scrap)
                for (change, _verdict, scrap), case in zip(new, cases, strict=True)
            ]
        )
        holds._note("stock.held")
        return holds

    @api.model
    def _waits_already(self, change, scrap):
        """Tell whether the same is held; another count takes the place of one that is.

        :return: bool
        """
        hold = self._waiting_for(change, scrap)
        if hold and change.product.uom_id.compare(hold.difference, change.difference):
            hold._drop()
            hold.exception_id._set_cancelled(self.env._("Counted again."))
            return False
        return bool(hold)

    @api.model
    def _waiting_for(self, change, scrap):
        return self.sudo().search(
            [
                ("state", "=", "waiting"),
                ("product_id", "=", change.product.id),
                ("location_id", "=", change.location.id),
                ("lot_id", "=", change.lot.id),
                ("package_id", "=", change.package.id),
                ("owner_id", "=", change.owner.id),
                ("scrap_id", "=", scrap.id),
            ]
        )

    @api.model
    def _case_values(self, change, verdict):
        reason = self._reason_of(change, verdict)
        return {
            **verdict.facts,
            "origin": "automation",
            "reason": reason,
            "stock_location_id": change.location.id,
            "stock_lot_id": change.lot.id,
        }

    @api.model
    def _reason_of(self, change, verdict):
        names = [change.location, change.lot, change.package, change.owner]
        place = ", ".join(record.display_name for record in names if record)
        by_whom = {"who": self.env.user.name, "place": place}
        if change.kind == "scrap":
            text = self.env._("Scrap asked for by %(who)s at %(place)s.", **by_whom)
        else:
            text = self.env._("Counted by %(who)s at %(place)s.", **by_whom)
        earlier = verdict.variance - change.difference
        if not change.product.uom_id.is_zero(earlier):
            text += self.env._(
                " %(quantity)s of it changed within the last 24 hours, without an "
                "approval.",
                quantity=abs(earlier),
            )
        return text

    @api.model
    def _values_of(self, change, case, scrap):
        return {
            "exception_id": case.id,
            "kind": change.kind,
            "company_id": change.store.company_id.id,
            "product_id": change.product.id,
            "location_id": change.location.id,
            "lot_id": change.lot.id,
            "package_id": change.package.id,
            "owner_id": change.owner.id,
            "quantity_before": change.before,
            "difference": change.difference,
            "scrap_id": scrap.id,
            "user_id": self.env.uid,
        }

    def _waiting_notice(self):
        """Return the client's action that tells what waits, and where it is seen."""
        names = ", ".join(self.sudo().exception_id.mapped("name"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Waiting for approval"),
                "message": self.env._(
                    "The stock stays as it is until %s is approved; it changes by "
                    "itself then.",
                    names,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
