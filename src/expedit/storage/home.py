"""The home folder of one installation: where everything that is not in the database lies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from expedit.core import NotFound


class Home:
    """Paths inside a home folder.

    Parameters
    ----------
    root
        The folder that `expedit init` made.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def settings_path(self) -> Path:
        """``expedit.toml``."""
        return self.root / "expedit.toml"

    @property
    def placements_path(self) -> Path:
        """``placements.toml``: the placements of this shop."""
        return self.root / "placements.toml"

    @property
    def database_path(self) -> Path:
        """The SQLite file, unless a PostgreSQL address is set."""
        return self.root / "expedit.sqlite"

    @property
    def secret_path(self) -> Path:
        """The shop's own secret key, readable by its owner only."""
        return self.root / "secret.key"

    @property
    def log(self) -> Path:
        """Folder of sealed events (Parquet)."""
        return self.root / "log"

    @property
    def models(self) -> Path:
        """Folder of model versions."""
        return self.root / "models"

    @property
    def proof_path(self) -> Path:
        """``proof.json``: how many people bought or looked at each product, counted every few minutes."""
        return self.root / "proof.json"

    @property
    def sales_path(self) -> Path:
        """``sales.json``: how many pieces of each product were sold lately, counted every hour."""
        return self.root / "sales.json"

    @property
    def decisions(self) -> Path:
        """Folder of decision log segments."""
        return self.root / "decisions"

    @property
    def run(self) -> Path:
        """Folder of things that live while a server runs."""
        return self.root / "run"

    def exists(self) -> bool:
        """Tell whether `expedit init` was run here."""
        return self.settings_path.is_file()

    def secret(self) -> bytes:
        """Return the shop's secret key.

        Raises
        ------
        NotFound
            When the folder was never initialized.
        """
        try:
            return bytes.fromhex(self.secret_path.read_text().strip())
        except FileNotFoundError:
            raise NotFound(
                f"{self.root} is no expedit home; make one with: expedit init --home {self.root}"
            ) from None

    def make(self) -> None:
        """Create the folders and the secret, if missing."""
        for folder in (self.root, self.log, self.models, self.decisions, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(self.secret_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(32).hex() + "\n")

    def try_lock(self) -> IO[str] | None:
        """Take the lock of the one process that writes here; None when another process holds it.

        The lock is held until the returned file is closed or the process ends.
        """
        self.run.mkdir(parents=True, exist_ok=True)
        file = (self.run / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file
