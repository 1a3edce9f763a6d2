from datetime import date, datetime, timedelta

from freezegun import freeze_time
from lxml import html

from .common import RetailOpsCase

EXCEPTION = "retail.exception"
NOW = datetime(2026, 3, 12, 12)
YESTERDAY = date(2026, 3, 11)
# Start of each column's period, and its first business day; all end now, or yesterday.
PERIODS = (
    (NOW - timedelta(days=1), YESTERDAY),
    (NOW - timedelta(days=7), date(2026, 3, 5)),
    (datetime(2026, 2, 12, 12), date(2026, 2, 12)),
)


class DigestCase(RetailOpsCase):
    """A month of cases long past, and the digest that tells of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env.ref("retail_ops_core.digest_retail_ops")
        cls._raise_cases()
        cls._take_figures("sla_attainment")

    @classmethod
    def _take_figures(cls, code):
        kpi = cls.env["retail.kpi"].search([("code", "=", code)])
        kpi._take_over(date(2026, 1, 1), date(2026, 3, 12))

    @classmethod
    def _raise_cases(cls):
        kind = {"type_id": cls.env.ref("retail_ops_core.type_customer_complaint").id}
        with freeze_time("2026-02-20 16:00:00"):
            cls._take_in(**kind, store_id=cls.far_store.id)
        with freeze_time("2026-03-09 16:00:00"):
            cls._take_in(**kind)
            cls._take_in(**kind, store_id=cls.other_store.id)._set_cancelled("Twice")
            late = cls._take_in(**kind, store_id=cls.other_store.id)
        with freeze_time("2026-03-11 16:00:00"):
            kept = cls._take_in(**kind, store_id=cls.far_store.id)
        with freeze_time("2026-03-11 18:00:00"):
            (late | kept)._set_in_progress()
            (late | kept)._set_resolved("Found")

    def _told(self, user, digest=None):
        """Return dict KPI name -> texts of its columns, of the mail to a user."""
        user.email = f"{user.login}@example.com"
        with freeze_time(NOW):
            (digest or self.digest)._action_send_to_user(user, tips_count=0)
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn(user.email, mail.email_to)
        self.body = html.fromstring(mail.body_html)
        return {
            table.get("data-field"): [
                "".join(cell.itertext()).strip()
                for cell in table.xpath(".//span[contains(@class, 'kpi_value ')]")
            ]
            for table in self.body.xpath("//table[@data-field]")
        }

    def _count(self, user, model, moment, is_counted):
        """Return how many of the records a user reads count in each column."""
        records = self.env[model].with_user(user).search([])
        with freeze_time(NOW):
            counted = [record for record in records if is_counted(record)]
        return [
            str(len([one for one in counted if begin <= (one[moment] or begin) < NOW]))
            for begin, _first in PERIODS
        ]

    def _divided(self, user, code, unit):
        """Return what each column says of a KPI, from the rows that a user reads."""
        snapshots = self.env["retail.kpi.snapshot"].with_user(user)
        rows = snapshots.search([("kpi_id.code", "=", code)])
        return [self._quotient(rows, first, unit) for _begin, first in PERIODS]

    def _quotient(self, rows, first, unit):
        rows = rows.filtered(lambda row: first <= row.day <= YESTERDAY)
        below = sum(rows.mapped("denominator"))
        if not below:
            return "–"
        value = sum(rows.mapped("numerator")) / below * max(rows.mapped("factor"))
        return f"{value:.1f} {unit}"


class TestDigest(DigestCase):
    def _assert_counts(self, user):
        told = self._told(user)
        expected = {
            "kpi_retail_opened": self._count(
                user, EXCEPTION, "opened_at", lambda case: case.state != "cancelled"
            ),
            "kpi_retail_resolved": self._count(
                user,
                EXCEPTION,
                "resolved_at",
                lambda case: case.state in ("resolved", "closed"),
            ),
            "kpi_retail_overdue": self._count(
                user,
                EXCEPTION,
                "resolve_due",
                lambda case: case.is_open and case.resolve_due < NOW,
            ),
        }
        self.assertEqual({name: told[name] for name in expected}, expected)
        return expected

    def test_counts_of_the_mail_are_those_of_the_records(self):
        counts = self._assert_counts(self.operations)
        self.assertEqual(counts["kpi_retail_resolved"], ["2", "2", "2"])
        opened = [int(count) for count in counts["kpi_retail_opened"]]
        self.assertLess(opened[0], opened[1])
        self.assertLess(opened[1], opened[2])
        self.assertNotIn("0", counts["kpi_retail_overdue"][1:])

    def test_each_recipient_reads_what_he_may_read(self):
        mine = self._assert_counts(self.manager)
        far = self._assert_counts(self.far_manager)
        self.assertNotEqual(mine, far)
        self._assert_counts(self.region_manager)
        self._assert_counts(self.auditor)

    def test_figures_of_the_mail_are_those_that_dashboards_read(self):
        for user in (self.operations, self.manager, self.far_manager):
            with self.subTest(user.login):
                self.assertEqual(
                    self._told(user)["kpi_retail_sla"],
                    self._divided(user, "sla_attainment", "%"),
                )

    def test_where_nothing_was_to_be_divided_the_mail_says_so(self):
        told = self._told(self.far_manager)
        self.assertEqual(told["kpi_retail_sla"][:2], ["–", "–"])

    def test_who_has_no_retail_role_is_told_none_of_it(self):
        self.assertFalse(self._told(self.outsider))

    def test_another_companys_recipient_reads_his_own_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.operations.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        told = self._told(self.operations)
        self.assertEqual(told["kpi_retail_opened"], ["0", "0", "0"])
        self.assertEqual(told["kpi_retail_sla"], ["–", "–", "–"])

    def test_a_digest_of_one_company_keeps_to_it(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.operations.company_ids |= other
        digest = self.digest.copy({"company_id": other.id})
        told = self._told(self.operations, digest)
        self.assertEqual(told["kpi_retail_opened"], ["0", "0", "0"])
        self.assertEqual(told["kpi_retail_sla"], ["–", "–", "–"])

    def test_every_figure_opens_a_screen(self):
        self._told(self.operations)
        links = self.body.xpath("//table[@data-field]//a/@href")
        self.assertGreaterEqual(len(links), 4)
        for link in links:
            action = link.rpartition("/action-")[2].partition("?")[0]
            self.assertEqual(self.env.ref(action)._name, "ir.actions.act_window")

    def test_the_digest_that_comes_with_it_is_weekly_and_tells_everything(self):
        self.assertEqual(self.digest.periodicity, "weekly")
        self.assertFalse(self.digest.company_id)
        for name in ("opened", "resolved", "overdue", "sla"):
            self.assertTrue(self.digest[f"kpi_retail_{name}"], name)

    def test_the_scheduled_action_sends_it_when_its_day_has_come(self):
        self.digest.user_ids = self.operations
        self.digest.next_run_date = YESTERDAY
        self.env["digest.digest"].search([("id", "!=", self.digest.id)]).write(
            {"state": "deactivated"}
        )
        before = self.env["mail.mail"].search_count([])
        with freeze_time(NOW):
            self.env["digest.digest"]._cron_send_digest_email()
        self.assertEqual(self.env["mail.mail"].search_count([]), before + 1)
        self.assertGreater(self.digest.next_run_date, YESTERDAY)
