import json

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import strict_json

REFUSED = {
    "the same key twice": b'{"a": 1, "a": 2}',
    "the same key twice, deep down": b'[{"b": {"a": 1, "\\u0061": 2}}]',
    "NaN": b'{"a": NaN}',
    "an infinity": b"[Infinity]",
    "a negative infinity": b"[-Infinity]",
    "a number out of range": b"[1e999]",
    "a number of too many digits": b"[" + b"9" * 5000 + b"]",
    "no JSON": b"{'a': 1}",
    "nothing": b"",
    "something after it": b"{} {}",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "no UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a NUL": b'{"a": "\\u0000"}',
    "a NUL in a key": b'{"\\u0000": 1}',
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "a raw control character": b'{"a": "\x01"}',
}


@tagged("post_install", "-at_install")
class TestStrictJson(BaseCase):
    def test_takes_plain_json(self):
        self.assertEqual(
            strict_json.loads('{"a": [1, 2.5, null, true, "é"]}'.encode()),
            {"a": [1, 2.5, None, True, "é"]},
        )

    def test_takes_escapes_that_only_look_dangerous(self):
        self.assertEqual(strict_json.loads(b'"\\\\u0000"'), "\\u0000")
        self.assertEqual(strict_json.loads(b'"\\ud83d\\ude00"'), "\U0001f600")

    def test_refuses_what_two_parsers_could_read_differently(self):
        for name, body in REFUSED.items():
            with self.subTest(name), self.assertRaises(strict_json.StrictJsonError):
                strict_json.loads(body)

    def test_refuses_what_is_too_deep(self):
        self.assertTrue(strict_json.loads(b"[" * 32 + b"]" * 32))
        for depth in (34, 1_000, 100_000):
            with self.subTest(depth), self.assertRaises(strict_json.StrictJsonError):
                strict_json.loads(b"[" * depth + b"]" * depth)

    def test_refuses_what_is_too_large(self):
        largest = b'"' + b"a" * (strict_json.MAX_BYTES - 2) + b'"'
        self.assertTrue(strict_json.loads(largest))
        with self.assertRaises(strict_json.StrictJsonError):
            strict_json.loads(largest[:-1] + b'a"')

    def test_keeps_what_was_written_for_each_item(self):
        body = b' [ {"a" : 1.50} ,\n[2],"x"\t] '
        self.assertEqual(
            strict_json.loads_items(body),
            [({"a": 1.5}, '{"a" : 1.50}'), ([2], "[2]"), ("x", '"x"')],
        )
        self.assertEqual(strict_json.loads_items(b"[ ]"), [])
        self.assertIsNone(strict_json.loads_items(b'{"a": 1}'))

    def test_items_are_read_as_strictly(self):
        for name, text in REFUSED.items():
            for body in (text, b"[" + text + b"]") if text else (text,):
                with self.subTest(name):
                    with self.assertRaises(strict_json.StrictJsonError):
                        strict_json.loads_items(body)
        for body in (b"[", b"[1", b"[1,", b"[1,]", b"[,1]", b"[1 2]", b"[1]]", b"[]x"):
            with self.subTest(body), self.assertRaises(strict_json.StrictJsonError):
                strict_json.loads_items(body)
        deep = b"[" * 34 + b"]" * 34
        with self.assertRaises(strict_json.StrictJsonError):
            strict_json.loads_items(deep)

    @settings(max_examples=200, deadline=None)
    @given(
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(10**9), 10**9)
            | st.text(max_size=9),
            lambda inner: st.lists(inner, max_size=4)
            | st.dictionaries(st.text(max_size=5), inner, max_size=4),
            max_leaves=20,
        ),
        st.sampled_from([None, 1]),
    )
    def test_items_are_read_as_the_whole_is(self, value, indent):
        body = json.dumps([value, value], indent=indent).encode()
        try:
            whole = strict_json.loads(body)
        except strict_json.StrictJsonError:
            with self.assertRaises(strict_json.StrictJsonError):
                strict_json.loads_items(body)
            return
        items = strict_json.loads_items(body)
        self.assertEqual([item for item, _written in items], whole)
        self.assertEqual([json.loads(text) for _item, text in items], whole)

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=300))
    def test_any_bytes_are_taken_or_refused_in_one_way(self, body):
        try:
            strict_json.loads(body)
        except strict_json.StrictJsonError as error:
            self.assertTrue(str(error))
