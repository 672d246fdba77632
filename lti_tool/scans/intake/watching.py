"""A folder into which a scanner writes: which files are whole, and where they go once they were taken."""

from pathlib import Path

TAKEN, REFUSED = "taken", "refused"


def files_in(folder: Path) -> list[Path]:
    """The files of a folder and its subfolders in the order of their names, without hidden ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


class WatchedFolder:
    """Remembers what each file was like at the last look: one that no longer grows is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[Path, tuple[int, int]] = {}

    def settled(self) -> list[Path]:
        """Files that are as they were at the last look."""
        now = {path: self._look(path) for path in files_in(self.folder) if self._is_new(path)}
        whole = [path for path, look in now.items() if look[0] and self.known.get(path) == look]
        self.known = now
        return whole

    def put_away(self, path: Path, was_taken: bool) -> None:
        """Out of the way, under a name that is free."""
        target = self.folder / (TAKEN if was_taken else REFUSED) / path.name
        target.parent.mkdir(exist_ok=True)
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{path.stem}-{number}{path.suffix}")
        path.rename(target)
        self.known.pop(path, None)

    def _is_new(self, path: Path) -> bool:
        return path.relative_to(self.folder).parts[0] not in {TAKEN, REFUSED}

    def _look(self, path: Path) -> tuple[int, int]:
        stat = path.stat()
        return stat.st_size, stat.st_mtime_ns
