"""Start Odoo from a file: its prefork server starts itself again by that name."""

from odoo.cli.command import main

if __name__ == "__main__":
    main()
