from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestRunbooks(HttpCase):
    """Steps for when something stands still, from the server itself."""

    def test_the_server_shows_the_runbooks_itself(self):
        address = self.env.ref("retail_ops_core.action_runbooks").url
        page = self.url_open(address)
        self.assertEqual(page.status_code, 200)
        self.assertIn("text/html", page.headers["Content-Type"])
        self.assertIn('<h2 id="outage">', page.text)
