from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import ledger

SEAL_BATCH = 2000
VERIFY_BATCH = 5000
# Entries commit out of the order of their ids; the nightly verification counts
# whatever a transaction longer than this many entries would leave behind.
SEAL_WINDOW = 200000


class RetailAuditSeal(models.Model):
    """The hash chain over the audit entries, in the order of sealing."""

    _name = "retail.audit.seal"
    _description = "Audit Seal"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"

    entry_id = fields.Integer(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)

    _entry_unique = models.Constraint("UNIQUE(entry_id)", "An entry is sealed once.")

    def init(self):
        self.env["retail.audit.entry"]._refuse_changes("retail_audit_seal")

    @api.model
    def _head(self):
        """Return the digest of the last seal, or the genesis digest."""
        return self.sudo().search([], limit=1).digest or ledger.GENESIS

    @api.model
    def _unsealed(self, limit):
        """Return ``(id, digest)`` of entries not sealed yet, oldest first."""
        return self.env.execute_query(
            SQL(
                """
                SELECT entry.id, entry.digest FROM retail_audit_entry entry
                WHERE entry.id > (
                    SELECT COALESCE(MAX(entry_id), 0) - %(window)s
                    FROM retail_audit_seal
                ) AND NOT EXISTS (
                    SELECT FROM retail_audit_seal seal WHERE seal.entry_id = entry.id
                ) ORDER BY entry.id LIMIT %(limit)s
                """,
                window=SEAL_WINDOW,
                limit=limit,
            )
        )

    @api.model
    def _seal_batch(self):
        """Seal the oldest unsealed entries; return how many were sealed.

        One sealer at a time: a second one finds the lock taken and seals nothing.
        """
        [(free,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock('retail_audit_seal'::regclass::int)")
        )
        if not free:
            return 0
        previous, rows = self._head(), []
        for entry_id, digest in self._unsealed(SEAL_BATCH):
            previous = ledger.seal_digest(previous, digest)
            rows.append({"entry_id": entry_id, "digest": previous})
        self.sudo().create(rows)
        return len(rows)

    @api.model
    def _cron_seal(self):
        """Scheduled Action: seal what was appended since, batch by batch."""
        while sealed := self._seal_batch():
            self.env["ir.cron"]._commit_progress(sealed)

    @api.model
    def _verify(self):
        """Recompute the whole chain from the rows in the database.

        :return: dict ``{"sealed": int, "unsealed": int, "head": str,
            "first_bad_entry": int or None}``
        """
        self.env["retail.audit.entry"].flush_model()
        previous, after, sealed = ledger.GENESIS, 0, 0
        while rows := self._chain_rows(after):
            for seal_id, entry_id, digest, content, stored in rows:
                computed = ledger.entry_digest(content) if content else None
                previous = ledger.seal_digest(previous, computed or "")
                if computed != stored or previous != digest:
                    return self._verification(sealed, previous, entry_id)
                after, sealed = seal_id, sealed + 1
        return self._verification(sealed, previous, None)

    @api.model
    def _verification(self, sealed, head, first_bad_entry):
        [(entries,)] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM retail_audit_entry")
        )
        [(seals,)] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM retail_audit_seal")
        )
        return {
            "sealed": sealed,
            "unsealed": entries - seals,
            "head": head,
            "first_bad_entry": first_bad_entry,
        }

    @api.model
    def _chain_rows(self, after):
        """Return ``(seal id, entry id, seal digest, content, entry digest)``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT seal.id, seal.entry_id, seal.digest, entry.id, entry.digest,
                       entry.recorded_at, entry.user_id, entry.company_id,
                       entry.model, entry.res_id, entry.action, entry.facts,
                       entry.correlation_id
                FROM retail_audit_seal seal
                LEFT JOIN retail_audit_entry entry ON entry.id = seal.entry_id
                WHERE seal.id > %s ORDER BY seal.id LIMIT %s
                """,
                after,
                VERIFY_BATCH,
            )
        )
        return [
            (
                row[0],
                row[1],
                row[2],
                self._content_of(row[5:]) if row[3] else None,
                row[4],
            )
            for row in rows
        ]

    @api.model
    def _content_of(self, columns):
        Entry = self.env["retail.audit.entry"]
        names = (
            "recorded_at",
            "user_id",
            "company_id",
            "model",
            "res_id",
            "action",
            "facts",
            "correlation_id",
        )
        return Entry._hashed_content(dict(zip(names, columns, strict=True)))
