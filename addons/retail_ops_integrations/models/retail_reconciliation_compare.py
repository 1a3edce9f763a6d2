import json
import math

from odoo import api, models

from ..tools import batch_file, envelope, schema
from ..tools.problem import Problem
from ..tools.strict_json import MAX_BYTES

MAX_DETAIL = 300


class RetailReconciliationRun(models.Model):
    """Line by line: the same, missing, in conflict, or no event at all."""

    _inherit = "retail.reconciliation.run"

    def _compare(self, items):
        """Compare lines with the log, and take in those that are missing.

        :param items: list of batch_file.Item, in the order they happened
        """
        known = self._known([item.body.get("id") for item in items if item.body])
        repaired = self._repaired_before(known)
        names = ("matched", "missing", "repaired", "conflicting", "refused")
        figures = dict.fromkeys([*names, "repaired_before"], 0)
        reports, rows = [], []
        for item in items:
            outcome, detail, row = self._judge(item, known)
            figures[outcome] += 1
            if outcome == "matched" and known[item.body["id"]] in repaired:
                figures["repaired_before"] += 1
            if row:
                rows.append((item, row))
            elif outcome != "matched":
                reports.append(self._report(item, outcome, detail, known))
        reports += self._take_in(rows, figures)
        self.env["retail.reconciliation.line"].sudo().create(reports)
        self._add_up(items, figures)

    def _known(self, event_ids):
        """Return the source's events among some ids.

        :return: dict event id -> retail.event
        """
        wanted = [event_id for event_id in event_ids if envelope.is_event_id(event_id)]
        events = (
            self.env["retail.event"]
            .sudo()
            .search([("source_id", "=", self.source_id.id), ("event_id", "in", wanted)])
        )
        return {event.event_id: event for event in events}

    def _repaired_before(self, known):
        """Return those of the events here that a reconciliation took in.

        :param known: dict event id -> retail.event
        """
        events = self.env["retail.event"].concat(*known.values())
        lines = (
            self.env["retail.reconciliation.line"]
            .sudo()
            .search(
                [
                    ("outcome", "=", "repaired"),
                    ("event_job_id.payload_id", "in", events.ids),
                ]
            )
        )
        return lines.event_job_id.payload_id

    def _judge(self, item, known):
        """Return (outcome, detail, row to store or None) of a line."""
        if item.error:
            return "refused", item.error, None
        event_id = item.body.get("id")
        if not envelope.is_event_id(event_id):
            return "refused", "id: printable, no dots or spaces", None
        event = known.get(event_id)
        if event and "data" not in item.body:
            return "matched", None, None
        if not event and "data" not in item.body:
            return "missing", self.env._("The list names it without its data"), None
        try:
            row = self._row_of(self._typed(item.body))
        except Problem as problem:
            return "refused", problem.document["detail"], None
        if not event:
            return "missing", None, row
        difference = self._difference(event, json.loads(row.raw_body))
        return (
            ("conflicting", difference, None)
            if difference
            else (
                "matched",
                None,
                None,
            )
        )

    def _typed(self, body):
        """Return a CSV line's data with numbers in it; JSON has them already."""
        if self.file_format != "csv":
            return body
        catalogue = self.env["retail.event.type"]._catalogue()
        contract = catalogue.get((body["type"], body["version"]))
        if not contract:
            return body
        typed = batch_file.typed(body["data"], json.loads(contract.schema))
        return {**body, "data": typed}

    def _row_of(self, body):
        """Return the row that the door would store.

        :raise Problem: the line breaks the envelope or the contract
        """
        events = self.env["retail.event"]
        event = events._checked_envelope(envelope.read_plain, body, body["id"])
        raw = envelope.compact(
            {name: body[name] for name in batch_file.ENVELOPE[1:] if name in body}
        )
        if len(raw) > MAX_BYTES:
            raise Problem("payload-too-large", 413, f"larger than {MAX_BYTES} bytes")
        catalogue = self.env["retail.event.type"]._catalogue()
        return events._row(self.source_id._door(), event, raw, catalogue)

    @api.model
    def _difference(self, event, body):
        """Return in words where a known event differs, None when it does not."""
        if not event._body():
            return None  # its payload's time of keeping is over: known by its id
        if event.type != body["type"] or event.version != body.get("version", 1):
            return self.env._("Here it is %s", f"{event.type} v{event.version}")
        mine, theirs = event._received_data(), body["data"]
        names = sorted({*mine, *theirs})
        differing = [name for name in names if mine.get(name) != theirs.get(name)]
        return ", ".join(differing)[:MAX_DETAIL] or None

    def _take_in(self, rows, figures):
        """Store what is missing as the door does, and return the reports."""
        if not rows:
            return []
        door = self.source_id._door()
        receipts = self.env["retail.event"]._store_rows(door, [row for _i, row in rows])
        stored = self._known([row.event_id for _item, row in rows])
        reports = []
        for (item, _row), receipt in zip(rows, receipts, strict=True):
            if isinstance(receipt, Problem):
                figures["conflicting"] += 1
                figures["missing"] -= 1
                detail = receipt.document["detail"]
                reports.append(self._report(item, "conflicting", detail, stored))
            else:
                figures["repaired"] += 1
                reports.append(self._report(item, "repaired", None, stored))
        return reports

    def _report(self, item, outcome, detail, known):
        event_id = item.body and item.body.get("id")
        event = known.get(event_id) if isinstance(event_id, str) else None
        job = event and self.env["retail.event.job"].sudo().search(
            [("payload_id", "=", event.id)]
        )
        return {
            "run_id": self.id,
            "line": item.line,
            "event_id": str(event_id or "")[:128],
            "outcome": outcome,
            "detail": detail and detail[:MAX_DETAIL],
            "event_job_id": job and job.id,
        }

    def _add_up(self, items, figures):
        values = {name: self[name] + count for name, count in figures.items()}
        values["counted"] = self.counted + len(items)
        if self.total_pointer:
            values["counted_total"] = self.counted_total + sum(
                self._amount(item) for item in items if item.body
            )
        self.write(values)

    def _amount(self, item):
        value = schema.resolve(item.body.get("data") or {}, self.total_pointer)
        try:
            amount = 0.0 if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            return 0.0
        return amount if math.isfinite(amount) else 0.0
