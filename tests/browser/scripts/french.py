"""Run in `odoo shell`: French for the suite, as its installation loads it."""

env["res.lang"]._activate_lang("fr_FR")
suite = env["ir.module.module"].search(
    [("name", "=like", "retail\\_ops\\_%"), ("state", "=", "installed")]
)
env["ir.module.module"]._load_module_terms(suite.mapped("name"), ["fr_FR"])
env["res.users"].search([("login", "=", "store0046")]).lang = "fr_FR"
env.cr.commit()
env.registry.signal_changes()  # a server that runs already reads them anew
