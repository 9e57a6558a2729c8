"""Surfaces of the world, from Debian's packages of game data and desktop pictures: asphalt, walls, fences, trees, skies.
None of them shows a number plate. Without the packages everything is drawn."""

import glob
import os
import zlib

import cv2
import numpy as np

FOLDERS = ("/usr/share/games/torcs/tracks", "/usr/share/backgrounds")
LARGEST, SMALLEST = 512, 96


class Textures:
    """One picture in five is kept for the sets that are measured: training has the others."""

    def __init__(self, share):
        self.pictures = []
        seen = set()
        for path in sorted(sum((glob.glob(f"{folder}/**/*.{e}", recursive=True) for folder in FOLDERS for e in ("png", "jpg", "webp")), [])):
            if (zlib.crc32(os.path.basename(path).encode()) % 5 == 0) == (share == "train"):
                continue
            picture = cv2.imread(path)
            if picture is None or min(picture.shape[:2]) < SMALLEST or picture.std() < 4:
                continue
            zoom = LARGEST / max(picture.shape[:2])
            if zoom < 1:
                picture = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
            key = zlib.crc32(picture.tobytes())
            if key not in seen and min(picture.shape[:2]) >= SMALLEST:
                seen.add(key)
                self.pictures.append(picture)

    def patch(self, rng, h, w):
        """A piece of some picture, h x w, BGR float32, in colours that vary; None when there are no pictures."""
        if not self.pictures:
            return None
        picture = self.pictures[rng.integers(len(self.pictures))]
        ph, pw = picture.shape[:2]
        share = np.exp(rng.uniform(np.log(0.15), 0))
        cw = min(pw, ph * w / h) * share
        ch = cw * h / w
        cw, ch = max(int(cw), 8), max(int(ch), 8)
        x, y = int(rng.integers(0, pw - cw + 1)) if cw < pw else 0, int(rng.integers(0, ph - ch + 1)) if ch < ph else 0
        piece = picture[y : y + ch, x : x + cw]
        if rng.random() < 0.5:
            piece = piece[:, ::-1]
        piece = cv2.resize(piece, (w, h), interpolation=cv2.INTER_AREA if cw > w else cv2.INTER_LINEAR).astype(np.float32)
        piece = piece * (np.exp(rng.normal(0, 0.3)) * (1 + rng.normal(0, 0.06, 3)).astype(np.float32)) + np.float32(rng.normal(0, 12))
        return np.clip(piece, 0, 255, dtype=np.float32)
