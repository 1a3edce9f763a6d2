from collections import defaultdict
from contextlib import suppress

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

# People, companies, products and stock: Odoo's books name them, so they are archived.
MASTER_DATA = ("res.", "product.", "resource.", "stock.", "ir.")


class RetailSampleRemoval(models.TransientModel):
    """Remove the sample data in one step, and say what stayed and why."""

    _name = "retail.sample.removal"
    _description = "Removal of Sample Data"

    found = fields.Html(compute="_compute_found", sanitize=False)
    is_removed = fields.Boolean(readonly=True)
    outcome = fields.Html(readonly=True, sanitize=False)

    @api.depends("is_removed")
    def _compute_found(self):
        for wizard in self:
            wizard._check_administrator()
            named = self.env["retail.sample"]._named()
            rows = [
                {"name": self._called(model), "count": len(ids), "reason": ""}
                for model, ids in named.items()
                if ids
            ]
            wizard.found = self._as_table(rows)

    def _check_administrator(self):
        if not self.env.user.has_group("retail_ops_core.group_admin"):
            raise AccessError(
                self.env._("Only a retail administrator removes the sample data.")
            )

    def action_remove(self):
        """Remove what is sample data; archive of it what others still refer to.

        Repeating it tries again what stayed. The audit ledger keeps its entries and
        gets one about the removal.

        :return: action of this dialog, which then says what stayed
        :raise AccessError: to others than administrators
        """
        self.ensure_one()
        self._check_administrator()
        found = self.env["retail.sample"]._found()
        self._call_off(found)
        kept = self._remove(found)
        self._archive(kept)
        self._forget_demo()
        removed = sum(map(len, found.values())) - sum(map(len, kept.values()))
        facts = {"removed": removed, "kept": sum(map(len, kept.values()))}
        self.env["retail.audit.entry"]._record(
            self.env.company, "sample.removed", facts
        )
        self.write({"is_removed": True, "outcome": self._told(removed, kept)})
        return self._reopen()

    # === Removal === #
    def _call_off(self, found):
        """Call off what is open of the sample data; each app's addon knows its own.

        :param found: dict model -> ids
        """

    @api.model
    def _call_off_each(self, records, method):
        """Call off what lets itself be; what does not stays, and is told of then.

        :param method: name of the method that calls off one record
        """
        for record in records.exists():
            with suppress(UserError), self.env.cr.savepoint():
                getattr(record, method)()

    def _remove(self, found):
        """Delete what nothing holds, again and again while that sets others free.

        :param found: dict model -> ids; master data of Odoo's own is left alone
        :return: dict model -> dict id -> why it stays
        """
        kept = {model: dict.fromkeys(ids) for model, ids in found.items()}
        models_to_clear = [name for name in kept if not name.startswith(MASTER_DATA)]
        gone = True
        while gone:
            gone = False
            for model in models_to_clear:
                gone |= self._remove_free(model, kept[model])
        return {model: reasons for model, reasons in kept.items() if reasons}

    def _remove_free(self, model, kept):
        """Delete the rows that no other row holds; note why the rest stays.

        :return: whether any was deleted
        """
        records = self.env[model].sudo().with_context(active_test=False)
        existing = records.browse(kept).exists()
        before = len(kept)
        for gone in kept.keys() - set(existing.ids):
            del kept[gone]
        holders = self._holders(existing)
        kept.update(holders)
        free = existing.filtered(lambda record: record.id not in holders)
        refusals = self._unlink(free)
        for record in free:
            del kept[record.id]
        kept.update(refusals)
        return len(kept) < before

    def _unlink(self, records):
        """Delete records, by halves where one of them refuses.

        :return: dict id -> why it stays
        """
        records = records.exists()  # one may have taken another along
        if not records:
            return {}
        try:
            with self.env.cr.savepoint():
                self._files_of(records).unlink()
                records.unlink()
        except (UserError, IntegrityError) as refusal:
            # What access refuses it refuses to each of them.
            if len(records) == 1 or isinstance(refusal, AccessError):
                return dict.fromkeys(records.ids, str(refusal).partition("\n")[0])
            half = len(records) // 2
            return self._unlink(records[:half]) | self._unlink(records[half:])
        return {}

    def _files_of(self, records):
        """Return the attachments, which go first: the ledger notes of which case."""
        files = self.env["ir.attachment"].sudo()
        return files.search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        )

    def _holders(self, records):
        """Return dict id -> what still refers to it, of those that something does."""
        self.env.flush_all()
        held = {}
        for table, column in self._references(records._table):
            rows = self.env.execute_query(
                SQL(
                    "SELECT DISTINCT %s FROM %s WHERE %s = ANY(%s)",
                    *(SQL.identifier(column), SQL.identifier(table)),
                    *(SQL.identifier(column), records.ids),
                )
            )
            reason = self.env._("in use: %s", self._called_by_table(table))
            held.update((row[0], reason) for row in rows)
        return held

    def _references(self, table):
        """Return ``(table, column)`` of the foreign keys that keep a row."""
        return self.env.execute_query(
            SQL(
                """
                SELECT child.relname, attribute.attname
                  FROM pg_constraint key
                  JOIN pg_class child ON child.oid = key.conrelid
                  JOIN pg_attribute attribute ON attribute.attrelid = key.conrelid
                                             AND attribute.attnum = key.conkey[1]
                 WHERE key.contype = 'f' AND key.confdeltype IN ('a', 'r')
                   AND key.confrelid = %s::regclass
                """,
                table,
            )
        )

    # === What stays === #
    def _archive(self, kept):
        """Archive what stays, the people last: their work is handed over then."""
        self._cancel_cases(kept.get("retail.exception", {}))
        for model in sorted(kept, key=lambda name: name == "res.users"):
            records = self.env[model].sudo().with_context(active_test=False)
            if "active" in records._fields:
                self._archive_each(records.browse(kept[model]).exists(), kept[model])

    def _cancel_cases(self, reasons):
        """Nobody has to work a sample that had to stay."""
        cases = self.env["retail.exception"].sudo().browse(reasons)
        cases = cases.filtered("is_open")
        cases._set_cancelled(self.env._("Sample data was removed."))
        for case in cases:
            reasons[case.id] = self.env._("cancelled; %s", reasons[case.id])

    def _archive_each(self, records, reasons):
        for record in records:
            try:
                with self.env.cr.savepoint():
                    record.active = False
            except UserError as refusal:
                reasons[record.id] = str(refusal).partition("\n")[0]
            else:
                reasons[record.id] = self._archived(reasons[record.id])

    def _archived(self, why):
        return self.env._("archived; %s", why) if why else self.env._("archived")

    def _forget_demo(self):
        """An update of the addons brings nothing of it back."""
        self.env["retail.sample"]._suite().write({"demo": False})

    # === Words === #
    def _told(self, removed, kept):
        rows = []
        for model, reasons in kept.items():
            told = defaultdict(int)
            for reason in reasons.values():
                told[reason or self.env._("belongs to another app")] += 1
            rows += [
                {"name": self._called(model), "count": count, "reason": reason}
                for reason, count in told.items()
            ]
        return self._as_table(rows, removed)

    def _as_table(self, rows, removed=None):
        return self.env["ir.qweb"]._render(
            "retail_ops_core.sample_rows",
            {
                "rows": sorted(rows, key=lambda row: (row["name"], -row["count"])),
                "removed": removed,
            },
        )

    def _called(self, model):
        return self.env["ir.model"].sudo()._get(model).name

    def _called_by_table(self, table):
        names = [
            name for name, model in self.env.registry.items() if model._table == table
        ]
        return self._called(names[0]) if names else table

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sample data"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
