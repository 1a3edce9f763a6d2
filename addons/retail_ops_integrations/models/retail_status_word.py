from odoo import api, fields, models

LEARN = """
    INSERT INTO retail_status_word (source_id, object_id, word, create_uid, create_date)
    SELECT %s, unnest(%s::int[]), unnest(%s::text[]), %s, now() AT TIME ZONE 'utc'
        ON CONFLICT (source_id, object_id, word) DO NOTHING
"""


class RetailStatusWord(models.Model):
    """What a channel calls a status, and what it means here."""

    _name = "retail.status.word"
    _description = "Status word of a channel"
    _inherit = ["mail.thread"]
    _order = "source_id, object_id, word"
    _rec_name = "word"

    source_id = fields.Many2one("retail.source", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="source_id.company_id")
    object_id = fields.Many2one("retail.object", required=True, ondelete="restrict")
    word = fields.Char(required=True, help="As the channel writes it, in lower case.")
    status_id = fields.Many2one(
        "retail.status",
        string="Means",
        domain="[('object_id', '=', object_id)]",
        ondelete="restrict",
        tracking=True,
        help="Empty: an event brought a word that nobody has given a meaning yet. Give "
        "it one and replay the parked events.",
    )

    _word_unique = models.UniqueIndex(
        "(source_id, object_id, word)", "This channel's word has a line already."
    )

    @api.model
    def _normalised(self, word):
        """Return a word as it is kept: without spaces around it, in lower case."""
        return " ".join(word.split()).lower()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["word"] = self._normalised(vals["word"])
        return super().create(vals_list)

    @api.model
    def _meanings(self, source):
        """Return what the words of a channel mean.

        :param source: retail.source
        :return: dict (id of retail.object, word) -> retail.status
        """
        words = self.sudo().search(
            [("source_id", "=", source.id), ("status_id", "!=", False)]
        )
        return {(word.object_id.id, word.word): word.status_id for word in words}

    @api.model
    def _learn(self, source, unknown):
        """Keep words that nobody knows, for a person to give them a meaning.

        :param source: retail.source
        :param unknown: set of tuples (id of retail.object, word)
        """
        object_ids, words = (list(part) for part in zip(*unknown, strict=True))
        self.env.cr.execute(LEARN, (source.id, object_ids, words, self.env.uid))
        self.invalidate_model()
