from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools import ledger

HASHED_FIELDS = (
    "recorded_at",
    "user_id",
    "company_id",
    "model",
    "res_id",
    "action",
    "facts",
    "correlation_id",
)


class RetailAuditEntry(models.Model):
    """What was done, to which record, by whom: written once, never changed.

    Users and companies are plain numbers: a foreign key's SET NULL and a merge
    of partners are updates, and the table refuses updates.
    """

    _name = "retail.audit.entry"
    _description = "Audit Entry"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"

    recorded_at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Integer(string="User", required=True, readonly=True)
    company_id = fields.Integer(string="Company", readonly=True)
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(string="Record", required=True, readonly=True)
    action = fields.Char(required=True, readonly=True)
    facts = fields.Json(readonly=True)
    correlation_id = fields.Char(readonly=True)
    digest = fields.Char(required=True, readonly=True)
    user_name = fields.Char(string="By", compute="_compute_names")
    record_name = fields.Char(string="On", compute="_compute_names")
    facts_text = fields.Text(string="Details", compute="_compute_facts_text")

    _record_idx = models.Index("(model, res_id, id)")
    _correlation_idx = models.Index("(correlation_id) WHERE correlation_id IS NOT NULL")

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION retail_audit_refuse() RETURNS trigger AS $$
            BEGIN
                RAISE EXCEPTION 'the audit ledger is append-only'
                    USING ERRCODE = 'insufficient_privilege';
            END $$ LANGUAGE plpgsql
            """
        )
        self._refuse_changes("retail_audit_entry")

    @api.model
    def _refuse_changes(self, table):
        """Make the database itself refuse to change or empty ``table``."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE TRIGGER retail_audit_no_change
                    BEFORE UPDATE OR DELETE ON %(table)s
                    FOR EACH ROW EXECUTE FUNCTION retail_audit_refuse();
                CREATE OR REPLACE TRIGGER retail_audit_no_truncate
                    BEFORE TRUNCATE ON %(table)s
                    FOR EACH STATEMENT EXECUTE FUNCTION retail_audit_refuse();
                """,
                table=SQL.identifier(table),
            )
        )

    @api.depends("user_id", "model", "res_id")
    def _compute_names(self):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        names = dict(
            users.search([("id", "in", self.mapped("user_id"))]).mapped(
                lambda user: (user.id, user.name)
            )
        )
        for entry in self:
            entry.user_name = names.get(entry.user_id, str(entry.user_id))
            entry.record_name = entry._record_label()

    def _record_label(self):
        if self.model not in self.env:
            return f"{self.model},{self.res_id}"
        record = self.env[self.model].browse(self.res_id).exists()
        if not record or not record.has_access("read"):
            return f"{self.model},{self.res_id}"
        return record.display_name

    @api.depends("facts")
    def _compute_facts_text(self):
        for entry in self:
            facts = entry.facts or {}
            entry.facts_text = "\n".join(f"{key}: {facts[key]}" for key in facts)

    @api.model
    def _record(self, records, action, facts):
        """Append one entry for each record, in one INSERT.

        :param records: recordset of any model; ``company_id`` and
            ``correlation_id`` are noted where the model has them
        :param action: what was done, a dotted code such as ``exception.resolved``
        :param facts: one JSON-able dict for all records, or a list aligned with
            them; ids, codes, amounts and digests, never a person's name
        :return: retail.audit.entry
        """
        if isinstance(facts, dict):
            facts = [facts] * len(records)
        rows = [
            self._row_for(record, action, facts_of_record)
            for record, facts_of_record in zip(records, facts, strict=True)
        ]
        return self.sudo().create(rows)

    @api.model
    def _row_for(self, record, action, facts):
        has = record._fields
        row = {
            "recorded_at": fields.Datetime.now(),
            "user_id": self.env.uid,
            "company_id": record.company_id.id if "company_id" in has else False,
            "model": record._name,
            "res_id": record.id,
            "action": action,
            "facts": facts,
            "correlation_id": (
                record.correlation_id if "correlation_id" in has else False
            ),
        }
        row["digest"] = ledger.entry_digest(self._hashed_content(row))
        return row

    @api.model
    def _hashed_content(self, row):
        content = {name: row[name] or None for name in HASHED_FIELDS}
        content["recorded_at"] = fields.Datetime.to_string(row["recorded_at"])
        return content

    def write(self, vals):
        if vals:
            raise AccessError(self._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self._refusal())

    @api.model
    def _refusal(self):
        return self.env._(
            "The audit ledger is append-only: an entry can be neither changed nor "
            "deleted."
        )
