"""./retail-ops lint: the tools and releases that are known to agree on Odoo 19."""

import os
import shutil

from .commands import attempt, clean_environment, run
from .environment import node_tools
from .files import digest, stamp_of, whole_folder
from .settings import REPOSITORY
from .workshop import ADDONS, suite


def lint(workshop, *, fix=False):
    """Run every linter, show what they say, and tell which were not content.

    :param bool fix: let ruff and prettier rewrite what they can
    :return: list of (name, passed) in the order they ran
    """
    workshop.prepare("test")
    prettier = prettier_command(workshop)
    results = []
    for name, command in commands(workshop, prettier, fix):
        with workshop.progress.step(name) as step:
            log = workshop.home.log(f"lint-{name}")
            log.unlink(missing_ok=True)
            code, output = attempt(
                command,
                step=step,
                log=log,
                cwd=REPOSITORY,
                env=clean_environment(),
            )
            step.fail_if(code)
        if code:
            workshop.progress.say(output.rstrip())
        results.append((name, code == 0))
    return results


def commands(workshop, prettier, fix):
    """(name, command line) of each linter."""
    scripts = workshop.environment.scripts
    python = [workshop.home.python, "-m"]
    ruff = scripts / "ruff"
    places = [".", "retail-ops"]
    names = suite()
    folders = [ADDONS / name for name in names]
    manifests = [folder / "__manifest__.py" for folder in folders]
    documents = sorted(path for folder in folders for path in folder.rglob("*.xml"))
    odoo_rules = ["--rcfile=.pylintrc-mandatory", "-j", str(os.cpu_count() or 1)]
    found = [
        ("ruff", [ruff, "check", *(["--fix"] if fix else []), *places]),
        ("ruff-format", [ruff, "format", *([] if fix else ["--check"]), *places]),
    ]
    if names:
        found += [
            ("pylint-odoo", [*python, "pylint", *odoo_rules, *folders]),
            ("oca-checks", [scripts / "oca-checks-odoo-module", *manifests]),
        ]
    if documents:
        found.append(
            ("prettier", [*prettier, "--write" if fix else "--check", *documents])
        )
    return found


def prettier_command(workshop):
    """prettier with its XML plugin, installed as locked in package-lock.json."""
    if not node_tools(workshop.home):
        workshop.environment.ensure("node")
    node, npm = node_tools(workshop.home)
    modules = workshop.home.node / "node_modules"
    locks = [
        REPOSITORY / name for name in ("package.json", "package-lock.json", ".npmrc")
    ]
    if stamp_of(workshop.home.node) != digest(*locks):
        install_prettier(workshop, npm, locks)
    plugin = modules / "@prettier" / "plugin-xml" / "src" / "plugin.js"
    program = modules / "prettier" / "bin" / "prettier.cjs"
    return [
        node,
        program,
        f"--plugin={plugin}",
        "--config",
        REPOSITORY / ".prettierrc.json",
    ]


def install_prettier(workshop, npm, locks):
    folder = workshop.home.node
    options = ["--ignore-scripts", "--no-audit", "--no-fund"]
    with (
        workshop.progress.step("prettier") as step,
        whole_folder(folder, digest(*locks)) as part,
    ):
        for lock in locks:
            shutil.copy(lock, part)
        run(
            [npm, "ci", *options],
            "Installation of prettier",
            online=True,
            step=step,
            log=workshop.home.log("npm"),
            folder=folder,
            cwd=part,
            env=clean_environment(),
        )
