import datetime

from odoo.tests import TransactionCase, tagged

from ..tools import sql_array

TEXTS = (
    "plain",
    "",
    "NULL",
    "null",
    " spaces ",
    'quote " and backslash \\ and \\" both',
    "{braces}, commas",
    "it's %s %(name)s; DROP TABLE retail_event --",
    "é \U0001f600 \n\r\t",
    "\\",
    "\\\\n",
    "$$",
    None,
)


@tagged("post_install", "-at_install")
class TestSqlArray(TransactionCase):
    def read_back(self, values, kind):
        self.env.cr.execute(f"SELECT %s::{kind}[]", (sql_array.literal(values),))
        return self.env.cr.fetchone()[0]

    def test_postgresql_reads_back_each_text_as_it_was(self):
        self.assertEqual(self.read_back(TEXTS, "text"), list(TEXTS))
        self.assertEqual(self.read_back(reversed(TEXTS), "text"), [*reversed(TEXTS)])

    def test_postgresql_reads_back_every_character(self):
        characters = [chr(number) for number in range(1, 0x3000)]
        self.assertEqual(self.read_back(characters, "text"), characters)

    def test_numbers_and_times_are_read_back_too(self):
        moment = datetime.datetime(2026, 5, 4, 9, 30)
        self.assertEqual(self.read_back([1, None, -7], "int"), [1, None, -7])
        self.assertEqual(self.read_back([moment, None], "timestamp"), [moment, None])

    def test_nothing_is_an_empty_array(self):
        self.assertEqual(self.read_back([], "text"), [])
