import base64
import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools import batch_file

_logger = logging.getLogger(__name__)

CRON = "retail_ops_integrations.cron_reconcile"
LINES_AT_ONCE = 500
COMPLETENESS_DAYS = 30
UNSETTLED = """
    SELECT DISTINCT ON (run.source_id) run.id
      FROM retail_reconciliation_run AS run
     WHERE (run.state = 'failed'
            OR run.state = 'done'
               AND run.conflicting + run.refused + run.missing - run.repaired > 0)
       AND NOT EXISTS (
           SELECT FROM retail_reconciliation_run AS later
            WHERE later.source_id = run.source_id AND later.id > run.id
              AND later.state = 'done'
              AND later.conflicting + later.refused + later.missing - later.repaired
                  = 0
              AND (later.origin = 'list'
                   OR later.filename IS NOT DISTINCT FROM run.filename)
              AND later.period_from <= run.period_from
              AND later.period_to >= run.period_to
       )
     ORDER BY run.source_id, run.id DESC
"""
GIVEN = frozenset(
    {
        "content",
        "declared_count",
        "declared_total",
        "file_format",
        "period_from",
        "period_to",
        "source_id",
        "total_pointer",
    }
)


class RetailReconciliationRun(models.Model):
    """A source's own list of what it sent, against what arrived.

    What is missing here is taken in by the way that every event takes; what
    differs is listed and changes nothing.
    """

    _name = "retail.reconciliation.run"
    _description = "Reconciliation"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    source_id = fields.Many2one(
        "retail.source",
        required=True,
        index=True,
        check_company=True,
        help="The system whose list is compared with what arrived from it.",
    )
    company_id = fields.Many2one(
        related="source_id.company_id", store=True, precompute=True
    )
    origin = fields.Selection(
        [("file", "File of a store that was offline"), ("list", "The source's list")],
        required=True,
        default="file",
        readonly=True,
    )
    file_format = fields.Selection(
        [("jsonl", "JSON lines"), ("csv", "CSV")],
        required=True,
        default="jsonl",
        help="JSON lines: an event a line with id, type, timestamp and data. CSV: the "
        "same columns, and one for each member of the data.",
    )
    content = fields.Binary(
        string="File",
        attachment=True,
        groups="retail_ops_integrations.group_integrator",
    )
    filename = fields.Char()
    period_from = fields.Datetime(required=True, help="First moment of the list.")
    period_to = fields.Datetime(
        required=True,
        help="The list is complete up to this moment.",
    )
    total_pointer = fields.Char(
        string="Total of",
        help="JSON pointer of an amount in the data, such as /amount, that is added "
        "up. Empty adds up nothing.",
    )
    declared_count = fields.Integer(help="How many events the sender says there are.")
    declared_total = fields.Float(help="What the sender says the amounts add up to.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    error = fields.Char(readonly=True, copy=False)
    position = fields.Integer(readonly=True, copy=False, help="Lines taken in.")
    counted = fields.Integer(string="Events", readonly=True, copy=False)
    counted_total = fields.Float(readonly=True, copy=False)
    matched = fields.Integer(readonly=True, copy=False, help="Here, and the same.")
    missing = fields.Integer(readonly=True, copy=False, help="Were not here.")
    repaired = fields.Integer(
        readonly=True, copy=False, help="Missing ones that were taken in now."
    )
    repaired_before = fields.Integer(
        string="Taken in before",
        readonly=True,
        copy=False,
        help="Of those that are here, how many an earlier reconciliation took in: "
        "periods overlap, and these did not arrive by themselves.",
    )
    conflicting = fields.Integer(
        readonly=True, copy=False, help="Here under the same id with other data."
    )
    refused = fields.Integer(
        readonly=True, copy=False, help="Lines that are no event of this source."
    )
    is_balanced = fields.Boolean(
        compute="_compute_is_balanced",
        help="Counts and totals are what the sender declared.",
    )
    completeness = fields.Float(
        compute="_compute_completeness",
        help="Percent of the list that was here before the reconciliation.",
    )
    line_ids = fields.One2many("retail.reconciliation.line", "run_id", readonly=True)

    _running_idx = models.Index("(id) WHERE state = 'running'")
    _source_idx = models.Index("(source_id, period_to)")

    # === Facts === #
    @api.depends("source_id", "period_to")
    def _compute_name(self):
        for run in self:
            day = fields.Date.to_string(run.period_to)
            run.name = f"{run.source_id.name or ''} · {day or ''}"

    @api.depends("counted", "counted_total", "declared_count", "declared_total")
    def _compute_is_balanced(self):
        for run in self:
            counts = not run.declared_count or run.declared_count == run.counted
            difference = abs(run.declared_total - run.counted_total)
            totals = not run.declared_total or difference < 0.005
            run.is_balanced = counts and totals

    @api.depends("matched", "repaired_before", "counted")
    def _compute_completeness(self):
        for run in self:
            by_itself = run.matched - run.repaired_before
            run.completeness = 100 * by_itself / run.counted if run.counted else 100

    @api.model
    def _has_field_access(self, field, operation):
        controlled = {"state", "position", "matched", "missing", "repaired"}
        controlled |= {"conflicting", "refused", "counted", "counted_total", "error"}
        controlled.add("repaired_before")
        if operation == "write" and field.name in controlled:
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.constrains("period_from", "period_to")
    def _check_period(self):
        if any(run.period_from >= run.period_to for run in self):
            raise ValidationError(
                self.env._("The period ends before it begins: correct the moments.")
            )

    def write(self, vals):
        """Change what is not begun yet.

        :raise UserError: the report would no longer be of what was compared
        """
        given = GIVEN & vals.keys()
        if given == {"content"} and not vals["content"]:
            given = frozenset()  # its time of keeping is over
        if given and any(run.state in ("running", "done") for run in self):
            raise UserError(
                self.env._("A reconciliation that began stays as it is: add a new one.")
            )
        return super().write(vals)

    # === Life === #
    def action_start(self):
        """Take the file in.

        :raise UserError: no file, an inactive source, or a file that nobody can read
        """
        self.check_access("write")
        for run in self.filtered(lambda run: run.state in ("draft", "failed")):
            if run.source_id.state != "active":
                raise UserError(
                    self.env._("%s is not active.", run.source_id.display_name)
                )
            if not run.content:
                raise UserError(self.env._("Choose a file first."))
            run.sudo()._begin()

    def _begin(self):
        """Read the file once, so that what is unreadable is refused at once."""
        self._items()
        # What was taken in stays known as that: it did not come by itself.
        self.line_ids.filtered(lambda line: line.outcome != "repaired").unlink()
        figures = ("position", "counted", "matched", "missing", "repaired", "refused")
        figures += ("repaired_before", "conflicting", "counted_total")
        self.write(dict.fromkeys(figures, 0))
        self.write({"state": "running", "error": False})
        self.env["retail.audit.entry"]._record(
            self, "reconciliation.started", {"source": self.source_id.code}
        )
        self.env["retail.wakeup"]._wake(CRON)

    def _items(self):
        """Return the lines of the file.

        :raise UserError: the file as a whole cannot be read
        """
        try:
            content = base64.b64decode(self.content or b"")
            return batch_file.read(content, self.file_format)
        except batch_file.BatchFileError as error:
            raise UserError(
                self.env._("The file cannot be read: %s.", error)
            ) from error

    @api.model
    def _reconcile_on(self):
        """Fetch the lists that are due, and take in what is under way.

        Called by the Scheduled Action “Integrations: reconcile”. Each step has
        committed before the next one begins.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        seconds_left = commit_progress(remaining=1)
        for source in self.env["retail.source"].sudo()._due_for_list():
            seconds_left = seconds_left and source._fetch_list(commit_progress)
        for run in self.sudo().search([("state", "=", "running")], order="id"):
            seconds_left = seconds_left and run._go_on(commit_progress)
        if not seconds_left:
            self.env["retail.wakeup"]._wake(CRON)
        commit_progress(remaining=0 if seconds_left else 1)

    def _go_on(self, commit_progress):
        """Take in the file, step by step; one that breaks holds up no other.

        :param commit_progress: function that ends the transaction
        :return: seconds left for this run of the Scheduled Action
        """
        try:
            items = self._items()
            while self._step(items):
                seconds_left = commit_progress(1, remaining=1)
                if not seconds_left:
                    return seconds_left
        except OperationalError:
            raise
        except UserError as error:
            self._fail(error)
        except Exception as error:
            _logger.exception("the reconciliation %s cannot go on", self.id)
            self._fail(error)
        return commit_progress(1)

    def _fail(self, error):
        """End the run where it is; a person may start it again."""
        self.env.cr.rollback()
        self.write({"state": "failed", "error": str(error)})

    def _step(self, items):
        """Take in the next lines; return whether there are more.

        :param items: list of batch_file.Item, the whole file
        """
        taken = items[self.position : self.position + LINES_AT_ONCE]
        if taken:
            self._compare(taken)
            self.position += len(taken)
        if self.position < len(items):
            return True
        self.state = "done"
        self._close()
        return False

    def _close(self):
        """Note what came of it; the source's own list moves its watermark.

        A file is of one store and says nothing of the others.
        """
        facts = {
            name: self[name]
            for name in ("counted", "matched", "missing", "repaired", "conflicting")
        }
        self.env["retail.audit.entry"]._record(self, "reconciliation.done", facts)
        if self.origin == "list" and not self._left_open():
            known = self.source_id.reconciled_until
            if not known or not self.period_to < known <= fields.Datetime.now():
                self.source_id.reconciled_until = self.period_to

    @api.model
    def _forget_files(self, days, limit):
        """Remove files of runs that ended long ago; return how many.

        :param days: int
        :param limit: int, at most so many
        """
        before = fields.Datetime.now() - timedelta(days=days)
        ended = self.sudo().search(
            [
                ("state", "in", ("done", "failed")),
                ("create_date", "<", before),
                ("content", "!=", False),
            ],
            limit=limit,
        )
        ended.content = False
        return len(ended)

    @api.model
    def _unsettled(self):
        """Return of each source the last run that left something open.

        Settled is what a later run of the whole period found in order: the source's
        list, or the same file once more.
        """
        self.env.cr.execute(UNSETTLED)
        return self.browse(run_id for (run_id,) in self.env.cr.fetchall())

    def _left_open(self):
        unrepaired = self.missing - self.repaired
        return self.state == "failed" or self.conflicting + self.refused + unrepaired

    @api.model
    def _completeness_of(self, sources):
        """Return how much of what sources list had arrived, in the last 30 days.

        :param sources: retail.source
        :return: dict source -> percent
        """
        since = fields.Datetime.now() - timedelta(days=COMPLETENESS_DAYS)
        rows = self.sudo()._read_group(
            Domain("source_id", "in", sources.ids)
            & Domain("state", "=", "done")
            & Domain("period_to", ">=", since),
            ["source_id"],
            ["matched:sum", "repaired_before:sum", "counted:sum"],
        )
        return {
            source: 100 * (matched - repaired_before) / counted
            for source, matched, repaired_before, counted in rows
            if counted
        }
