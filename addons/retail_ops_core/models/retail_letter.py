from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools import figures
from .retail_sla_audit import LAST_ZONE_HOURS


class RetailLetter(models.Model):
    """What last week was like, for a store, a region or the whole company.

    Figures are those of the snapshots, kept as they were when it was written.
    """

    _name = "retail.letter"
    _description = "Weekly Letter"
    _inherit = ["mail.thread"]
    _allow_sudo_commands = False
    _order = "date_from desc, region_id, store_id, id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    region_id = fields.Many2one(
        "retail.region",
        readonly=True,
        ondelete="restrict",
        help="Empty: the letter is about the whole company.",
    )
    store_id = fields.Many2one(
        "retail.store",
        readonly=True,
        ondelete="restrict",
        help="Empty: the letter is about a region and all below it, or the company.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Written to",
        readonly=True,
        ondelete="restrict",
        help="Empty: everybody with the role Operations in the company.",
    )
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    written_at = fields.Datetime(required=True, readonly=True)
    sent_at = fields.Datetime(
        readonly=True, help="Empty: there was nobody to send it to, or not yet."
    )
    line_ids = fields.One2many("retail.letter.line", "letter_id", readonly=True)
    evidence = fields.Json(
        readonly=True, help="What needs somebody, with the cases that say so."
    )
    body = fields.Html(compute="_compute_body", sanitize=False)

    _one_a_week = models.UniqueIndex(
        "(date_from, COALESCE(region_id, -company_id), COALESCE(store_id, 0))",
        "This week's letter is written: open it in the list.",
    )

    @api.depends("store_id", "region_id", "company_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for letter in self:
            place = letter.store_id or letter.region_id or letter.company_id
            letter.display_name = self.env._(
                "%(place)s, week from %(day)s",
                place=place.display_name,
                day=format_date(self.env, letter.date_from),
            )

    @api.depends("line_ids", "evidence", "outliers", "compared_count")
    def _compute_body(self):
        for letter in self:
            letter.body = letter._rendered()

    def _rendered(self):
        return Markup(
            self.env["ir.qweb"]._render(
                "retail_ops_core.letter_body", {"letter": self.sudo()}
            )
        )

    # === Writing === #
    @api.model
    def _cron_write(self):
        """Scheduled Action: write and send last week's letters, once each.

        A week is over when it is over in every zone.
        """
        first, last = self._last_week()
        places = self._places_without(first)
        self.env["ir.cron"]._commit_progress(remaining=len(places))
        for place in places:
            self._write_to(place, first, last)._send()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _write_last_week(self):
        """Write last week's letters and send none, for data that was loaded."""
        first, last = self._last_week()
        for place in self._places_without(first):
            self._write_to(place, first, last)

    @api.model
    def _last_week(self):
        """Return Monday and Sunday of the last week that is over everywhere."""
        today = (fields.Datetime.now() - timedelta(hours=LAST_ZONE_HOURS)).date()
        monday = today - timedelta(days=today.weekday() + 7)
        return monday, monday + timedelta(days=6)

    @api.model
    def _places_without(self, first):
        """Return the companies, regions and stores without a letter of the week."""
        led = [("manager_id.active", "=", True)]
        regions = self.env["retail.region"].search(led)
        stores = self.env["retail.store"].search(figures.STORES_OPEN)
        written = self.sudo().search([("date_from", "=", first)])
        above = written.filtered(lambda letter: not letter.store_id)
        regions -= above.region_id
        told = above.filtered(lambda letter: not letter.region_id).company_id
        managed = stores.filtered_domain(led) - written.store_id
        return [*(stores.company_id - told), *regions, *managed]

    @api.model
    def _write_to(self, place, first, last):
        """Write one letter.

        :param place: retail.store, retail.region or res.company
        :param first: Monday
        :param last: Sunday
        :return: retail.letter
        """
        letter = self.sudo().create(
            {
                **self._address(place),
                "date_from": first,
                "date_to": last,
                "written_at": fields.Datetime.now(),
            }
        )
        letter = letter.with_context(lang=letter._lang())
        letter._note_figures()
        letter._note_quality()
        letter.evidence = letter._needing_somebody()
        letter._note_outliers()
        return letter

    @api.model
    def _address(self, place):
        if place._name == "res.company":
            return {"company_id": place.id}
        written_to = {"user_id": place.manager_id.id}
        if place._name == "retail.region":
            company = place.company_id or place.manager_id.company_id
            return {**written_to, "region_id": place.id, "company_id": company.id}
        return {
            **written_to,
            "store_id": place.id,
            "region_id": place.region_id.id,
            "company_id": place.company_id.id,
        }

    def _readers(self):
        """Return the users that the letter goes to."""
        if self.user_id:
            return self.user_id
        operations = self.env.ref("retail_ops_core.group_operations").all_user_ids
        return operations.filtered(
            lambda user: self.company_id in user.company_ids
            and not user._is_machine()
            and not user._is_superuser()
        )

    def _lang(self):
        reader = self.user_id or self.company_id
        return reader.partner_id.lang

    def _scope(self):
        """Return the domain of what belongs to its store, region or company."""
        if self.store_id:
            return fields.Domain("store_id", "=", self.store_id.id)
        return self._in_company() & self._in_region("region_id")

    def _in_region(self, chain):
        if not self.region_id:
            return fields.Domain.TRUE
        return fields.Domain(chain, "child_of", self.region_id.id)

    def _in_company(self):
        return fields.Domain("company_id", "=", self.company_id.id)

    # === Sending === #
    def _send(self):
        """Hand the letters to Odoo's mail queue, or to the inbox of who prefers it."""
        for letter in self.with_context(mail_notify_force_send=False):
            if partners := letter._readers().partner_id:
                letter._send_to(partners)

    def _send_to(self, partners):
        self.message_notify(
            partner_ids=partners.ids,
            subject=self.display_name,
            body=self._rendered(),
            email_layout_xmlid="mail.mail_notification_light",
            notify_author=True,
        )
        self.sent_at = fields.Datetime.now()
