"""What a run has found, and the files that show it again."""

import hashlib
import pathlib


class Findings:
    LIMIT = 20

    def __init__(self, folder, suffix):
        self.folder, self.suffix = pathlib.Path(folder), suffix
        self.texts = []

    def __len__(self):
        return len(self.texts)

    @property
    def are_enough(self):
        return len(self.texts) >= self.LIMIT

    def record(self, text, data=None):
        saved = f"  [{self.save(data, 'finding')}]" if data is not None else ""
        self.texts.append(text + saved)

    def save(self, data, kind):
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{kind}-{hashlib.sha256(data).hexdigest()[:12]}{self.suffix}"
        path.write_bytes(data)
        return path
