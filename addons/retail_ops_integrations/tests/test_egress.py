import ipaddress
import socket

from odoo.tests import BaseCase, tagged

from ..tools import egress

# Addresses that a request of ours must never reach, however they are written.
PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1
127.1.2.3 168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255
192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1
fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 2606:4700:4700::1111 2a00:1450:4001::1".split()

HOSTILE_URLS = [
    "",
    "example.com",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "javascript:alert(1)",
    "http://example.com/",
    "https://",
    "https:///path",
    "https://user@example.com/",
    "https://user:pass@example.com/",
    "https://example.com/#fragment",
    "https://example.com:99999/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://127.0.0.0x1/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://1.1.1.1/",
    "https://exa mple.com/",
    "https://example..com/",
    "https://" + "a" * 64 + ".com/",
    "https://[::1",
]


def answers(*addresses):
    """A resolver that knows these addresses only."""

    def lookup(host, port, **_options):
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    return lookup


def allow(destination, port=0, plain_http=False):
    try:
        network, host = ipaddress.ip_network(destination), None
    except ValueError:
        network, host = None, destination
    return egress.Allowance(network, host, port, plain_http)


@tagged("post_install", "-at_install")
class TestEgress(BaseCase):
    def resolve(self, url, *addresses, rules=()):
        target = egress.parse_url(url)
        return egress.resolve(target, rules, lookup=answers(*addresses))

    def test_no_private_address_is_reached_by_any_name(self):
        for address in PRIVATE:
            with self.subTest(address), self.assertRaises(egress.EgressError):
                self.resolve("https://example.com/", address)

    def test_public_addresses_are_reached(self):
        for address in PUBLIC:
            self.assertEqual(self.resolve("https://example.com/", address), [address])

    def test_one_private_answer_among_public_ones_refuses_all(self):
        with self.assertRaises(egress.EgressError):
            self.resolve("https://example.com/", "1.1.1.1", "10.0.0.1")

    def test_hostile_urls_are_refused_before_anything_is_resolved(self):
        for url in HOSTILE_URLS:
            with self.subTest(url), self.assertRaises(egress.EgressError):
                egress.check_url(url, ())

    def test_ports_other_than_those_of_https_need_a_rule(self):
        for port in (22, 25, 80, 6379, 9200):
            with self.assertRaises(egress.EgressError):
                self.resolve(f"https://example.com:{port}/", "1.1.1.1")
        self.assertTrue(self.resolve("https://example.com:8443/", "1.1.1.1"))

    def test_names_are_compared_in_ascii_and_lower_case(self):
        self.assertEqual(
            egress.parse_url("https://B\u00fccher.Example/").host,
            "xn--bcher-kva.example",
        )

    def test_a_rule_opens_a_network(self):
        rules = [allow("10.1.2.0/24")]
        self.assertTrue(self.resolve("https://n8n.local/", "10.1.2.3", rules=rules))
        with self.assertRaises(egress.EgressError):
            self.resolve("https://n8n.local/", "10.1.3.3", rules=rules)

    def test_a_rule_opens_a_host_wherever_it_is(self):
        rules = [allow("n8n.local", port=5678)]
        url = "https://n8n.local:5678/"
        self.assertTrue(self.resolve(url, "10.1.2.3", rules=rules))
        with self.assertRaises(egress.EgressError):
            self.resolve("https://n8n.local:5679/", "10.1.2.3", rules=rules)
        with self.assertRaises(egress.EgressError):
            self.resolve("https://other.local:5678/", "10.1.2.3", rules=rules)

    def test_plain_http_needs_a_rule_that_says_so(self):
        url = "http://127.0.0.1:8900/"
        with self.assertRaises(egress.EgressError):
            egress.check_url(url, [allow("127.0.0.1")])
        self.assertTrue(egress.check_url(url, [allow("127.0.0.1", plain_http=True)]))

    def test_no_rule_opens_metadata_or_link_local_addresses(self):
        rules = [
            allow("0.0.0.0/0", plain_http=True),
            allow("::/0"),
            allow("meta.local"),
        ]
        for address in (
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "fd00:ec2::254",
            "fd00:c1::a9fe:a9fe",
            "fd00:42::42",
            "fe80::1",
            "::a9fe:a9fe",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::6464:64c8",
            "2002:a9fe:a9fe::1",
            "2001:0:a9fe:a9fe::1",
            "2001:0:101:101::5601:5601",
        ):
            with self.subTest(address), self.assertRaises(egress.EgressError):
                self.resolve("https://meta.local/", address, rules=rules)

    def test_a_resolver_that_hangs_is_left_behind(self):
        never = socket.socketpair()
        self.addCleanup(never[0].close)
        self.addCleanup(never[1].close)

        def lookup(*_args, **_options):
            never[0].recv(1)

        with self.assertRaises(OSError):
            egress.resolve(
                egress.parse_url("https://slow.example/"),
                (),
                lookup=lookup,
                timeout=0.1,
            )
