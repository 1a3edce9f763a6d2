from odoo import api, fields, models

# An older fact changes nothing, in whatever order and process it arrives.
TRACK = """
    INSERT INTO retail_tracked_object AS known (
        company_id, object_id, reference, status_id, changed_at, source_id,
        store_id, correlation_id
    )
    SELECT %(company_id)s, told.*
      FROM unnest(%(object_id)s::int[], %(reference)s::text[], %(status_id)s::int[],
                  %(changed_at)s::timestamp[], %(source_id)s::int[],
                  %(store_id)s::int[], %(correlation_id)s::text[]) AS told (
           object_id, reference, status_id, changed_at, source_id, store_id,
           correlation_id)
        ON CONFLICT (company_id, object_id, reference) DO UPDATE
       SET status_id = EXCLUDED.status_id, changed_at = EXCLUDED.changed_at,
           source_id = EXCLUDED.source_id, correlation_id = EXCLUDED.correlation_id,
           store_id = COALESCE(EXCLUDED.store_id, known.store_id)
     WHERE known.changed_at <= EXCLUDED.changed_at
"""
COLUMNS = (
    "object_id",
    "reference",
    "status_id",
    "changed_at",
    "source_id",
    "store_id",
    "correlation_id",
)


class RetailTrackedObject(models.Model):
    """Where an order, shipment or payment stands, in the words of this house."""

    _name = "retail.tracked.object"
    _description = "Tracked object"
    _log_access = False
    _allow_sudo_commands = False
    _order = "changed_at desc, id desc"
    _rec_name = "reference"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    object_id = fields.Many2one("retail.object", required=True, readonly=True)
    reference = fields.Char(required=True, readonly=True)
    status_id = fields.Many2one("retail.status", required=True, readonly=True)
    changed_at = fields.Datetime(
        required=True, readonly=True, help="When it happened, as its system says."
    )
    source_id = fields.Many2one("retail.source", required=True, readonly=True)
    store_id = fields.Many2one("retail.store", readonly=True)
    correlation_id = fields.Char(readonly=True)

    _reference_unique = models.UniqueIndex(
        "(company_id, object_id, reference)", "This object is tracked already."
    )

    @api.model
    def _track(self, company, facts):
        """Note where objects stand, unless something newer is known.

        :param company: res.company
        :param facts: list of dicts of :data:`COLUMNS`
        """
        newest = {}
        for fact in sorted(facts, key=lambda fact: fact["changed_at"]):
            newest[fact["object_id"], fact["reference"]] = fact
        columns = {name: [fact[name] for fact in newest.values()] for name in COLUMNS}
        self.env.cr.execute(TRACK, {"company_id": company.id, **columns})
        self.invalidate_model()

    def action_open_trace(self):
        """Show every hop of the object's case."""
        self.ensure_one()
        return self.env["retail.trace"]._open(self.correlation_id)
