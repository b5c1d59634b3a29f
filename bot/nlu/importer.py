"""Reads the domain from `domain.yml` and from every file in `domain/` beside it."""

from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter


class DomainFolderImporter(RasaFileImporter):
    """Rasa's own importer, with a domain of several files."""

    def get_domain(self) -> Domain:
        """The merged domain."""
        main = Path(self._domain_path or "domain.yml")
        folder = main.parent / "domain"
        return Domain.load([main, folder] if folder.is_dir() else [main])
