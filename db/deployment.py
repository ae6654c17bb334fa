"""Deploying the site: an image, a systemd unit, and the configuration of a proxy, written from the files in `db/deploy`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from db.serve import ServeError, read_public_url

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "docker": ("Dockerfile", "Dockerfile.dockerignore"),
    "systemd": ("landed-site.service",),
    "nginx": ("nginx.conf",),
    "caddy": ("Caddyfile",),
}
"""What can be deployed with, and the files it takes."""

_FOLDER: Final = Path(__file__).parent / "deploy"
_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)
_PLAIN: Final = re.compile(r"/[A-Za-z0-9/._@+-]*", re.ASCII)
_NAME: Final = re.compile(r"@([A-Z_]+)@")


class DeployError(ValueError):
    """An option can't be written into a file; the message says which and what it may be."""


@dataclass(frozen=True)
class Site:
    """What is served and where.

    Attributes:
        landed: Path of the `landed` executable.
        data: Folder of facts.db, absolute.
        public_url: Address at which readers find the site.
        port: Port on loopback.
        user: Whom the server runs as.
    """

    landed: str
    data: str
    public_url: str
    port: int = 8001
    user: str = "landed"


def write_files(kind: str, site: Site) -> dict[str, str]:
    """The files for one of `FILES`, by name.

    Raises:
        DeployError: An option can't be written.
    """
    try:
        public = read_public_url(site.public_url)
    except ServeError as error:
        raise DeployError(str(error)) from error
    for name, path in (("landed", site.landed), ("data", site.data)):
        if not _PLAIN.fullmatch(path):
            raise DeployError(f"{name} is {path!r}: an absolute path of letters, digits and . _ - + @ can be written, others can't")
    if not _USER.fullmatch(site.user):
        raise DeployError(f"user is {site.user!r}: no name of a user (a-z, 0-9, _ and -)")
    temporary = any(PurePosixPath(path).is_relative_to(folder) for path in (site.landed, site.data) for folder in ("/tmp", "/var/tmp"))  # noqa: S108 - looked for, not written to
    values = {
        "COMMAND": f"{site.landed} --data {site.data} serve --host 127.0.0.1 --port {site.port} --public-url {public.geturl()}",
        "DATA": site.data,
        "HOST": public.hostname or "",
        "PATH": public.path,
        "PORT": str(site.port),
        "PRIVATE_TMP": "no" if temporary else "yes",
        "PUBLIC_URL": public.geturl(),
        "USER": site.user,
    }
    return {name: _NAME.sub(lambda found: values[found[1]], (_FOLDER / name).read_text("utf-8")) for name in FILES[kind]}
