from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError

from .test_kpi import MONDAY, KpiCase

SUNDAY = MONDAY + timedelta(days=6)


class TestLetter(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for day, hours in ((2, 4), (4, 8)):
            with freeze_time(f"2026-03-0{day} 16:00:00"):
                case = cls._take_in()
            with freeze_time(f"2026-03-0{day} {16 + hours // 2}:00:00"):
                case._set_resolved("Found")
        for kpi in cls.env["retail.kpi"].search([]).filtered("is_computed"):
            kpi._take_over(MONDAY - timedelta(days=7), SUNDAY)

    def _letter(self, place=None):
        return self.env["retail.letter"]._write_to(place or self.store, MONDAY, SUNDAY)

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_letter").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["retail.letter"].search([("store_id", "=", self.store.id)])

    def test_its_figures_are_those_that_dashboards_read(self):
        letter = self._letter()
        rows = self.env["retail.kpi.snapshot"].formatted_read_group(
            [
                ("store_id", "=", self.store.id),
                ("day", ">=", MONDAY),
                ("day", "<=", SUNDAY),
                ("denominator", ">", 0),
            ],
            ["kpi_id"],
            ["value:avg"],
        )
        self.assertTrue(rows)
        self.assertEqual(
            {line.kpi_id.id: line.value for line in letter.line_ids},
            {row["kpi_id"][0]: row["value:avg"] for row in rows},
        )
        times = letter.line_ids.filtered(
            lambda line: line.kpi_id.code == "resolution_time"
        )
        self.assertEqual(times.value, 3)
        self.assertIn("3.0 hours", letter.body)

    def test_it_keeps_its_figures(self):
        letter = self._letter()
        before = letter.line_ids.mapped("value")
        self._resolve_at(self._raise_at("2026-03-05 16:00:00"), "2026-03-05 23:00:00")
        self._kpi("resolution_time")._take_over(MONDAY, SUNDAY)
        letter.invalidate_recordset()
        self.assertEqual(letter.line_ids.mapped("value"), before)

    def test_it_compares_with_the_week_before_in_a_word(self):
        with freeze_time("2026-02-25 16:00:00"):
            case = self._take_in()
        self._resolve_at(case, "2026-02-25 17:00:00")
        self._kpi("resolution_time")._take_over(MONDAY - timedelta(days=7), SUNDAY)
        [line] = self._letter().line_ids.filtered(
            lambda line: line.kpi_id.code == "resolution_time"
        )
        self.assertEqual((line.before_value, line.verdict), (1, "worse"))

    def test_it_says_how_far_the_data_is_validated_and_as_of_when(self):
        report = self.env["retail.store.report"].create(
            {
                "store_id": self.store.id,
                "business_date": MONDAY,
                "due_at": "2026-03-03 06:00:00",
                "filed_at": "2026-03-03 05:00:00",
                "submitted_at": "2026-03-03 05:00:00",
                "state": "submitted",
            }
        )
        letter = self._letter()
        self.assertFalse(letter.is_validated)
        self.assertEqual((letter.report_due_count, letter.report_filed_count), (1, 1))
        self.assertIn("Not all of this data is validated", letter.body)
        letter.sudo().unlink()
        report.write({"state": "validated", "validated_by_id": self.finance.id})
        self.env["retail.data.finding"].search(
            [("store_id", "=", self.store.id)]
        ).sudo().unlink()
        again = self._letter()
        self.assertTrue(again.is_validated)
        self.assertIn("Validated data", again.body)
        self.assertTrue(again.written_at)

    def test_a_region_reads_which_stores_need_somebody_and_by_which_cases(self):
        late = self._raise_at("2026-03-05 16:00:00")
        letter = self._letter(self.region)
        self.assertFalse(letter.store_id)
        self.assertEqual(letter.user_id, self.region_manager)
        [line] = letter.evidence
        self.assertIn("T042", line["text"])
        self.assertEqual(line["exception_ids"], late.ids)
        self.assertIn(late.name, letter.body)

    def test_a_store_reads_its_overdue_cases(self):
        late = self._raise_at("2026-03-05 16:00:00")
        self._raise_at("2026-03-05 16:00:00", store_id=self.far_store.id)
        [line] = self._letter().evidence
        self.assertEqual(line["exception_ids"], late.ids)

    def test_a_due_day_is_the_stores_own_in_the_readers_format(self):
        late = self._raise_at("2026-03-05 16:00:00")
        late.resolve_due = "2026-03-06 03:00:00"  # the evening before in Los Angeles
        [line] = self._letter().evidence
        self.assertIn("due 03/05/2026", line["text"])
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["retail.letter"].search([("store_id", "=", self.store.id)]).unlink()
        self.manager.lang = "fr_FR"
        letter = self._letter()
        self.assertIn("05/03/2026", letter.evidence[0]["text"])
        self.assertIn("02/03/2026", letter.display_name)

    # === Of a region and of headquarters === #
    def _read_by_dashboards(self, *domain):
        rows = self.env["retail.kpi.snapshot"].formatted_read_group(
            [*domain, ("day", ">=", MONDAY), ("day", "<=", SUNDAY)],
            ["kpi_id"],
            ["value:avg"],
        )
        found = {row["kpi_id"][0]: row["value:avg"] for row in rows}
        return {kpi: value for kpi, value in found.items() if value is not None}

    def _added_up(self, letter, *domain):
        """Return each figure added up by hand from the snapshots of the week."""
        week = [("day", ">=", MONDAY), ("day", "<=", SUNDAY), *domain]
        snapshots = self.env["retail.kpi.snapshot"].search(week)
        found = {}
        for kpi, rows in snapshots.grouped("kpi_id").items():
            if below := sum(rows.mapped("denominator")):
                above = sum(rows.mapped("numerator"))
                found[kpi.id] = rows[0].factor * above / below
        return found

    def _assert_figures(self, letter, *domain):
        written = {line.kpi_id.id: line.value for line in letter.line_ids}
        self.assertTrue(written)
        self.assertEqual(written, self._read_by_dashboards(*domain))
        by_hand = self._added_up(letter, *domain)
        self.assertEqual(set(written), set(by_hand))
        for kpi, value in written.items():
            self.assertAlmostEqual(value, by_hand[kpi], msg=kpi)

    def _resolved_elsewhere(self):
        """Eight hours in the region's other store, sixteen in another region."""
        for store, hours in ((self.other_store, 8), (self.far_store, 16)):
            case = self._raise_at("2026-03-05 00:00:00", store_id=store.id)
            self._resolve_at(case, f"2026-03-05 {hours:02}:00:00")
        for kpi in self.env["retail.kpi"].search([]).filtered("is_computed"):
            kpi._take_over(MONDAY - timedelta(days=7), SUNDAY)

    def _hours(self, letter):
        lines = letter.line_ids
        return lines.filtered(lambda line: line.kpi_id.code == "resolution_time").value

    def test_a_regions_figures_are_those_of_dashboards_and_snapshots(self):
        self._resolved_elsewhere()
        letter = self._letter(self.region)
        self._assert_figures(letter, ("region_id", "child_of", self.region.id))
        # 2 and 4 hours here, 8 in the other store: 14 hours for 3 cases.
        self.assertAlmostEqual(self._hours(letter), 14 / 3)

    def test_headquarters_reads_the_whole_company(self):
        self._resolved_elsewhere()
        late = self._raise_at("2026-03-05 16:00:00", store_id=self.far_store.id)
        letter = self._letter(self.company)
        self._assert_figures(letter, ("company_id", "=", self.company.id))
        self.assertAlmostEqual(self._hours(letter), 30 / 4)
        [line] = letter.evidence
        self.assertIn("T099", line["text"])
        self.assertEqual(line["exception_ids"], late.ids)
        self.assertIn(late.name, letter.body)
        self.assertIn(self.company.name, letter.display_name)

    def test_headquarters_letter_goes_to_operations_of_the_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.operations.copy(
            {
                "login": "test_elsewhere",
                "company_id": elsewhere.id,
                "company_ids": [(6, 0, elsewhere.ids)],
            }
        )
        letter = self._letter(self.company)
        self.assertFalse(letter.user_id)
        readers = letter._readers()
        self.assertIn(self.operations, readers)
        self.assertFalse(readers & (other | self.auditor | self.region_manager))
        letter._send()
        self.assertTrue(letter.sent_at)
        of_letter = [("model", "=", letter._name), ("res_id", "=", letter.id)]
        told = self.env["mail.message"].search(of_letter).notified_partner_ids
        self.assertEqual(told, readers.partner_id)

    def test_stores_that_stand_out_are_those_of_the_regions_home(self):
        for _number in range(14):
            self._take_in(store_id=self.other_store.id)
        letter = self._letter(self.region)
        home = self.env["retail.home"].with_user(self.region_manager)
        page = home.get_home("region", self.region.id)
        rows = next(each for each in page["sections"] if each["key"] == "stores")
        [row] = [row for row in rows["table"]["rows"] if row["verdict"]["tone"]]
        [line] = letter.outliers
        self.assertEqual(line["store_id"], row["key"])
        self.assertEqual(line["store_id"], self.other_store.id)
        count, text = row["raised"]["value"], row["verdict"]["text"]
        self.assertIn(f"{count} exceptions in 28 days", line["text"])
        self.assertIn(text, line["text"])
        self.assertIn(line["text"], letter.body)
        self.assertFalse(self._letter().outliers)

    def test_an_office_is_compared_with_no_store(self):
        self.store.daily_transactions = 400
        self.other_store.daily_transactions = 300
        self.far_store.daily_transactions = 500
        for _number in range(14):
            self._take_in(store_id=self.other_store.id)
        home = self.env["retail.home"]
        before = self._letter(self.company)
        [line] = before.outliers
        self.assertEqual(line["store_id"], self.other_store.id)
        said = before.outliers
        before.sudo().unlink()
        office = self.env["retail.store"]._office_of(self.company)
        office.region_id = self.region
        letter = self._letter(self.company)
        self.assertEqual(letter.outliers, said)
        self.assertNotIn(office, letter._compared_stores())
        page = home.with_user(self.region_manager).get_home("region", self.region.id)
        rows = next(each for each in page["sections"] if each["key"] == "stores")
        shown = {row["key"] for row in rows["table"]["rows"]}
        self.assertEqual(shown, set((self.store | self.other_store).ids))

    def test_without_a_comparison_it_claims_none(self):
        stores = self.store | self.other_store | self.far_store
        stores.live_since = fields.Date.today()
        letter = self._letter(self.company)
        self.assertFalse(letter.compared_count or letter.outliers)
        self.assertIn("Too little to compare yet", letter.body)
        letter.sudo().unlink()
        stores.live_since = fields.Date.today() - timedelta(days=60)
        compared = self._letter(self.company)
        self.assertEqual(compared.compared_count, 3)
        self.assertFalse(compared.outliers)
        self.assertIn("No store has more than chance explains", compared.body)
        self.assertNotIn("Too little", compared.body)

    def test_a_moment_is_by_the_clock_of_the_place_and_names_its_zone(self):
        self.region_manager.tz = "Europe/Paris"
        for place, zone, clock in (
            (self.store, "America/Los_Angeles", "8:00"),
            (self.region, "Europe/Paris", "5:00"),
            (self.company, "UTC", "4:00"),
        ):
            self.company.partner_id.tz = False
            letter = self._letter(place)
            letter.written_at = "2026-02-09 16:00:00"
            with self.subTest(zone):
                said = letter._quality_text().replace("\u202f", " ")
                self.assertRegex(said, rf"written .* {clock}.* \({zone}\)")
        self.company.partner_id.tz = "Asia/Tokyo"
        self.assertIn("(Asia/Tokyo)", letter._quality_text())

    # === Who gets it === #
    def _company_elsewhere(self):
        """Return a company that has a store, and neither manager nor operations."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        region = self.env["retail.region"].create(
            {"name": "Elsewhere", "code": "T-E", "company_id": company.id}
        )
        self.env["retail.store"].create(
            {
                "name": "Alone",
                "code": "T100",
                "company_id": company.id,
                "region_id": region.id,
                "tz": "UTC",
            }
        )
        return company

    def test_a_letter_that_nobody_got_is_not_sent(self):
        letter = self._letter(self._company_elsewhere())
        self.assertFalse(letter._readers())
        letter._send()
        self.assertFalse(letter.sent_at)
        of_letter = [("model", "=", letter._name), ("res_id", "=", letter.id)]
        self.assertFalse(self.env["mail.message"].search(of_letter))

    def test_a_company_whose_stores_have_no_manager_gets_its_letter(self):
        company = self._company_elsewhere()
        places = self.env["retail.letter"]._places_without(MONDAY)
        self.assertIn(company, places)
        stores = self.env["retail.store"].search([("company_id", "=", company.id)])
        self.assertFalse([store for store in stores if store in places])
        self.env["retail.letter"]._write_to(company, MONDAY, SUNDAY)
        again = self.env["retail.letter"]._places_without(MONDAY)
        self.assertNotIn(company, again)

    # === The Scheduled Action === #
    def test_last_week_is_the_one_that_is_over_in_every_zone(self):
        letters = self.env["retail.letter"]
        with freeze_time("2026-03-09 11:00:00"):  # Sunday still, somewhere
            self.assertEqual(letters._last_week()[1], date(2026, 3, 1))
        with freeze_time("2026-03-09 12:01:00"):
            self.assertEqual(letters._last_week(), (MONDAY, SUNDAY))

    def test_each_place_gets_one_letter_a_week(self):
        first = self._run()
        self.assertEqual(len(first), 1)
        self.assertTrue(first.sent_at)
        self.assertEqual(self._run(), first)
        regions = self.env["retail.letter"].search([("store_id", "=", False)])
        self.assertIn(self.region, regions.region_id)
        whole = regions.filtered(lambda letter: not letter.region_id)
        self.assertEqual(whole.company_id, self.company)
        self.assertEqual(len(whole), 1)

    def test_it_goes_through_odoos_mail_queue(self):
        self.manager.notification_type = "email"
        letter = self._letter()
        letter._send()
        mail = self.env["mail.mail"].search(
            [("model", "=", letter._name), ("res_id", "=", letter.id)]
        )
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.manager.partner_id)
        self.assertIn("3.0 hours", mail.body_html)

    def test_it_prints(self):
        letter = self._letter()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "retail_ops_core.report_letter", letter.ids
        )
        self.assertIn(b"3.0 hours", html)
        self.assertIn(b"The week in figures", html)

    # === Who reads it === #
    def test_each_role_reads_the_letters_of_its_part_of_the_network(self):
        near, far = self._letter(), self._letter(self.far_store)
        region, whole = self._letter(self.region), self._letter(self.company)
        seen = {
            self.manager: near,
            self.member: near,
            self.far_manager: far,
            self.region_manager: near | region,
            self.operations: near | far | region | whole,
            self.auditor: near | far | region | whole,
        }
        letters = near | far | region | whole
        for user, expected in seen.items():
            with self.subTest(user.login):
                mine = self.env["retail.letter"].with_user(user)
                found = mine.search([("id", "in", letters.ids)])
                self.assertEqual(found, expected)
                self.assertTrue(all(found.mapped("body")))

    def test_nobody_edits_a_letter(self):
        letter = self._letter()
        for attempt in (
            lambda: letter.with_user(self.admin).write({"evidence": []}),
            lambda: letter.line_ids.with_user(self.admin).write({"value": 1}),
            lambda: letter.with_user(self.admin).unlink(),
        ):
            self.assertRaises(AccessError, attempt)
