from odoo import api, fields, models

NOTE = """
    INSERT INTO retail_latest_fact AS known (
        company_id, event_type_id, ordering_key, occurred_at, payload_id
    )
    SELECT %s, %s, told.*
      FROM unnest(%s::text[], %s::timestamp[], %s::int[])
           AS told (ordering_key, occurred_at, payload_id)
        ON CONFLICT (company_id, event_type_id, ordering_key) DO UPDATE
       SET occurred_at = EXCLUDED.occurred_at, payload_id = EXCLUDED.payload_id
     WHERE (known.occurred_at, known.payload_id)
           <= (EXCLUDED.occurred_at, EXCLUDED.payload_id)
    RETURNING payload_id
"""


class RetailLatestFact(models.Model):
    """The newest fact of each ordering key, for types where only that one counts."""

    _name = "retail.latest.fact"
    _description = "Newest fact of a key"
    _log_access = False
    _allow_sudo_commands = False

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    event_type_id = fields.Many2one(
        "retail.event.type", required=True, readonly=True, ondelete="cascade"
    )
    ordering_key = fields.Char(required=True, readonly=True)
    occurred_at = fields.Datetime(required=True, readonly=True)
    payload_id = fields.Integer(readonly=True)

    _key_unique = models.UniqueIndex(
        "(company_id, event_type_id, ordering_key)", "This key is known already."
    )

    @api.model
    def _superseded(self, company, event_type, events):
        """Note events as the newest of their keys, and return those that are not.

        Part of the transaction that handles them: what is undone was not noted.
        Of equal times the one received last counts, so that a replay of it passes
        and one of those before it does not.

        :param events: retail.event of one type, at most one a key
        :return: retail.event that came after a newer fact of their key
        """
        keyed = events.filtered("ordering_key")
        self.env.cr.execute(
            NOTE,
            (
                company.id,
                event_type.id,
                keyed.mapped("ordering_key"),
                [event.occurred_at for event in keyed],
                keyed.ids,
            ),
        )
        newest = {payload_id for (payload_id,) in self.env.cr.fetchall()}
        return keyed.filtered(lambda event: event.id not in newest)
