from odoo import api, models

QUIET_BIRTH = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_activity_quick_update": True,
}


class RetailException(models.Model):
    """The door by which facts, in batches, become exceptions."""

    _inherit = "retail.exception"

    @api.model
    def _intake(self, vals_list):
        """Raise an exception for each fact, once, unless it is tolerated.

        :param vals_list: list of dicts of exception values; ``intake_key`` names
            the fact
        :return: list of retail.exception aligned with ``vals_list``: the one
            raised now or earlier for that key, or an empty recordset when the
            variance is within the type's tolerance
        """
        known = self._by_intake_key([vals.get("intake_key") for vals in vals_list])
        results = [known.get(vals.get("intake_key")) for vals in vals_list]
        wanted = [
            position
            for position, vals in enumerate(vals_list)
            if results[position] is None and not self._is_tolerated(vals)
        ]
        raised = self._raise_and_triage([vals_list[position] for position in wanted])
        for position, exception in zip(wanted, raised, strict=True):
            results[position] = exception
        return [self.browse() if one is None else one for one in results]

    @api.model
    def _by_intake_key(self, keys):
        exceptions = self.sudo().search(
            [("intake_key", "in", list(filter(None, keys)))]
        )
        return {exception.intake_key: exception for exception in exceptions}

    @api.model
    def _is_tolerated(self, vals):
        kind = self.env["retail.exception.type"].sudo().browse(vals["type_id"])
        if kind.impact_formula != "quantity_cost" or not kind.tolerance_percent:
            return False
        draft = self.sudo().new(vals)
        return kind._tolerates(draft.variance_percent, draft.impact_amount)

    @api.model
    def _raise_and_triage(self, vals_list):
        """Create exceptions, classified in one call when the rule is on."""
        if not vals_list:
            return self.browse()
        classify = self._is_rule_on("retail_ops_core.automation_classify")
        exceptions = (
            self.sudo()
            .with_context(**QUIET_BIRTH)
            .create(
                [
                    {"summary": "-", **vals, "needs_classification": not classify}
                    for vals in vals_list
                ]
            )
        )
        unnamed = exceptions.filtered(lambda exc: exc.summary == "-")
        unnamed._write_each({"summary": exc._suggested_summary()} for exc in unnamed)
        if classify:
            exceptions._classify()
        return exceptions

    @api.model
    def _is_rule_on(self, xmlid):
        rule = self.env.ref(xmlid, raise_if_not_found=False)
        return bool(rule and rule.sudo().active)

    @api.model
    def _product_by_code(self, codes):
        """Find products by internal reference or barcode.

        :param codes: iterable of texts
        :return: dict code -> product.product, without the unknown ones
        """
        wanted = [code for code in codes if code]
        products = (
            self.env["product.product"]
            .sudo()
            .search(["|", ("default_code", "in", wanted), ("barcode", "in", wanted)])
        )
        by_barcode = {product.barcode: product for product in products}
        by_reference = {product.default_code: product for product in products}
        return {
            code: by_reference.get(code) or by_barcode[code]
            for code in wanted
            if code in by_reference or code in by_barcode
        }
