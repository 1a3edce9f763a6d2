from odoo import api, fields, models


class RetailExceptionEnrichment(models.Model):
    """What another system found out about a case, with where it stands.

    Facts inform the person who decides; none of them changes the case.
    """

    _name = "retail.exception.enrichment"
    _description = "Fact about an exception"
    _log_access = False
    _allow_sudo_commands = False
    _order = "exception_id, id"

    exception_id = fields.Many2one(
        "retail.exception", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="exception_id.company_id")
    name = fields.Char(string="Fact", required=True, readonly=True)
    value = fields.Char(required=True, readonly=True)
    system_of_record = fields.Char(
        required=True, readonly=True, help="The system whose word it is."
    )
    as_of = fields.Datetime(required=True, readonly=True)
    workflow = fields.Char(
        readonly=True, help="The workflow that brought it, with its version and run."
    )
    source_id = fields.Many2one(
        "retail.source", readonly=True, ondelete="set null", string="Brought by"
    )
    event_id = fields.Char(string="Event id", readonly=True)

    _name_unique = models.UniqueIndex(
        "(exception_id, name)", "This fact about the case is here already."
    )

    @api.model
    def _note(self, exception, facts, common):
        """Write facts of a case; one that is known by its name is brought up to date.

        :param exception: retail.exception
        :param facts: list of dicts: name, value, source
        :param common: dict of what they share: as_of, workflow, source_id, event_id
        :return: retail.exception.enrichment
        """
        known = self.sudo().search([("exception_id", "=", exception.id)])
        by_name = {fact.name: fact for fact in known}
        noted = self.sudo().browse()
        for fact in {fact["name"]: fact for fact in facts}.values():
            values = {
                **common,
                "value": fact["value"],
                "system_of_record": fact["source"],
            }
            noted |= by_name.get(fact["name"], noted.browse())._renew(
                {**values, "exception_id": exception.id, "name": fact["name"]}
            )
        return noted

    def _renew(self, values):
        """Write what is newer than what is known, and create what is not known."""
        if not self:
            return self.create(values)
        if self.as_of <= values["as_of"]:
            self.write(values)
        return self
