import json
from pathlib import Path

from odoo import api, fields, models
from odoo.tools import config


class RetailAuditSeal(models.Model):
    """The head of the chain, published where the database's owner is not alone."""

    _inherit = "retail.audit.seal"

    @api.model
    def _heads_file(self):
        folder = Path(config["data_dir"]) / "retail_ops"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"ledger-heads-{self.env.cr.dbname}.jsonl"

    @api.model
    def _published_heads(self):
        """Return the heads published so far, oldest first.

        :return: list of dicts ``{"at", "seal_id", "digest"}``
        """
        path = self._heads_file()
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]

    @api.model
    def _publish_head(self):
        """Append the head to a file outside the database, and tell listeners."""
        last = self.sudo().search([], limit=1)
        if not last:
            return
        head = {
            "at": fields.Datetime.to_string(fields.Datetime.now()),
            "seal_id": last.id,
            "digest": last.digest,
        }
        with self._heads_file().open("a") as file:
            file.write(json.dumps(head) + "\n")
        self.env["retail.publisher"]._publish(
            "ledger.head",
            head,
            company=self.env.company,
            correlation_id=f"ledger-{last.id}",
            key="ledger",
        )

    @api.model
    def _missing_heads(self):
        """Return published heads that the chain no longer has.

        A restored backup, or a chain rewritten as a whole, ends before them or
        has other digests.
        """
        published = {head["seal_id"]: head for head in self._published_heads()}
        seals = self.sudo().search([("id", "in", list(published))])
        held = {seal.id: seal.digest for seal in seals}
        return [
            head for key, head in published.items() if held.get(key) != head["digest"]
        ]

    @api.model
    def _cron_verify(self):
        """Scheduled Action: verify the chain; raise an exception when it is broken."""
        result = self._verify()
        missing = self._missing_heads()
        if result["first_bad_entry"] is not None or missing:
            self._raise_broken(result, missing)
        else:
            self._publish_head()

    @api.model
    def _raise_broken(self, result, missing):
        what = self.env._(
            "First altered entry: %(entry)s. Published heads missing from the chain: "
            "%(heads)s. Compare with a backup, and find out who had the database.",
            entry=result["first_bad_entry"],
            heads=", ".join(head["digest"][:12] for head in missing) or "-",
        )
        kind = self.env.ref("retail_ops_core.type_ledger_broken")
        office = self.env["retail.store"]._office_of(self.env.company)
        self.env["retail.exception"]._intake(
            [
                {
                    "store_id": office.id,
                    "type_id": kind.id,
                    "summary": self.env._("The audit ledger does not verify"),
                    "reason": what,
                    "origin": "automation",
                    "intake_key": f"ledger:{result['head']}:{len(missing)}",
                }
            ]
        )
