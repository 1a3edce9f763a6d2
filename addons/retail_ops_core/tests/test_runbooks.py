from odoo.tests import HttpCase, tagged

from ..tools.runbooks import LANGUAGES, spoken


@tagged("post_install", "-at_install")
class TestRunbooks(HttpCase):
    """Steps for when something stands still, from the server itself."""

    def test_the_server_shows_the_runbooks_itself(self):
        address = self.env.ref("retail_ops_core.action_runbooks").url
        page = self.url_open(address)
        self.assertEqual(page.status_code, 200)
        self.assertIn("text/html", page.headers["Content-Type"])
        self.assertIn('<h2 id="outage">', page.text)

    def test_runbooks_open_in_the_language_of_who_opens_them(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        steps = self.env.ref("retail_ops_core.action_runbook")
        in_french = steps.with_context(lang="fr_FR")._get_action_dict()["url"]
        self.assertEqual(
            in_french, "/retail_ops_core/static/runbooks.fr.html#workflow-exception"
        )
        page = self.url_open(in_french)
        self.assertIn('<html lang="fr">', page.text)
        self.assertIn('<h2 id="workflow-exception">Un dossier', page.text)
        self.assertEqual(steps._get_action_dict()["url"], steps.url)

    def test_a_language_without_runbooks_gets_the_english_ones(self):
        address = "/retail_ops_core/static/runbooks.html#outage"
        for lang in (None, "en_GB", "de_DE"):
            self.assertEqual(spoken(address, lang), address)
        self.assertIn("runbooks.fr.html#outage", spoken(address, "fr_CA"))

    def test_an_address_of_ones_own_stays_as_it_is(self):
        for own in ("https://wiki.example.com/runbooks.html", "", "/web#runbooks"):
            for language in LANGUAGES:
                self.assertEqual(spoken(own, language), own)

    def test_each_page_leads_to_the_others(self):
        english = self.url_open("/retail_ops_core/static/runbooks.html").text
        french = self.url_open("/retail_ops_core/static/runbooks.fr.html").text
        self.assertIn('href="runbooks.fr.html"', english)
        self.assertIn('href="runbooks.html"', french)
