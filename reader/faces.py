"""Letterforms: free fonts, and our own vector strokes in the manner of plates.

A face has `glyph(character)`: a mask of 8 bits, cut to its ink, and the width of its ink as a share of the height of a
digit. Strokes are drawn from a style that is chosen at random, so that they cover a family of typefaces.
"""

import glob
import math
import os

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import held_out
import textures

HEIGHT = 96
DIGITS = "0123456789"

KOREAN = (
    "Nanum", "baekmuk", "unfonts-core", "UnTaza", "UnJamoDotum", "UnVada", "UnShinmun", "alee", "NotoSansCJK-B",
    "NotoSansCJK-R", "NotoSerifCJK-B",
)  # fmt: skip
NOT_KOREAN = (
    "Brush", "NanumPen", "Eunjin", "Pilgi", "YetHangul", "UltraLight", "Guseul", "Bandal", "UnPen", "Light", "SquareL",
    "SquareRoundL", "_acL", "UnGungseo", "NanumMyeongjo.ttf", "NanumMyeongjoEcoR", "NanumMyeongjoEco.ttf", "batang", "UnBatang.ttf",
)  # fmt: skip
LATIN = (
    "BebasNeue", "Dosis-", "Roboto-B", "Roboto-M", "RobotoCondensed-B", "RobotoCondensed-R", "Roboto-R", "Lato-B",
    "Lato-H", "Lato-R", "OpenSans-B", "OpenSans-C", "OpenSans-R", "LiberationSans-", "LiberationSansNarrow",
    "LiberationMono-B", "DejaVuSans-B", "DejaVuSansCondensed", "DejaVuSansMono-B", "B612", "Cantarell", "NimbusSans",
    "NimbusSansNarrow", "URWGothic", "Quicksand-B", "Quicksand-M", "Switzera", "Universalis", "Gemunu", "Andika",
    "Hack-B", "Oxygen", "Play-", "FreeSans", "OCR", "Jura", "LeagueSpartan", "FiraCode-B", "FiraCode-M", "Inter-",
)  # fmt: skip
# Where fetch_fonts.py puts fonts: FAMILY-latin-WEIGHT-normal.woff and, for a Korean one, FAMILY-korean-WEIGHT-normal.woff.
OWN_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fonts")
NOT_LATIN = ("Italic", "Oblique", "Light", "Thin", "ExtraLight", "Slanted", "-Obl", "Hairline", "BoldIta", "It.", "Regula", "Swash")


def font_files(wanted, unwanted):
    found = sorted(set(sum((glob.glob(f"/usr/share/fonts/**/*.{e}", recursive=True) for e in ("ttf", "otf", "ttc", "t1")), [])))
    return [f for f in found if any(w in f for w in wanted) and not any(u in f for u in unwanted)]


def share_of(path):
    """Which set a font belongs to: train, test or calibration."""
    name = os.path.basename(path)
    if any(part in name for part in held_out.FONTS):
        return "test"
    return "calibration" if any(part in name for part in held_out.CALIBRATION) else "train"


class FontFace:
    """A font, each glyph drawn once. `hangul` is the file that has its Hangul, where that is another."""

    def __init__(self, path, hangul=None):
        self.name = os.path.basename(path)
        index = 1 if path.endswith(".ttc") and "NotoS" in path else 0
        self.font = ImageFont.truetype(path, HEIGHT + 16, index=index)
        self.hangul = ImageFont.truetype(hangul, HEIGHT + 16) if hangul else self.font
        self.cache = {}
        self.digit = None

    def raw(self, c):
        if c not in self.cache:
            image = Image.new("L", (240, 240))
            ImageDraw.Draw(image).text((50, 40), c, font=self.hangul if "가" <= c <= "힣" else self.font, fill=255)
            mask = np.asarray(image)
            rows, columns = np.where(mask.max(1) > 60)[0], np.where(mask.max(0) > 60)[0]
            self.cache[c] = None if len(rows) == 0 else mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
        return self.cache[c]

    def glyph(self, c):
        mask = self.raw(c)
        if self.digit is None:
            self.digit = self.raw("0").shape[0]
        return mask, mask.shape[1] / self.digit

    def works(self, text):
        blank = self.raw("\U0010fff0")
        for c in text:
            mask = self.raw(c)
            if mask is None or mask.shape[0] < 4 or (blank is not None and mask.shape == blank.shape and (mask == blank).all()):
                return False
        return self.raw(text[0]).shape != self.raw(text[1]).shape or (self.raw(text[0]) != self.raw(text[1])).any()


def superellipse(cx, cy, rx, ry, a0, a1, n, count=26):
    """Points from angle a0 to a1 (degrees, clockwise from the right, y down)."""
    a = np.radians(np.linspace(a0, a1, count))
    c, s = np.cos(a), np.sin(a)
    return np.stack([cx + rx * np.sign(c) * np.abs(c) ** (2 / n), cy + ry * np.sign(s) * np.abs(s) ** (2 / n)], 1)


class StrokeFace:
    """One style of vector strokes."""

    def __init__(self, seed, family="plain"):
        r = np.random.default_rng(seed)
        self.name = f"strokes-{family}-{seed}"
        self.cache = {}
        u = r.uniform
        held = family == held_out.STROKES
        self.t = u(0.13, 0.17) if held else u(0.085, 0.215)
        self.n = u(2.6, 3.0) if held else (u(2.0, 2.5) if r.random() < 0.5 else u(3.1, 5.5))
        self.cap = "butt" if held else r.choice(["round", "butt", "square", "butt"])
        self.width = u(0.5, 0.56) if held else u(0.42, 0.72)
        self.t = min(self.t, 0.34 * self.width)
        self.three = "flat_b" if held else r.choice(["flat", "flat", "flat_high", "round", "angled"])
        self.four = "open_b" if held else r.choice(["open", "open", "closed", "open_low"])
        self.six = "straight_b" if held else r.choice(["curl", "straight", "flat", "diagonal"])
        self.seven = "plain" if held else r.choice(["plain", "serif", "curved", "upright"])
        self.one = r.choice(["bare", "flag"]) if held else r.choice(["bare", "flag", "flag", "base", "tick"])
        self.two = "curve" if held else r.choice(["curve", "straight", "neck"])
        self.five = r.choice(["upright", "slant"])
        self.zero_n = self.n * u(0.9, 1.3)
        self.j = u(-1, 1, 24)  # proportions
        self.hangul_t = min(self.t * u(0.68, 1.0), 0.14)
        self.hangul_w = u(0.85, 1.0) if held else u(0.66, 1.15)
        self.hangul_cap = self.cap if self.cap != "round" or r.random() < 0.7 else "butt"
        self.giyeok = u(0.0, 0.45)
        self.siot = r.choice(["apex", "lambda", "cross"])
        self.ring_n = u(2.0, 2.6) if held or r.random() < 0.6 else u(2.6, 5)
        self.ear = u(0.2, 0.45)

    # Drawing

    def begin(self, width, thickness, cap):
        self.w, self.pw = int(round(HEIGHT * width)), max(thickness * HEIGHT, 3.0)
        self.pad = 8
        self.mask = np.zeros((HEIGHT + 2 * self.pad, self.w + 2 * self.pad), np.uint8)
        self.mode = cap

    def line(self, *points):
        self.curve(np.array(points, np.float64))

    def curve(self, points):
        """A stroke along points of the unit square, whose ink then fills the box."""
        half = self.pw / 2
        p = np.asarray(points, np.float64) * [max(self.w - self.pw, 1), HEIGHT - self.pw] + self.pad + half
        keep = np.concatenate([[True], np.abs(np.diff(p, axis=0)).sum(1) > 0.3])
        p = p[keep]
        if len(p) < 2:
            return
        if self.mode == "round":
            cv2.polylines(self.mask, [np.round(p * 16).astype(np.int32)], False, 255, int(round(self.pw)), cv2.LINE_AA, 4)
            return
        d = np.diff(p, axis=0)
        d /= np.linalg.norm(d, axis=1, keepdims=True)
        closed = np.abs(p[0] - p[-1]).sum() < 1
        if self.mode == "square" and not closed:
            p = p.copy()
            p[0] -= d[0] * half
            p[-1] += d[-1] * half
        normal = np.stack([-d[:, 1], d[:, 0]], 1)
        for k in range(len(p) - 1):
            quad = np.array([p[k] + normal[k] * half, p[k + 1] + normal[k] * half, p[k + 1] - normal[k] * half, p[k] - normal[k] * half])
            cv2.fillConvexPoly(self.mask, np.round(quad * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
        joints = range(len(p) - 1) if closed else range(1, len(p) - 1)
        for k in joints:
            a, b = normal[k - 1], normal[k % len(normal)]
            dot = float(a @ b)
            if dot > -0.6:
                m = (a + b) / (1 + dot)
                side = 1 if d[k - 1][0] * d[k % len(d)][1] - d[k - 1][1] * d[k % len(d)][0] < 0 else -1
                tri = np.array([p[k], p[k] + side * a * half, p[k] + side * m * half, p[k] + side * b * half])
                cv2.fillConvexPoly(self.mask, np.round(tri * 16).astype(np.int32), 255, cv2.LINE_AA, 4)

    def glyph(self, c):
        if c not in self.cache:
            if c in DIGITS:
                width = self.width * (1 + 0.1 * self.j[int(c)])
                if c == "1":
                    width = {"bare": self.t, "flag": 0.55 * width, "tick": 0.45 * width, "base": 0.8 * width}[self.one]
                self.begin(max(width, self.t), self.t, self.cap)
                getattr(self, f"digit_{c}")()
            else:
                self.begin(self.hangul_w, self.hangul_t * (0.78 if final_of(c) else 1) * (0.85 if c in "배대해육마머버제세표하허호" else 1), self.hangul_cap)
                self.syllable(c)
            mask = self.mask
            rows, columns = np.where(mask.max(1) > 60)[0], np.where(mask.max(0) > 60)[0]
            mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
            self.cache[c] = mask, mask.shape[1] / HEIGHT
        return self.cache[c]

    # Digits

    def digit_0(self):
        self.curve(superellipse(0.5, 0.5, 0.5, 0.5, -90, 270, self.zero_n, 60))

    def digit_1(self):
        if self.one == "bare":
            self.line((0.5, 0), (0.5, 1))
        elif self.one == "base":
            self.line((0.5, 1), (0.5, 0), (0.05, 0.2))
            self.line((0, 1), (1, 1))
        else:
            self.line((1, 1), (1, 0), (0, 0.2 + 0.06 * self.j[10]))

    def digit_2(self):
        top = 0.27 + 0.03 * self.j[11]
        end = {"curve": 40, "straight": 10, "neck": 60}[self.two]
        arc = superellipse(0.5, top, 0.5, top, 180 - 15 * max(self.j[12], 0), 360 + end, self.n)
        if self.two == "neck":
            arc = np.concatenate([arc, superellipse(0.62, 1.0, 0.62, 0.42, 270, 182, 2.0)])
            self.curve(arc)
            self.line((0, 1), (1, 1))
        else:
            self.curve(np.concatenate([arc, [[0, 1], [1, 1]]]))

    def bowl(self, cy, ry, a0, a1):
        return superellipse(0.5, cy, 0.5, ry, a0, a1, self.n, 36)

    def digit_3(self):
        if self.three.startswith("flat") or self.three == "angled":
            high = {"flat": 0.4, "flat_high": 0.34, "flat_b": 0.44, "angled": 0.42}[self.three] + 0.03 * self.j[13]
            ry = (1 - high) / 2
            if self.three == "angled":
                self.line((0.02, 0), (0.95, 0), (0.95, 0.12), (0.42, high))
                self.curve(np.concatenate([[[0.3, high]], self.bowl(1 - ry, ry, -90, 165)]))
            elif self.three == "flat_b":
                self.line((0.0, 0), (0.98, 0), (0.5, high))
                self.curve(self.bowl(1 - ry, ry, -95, 155))
            else:
                self.line((0.02, 0), (0.96, 0), (0.4 + 0.1 * self.j[14], high))
                self.curve(np.concatenate([[[0.36 + 0.1 * self.j[14], high]], self.bowl(1 - ry, ry, -80, 168)]))
        else:
            mid = 0.47 + 0.02 * self.j[13]
            top = superellipse(0.48, mid / 2, 0.46, mid / 2, 195, 450, self.n)
            self.curve(np.concatenate([top, [[0.3, mid]]]))
            ry = (1 - mid) / 2
            self.curve(np.concatenate([[[0.3, mid]], self.bowl(1 - ry, ry, -90, 165)]))

    def digit_4(self):
        bar = 0.68 + 0.06 * self.j[15]
        x = 0.74 + 0.05 * self.j[16]
        if self.four == "closed":
            self.line((x, 1), (x, 0), (0, bar), (1, bar))
        elif self.four == "open":
            self.line((0.42 + 0.15 * self.j[17], 0), (0, bar), (1, bar))
            self.line((x, 0.32 + 0.1 * self.j[18]), (x, 1))
        elif self.four == "open_b":
            self.line((0.34, 0), (0, bar), (1, bar))
            self.line((x - 0.05, 0.18), (x - 0.05, 1))
        else:
            self.line((0.6, 0), (0, bar), (1, bar))
            self.line((x, 0.48), (x, 1))

    def digit_5(self):
        high = 0.4 + 0.03 * self.j[19]
        ry = (1 - high) / 2
        left = 0.02 if self.five == "upright" else 0.1
        self.line((0.95, 0), (left + 0.03, 0), (left, high + 0.08))
        self.curve(np.concatenate([[[left, high + 0.06]], self.bowl(1 - ry, ry, -125, 160)]))

    def six(self):
        pass

    def draw_6(self, turned):
        turn = (lambda p: 1 - np.asarray(p)) if turned else np.asarray
        high = 0.38 + 0.03 * self.j[20]
        ry = (1 - high) / 2
        cy = 1 - ry
        self.curve(turn(superellipse(0.5, cy, 0.5, ry, -90, 270, self.n, 50)))
        style = self.six_style
        if style == "curl":
            self.curve(turn(np.concatenate([[[0, cy]], superellipse(0.5, 0.33, 0.5, 0.33, 180, 335, self.n)])))
        elif style == "straight":
            self.curve(turn([[0.74 + 0.1 * self.j[21], 0], [0.05, cy - 0.12]]))
        elif style == "straight_b":
            self.curve(turn([[0.58, 0], [0.02, cy - 0.06]]))
        elif style == "flat":
            self.curve(turn(np.concatenate([[[0, cy]], superellipse(0.45, 0.3, 0.45, 0.3, 180, 270, self.n), [[0.95, 0]]])))
        else:
            self.curve(turn(superellipse(1.0, cy, 1.0, cy, 180, 262, 1.8)))

    def digit_6(self):
        self.draw_6(False)

    def digit_9(self):
        self.draw_6(True)

    @property
    def six_style(self):
        return self.__dict__["six"]

    def digit_7(self):
        foot = 0.36 + 0.12 * self.j[22]
        if self.seven == "curved":
            self.curve(np.concatenate([[[0, 0], [0.97, 0]], superellipse(1.0, 1.0, 1 - foot, 0.95, 270, 182, 2.0)]))
        elif self.seven == "serif":
            self.line((0, 0.22), (0, 0), (1, 0), (foot, 1))
        elif self.seven == "upright":
            self.line((0, 0), (1, 0), (1, 0.2), (foot + 0.1, 0.55), (foot + 0.1, 1))
        else:
            self.line((0, 0), (1, 0), (foot, 1))

    def digit_8(self):
        mid = 0.47 + 0.03 * self.j[23]
        inset = 0.04 if self.n > 3 else 0.07
        self.curve(superellipse(0.5, mid / 2, 0.5 - inset, mid / 2, -90, 270, self.n, 50))
        self.curve(superellipse(0.5, (1 + mid) / 2, 0.5, (1 - mid) / 2, -90, 270, self.n, 50))

    # Hangul

    def syllable(self, c):
        code = ord(c) - 0xAC00
        initial, vowel, final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[code // 588], code % 588 // 28, code % 28
        vowel = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"[vowel]
        bottom = 1.0
        if final:
            top = 0.64 + 0.03 * self.j[0]
            low = {1: "ㄱ", 4: "ㄴ", 8: "ㄹ", 16: "ㅁ", 17: "ㅂ", 19: "ㅅ", 21: "ㅇ"}[final]
            x0 = 0.18 if vowel in "ㅏㅐㅓㅔㅕㅣㅘㅚㅝㅑ" else 0.1
            self.consonant(low, x0, top + 0.02, 0.95, 1.0, final=True)
            bottom = 0.52 + 0.03 * self.j[0]
        if vowel in "ㅏㅑㅐㅓㅔㅕㅣ":
            right = (0.5 if vowel in "ㅏㅑㅣ" else 0.42) + 0.05 * self.j[1]
            if vowel == "ㅐ":
                right = 0.45
            top, low = (0.06, 0.8) if not final else (0.0, bottom - 0.02)
            low += 0.06 * self.j[2]
            self.consonant(initial, 0.0, top, right, low)
            self.vertical(vowel, 0.0, bottom)
        elif vowel in "ㅗㅛㅜㅠㅡ":
            line = (0.86 if vowel in "ㅗㅛ" else 0.6) if not final else (0.48 if vowel in "ㅗㅛ" else 0.36)
            line += 0.03 * self.j[3]
            if vowel in "ㅗㅛ" and not final and self.j[4] > 0.3:
                line = 1.0
            low = line - (0.26 if not final else 0.17) if vowel in "ㅗㅛ" else line - (0.17 if not final else 0.12)
            side = 0.12 + 0.06 * self.j[5]
            self.consonant(initial, side, 0.0, 1 - side, low, above=True)
            self.line((0, line), (1, line))
            ticks = (0.5,) if vowel in "ㅗㅜ" else (0.33, 0.67)
            for x in ticks if vowel != "ㅡ" else ():
                if vowel in "ㅗㅛ":
                    self.line((x, line), (x, low + 0.06))
                else:
                    self.line((x, line), (x, 1.0 if not final else line + 0.16))
        else:
            # ㅘ ㅚ ㅝ: under and beside.
            line = 0.72 if not final else 0.44
            line += 0.02 * self.j[3]
            self.consonant(initial, 0.04, 0.0, 0.56, line - 0.26 if not final else line - 0.17, above=True)
            self.line((0, line), (0.64, line))
            if vowel in "ㅘㅚ":
                self.line((0.3, line), (0.3, line - 0.14))
            else:
                self.line((0.3, line), (0.3, line + (0.2 if not final else 0.12)))
            self.vertical({"ㅘ": "ㅏ", "ㅚ": "ㅣ", "ㅝ": "ㅓ"}[vowel], 0.0, bottom, narrow=True)

    def vertical(self, vowel, top, bottom, narrow=False):
        middle = top + (bottom - top) * (0.46 + 0.06 * self.j[6])
        if vowel in "ㅏㅑ":
            x = 0.74 + 0.05 * self.j[7] if not narrow else 0.82
            self.line((x, top), (x, bottom))
            self.line((x, middle), (1.0, middle))
        elif vowel in "ㅓㅕ":
            x = 0.97
            self.line((x, top), (x, bottom))
            for y in (middle,) if vowel == "ㅓ" else (middle - 0.13, middle + 0.11):
                self.line((x, y), (0.6 + 0.05 * self.j[7] if not narrow else 0.72, y))
        elif vowel == "ㅣ":
            self.line((0.9, top), (0.9, bottom))
        else:
            a, b = 0.72, 1.0
            self.line((a, top + 0.03), (a, bottom - 0.03))
            self.line((b, top), (b, bottom))
            if vowel == "ㅐ":
                self.line((a, middle), (b, middle))
            else:
                self.line((a, middle), (0.52, middle))

    def consonant(self, c, x0, y0, x1, y1, above=False, final=False):
        xm, ym, w, h = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
        if c == "ㄱ":
            foot = x1 if above or final else x1 - w * self.giyeok
            self.line((x0, y0), (x1, y0), (foot, y1 if not above or final else y1 + 0.04))
        elif c == "ㄴ":
            self.line((x0, y0), (x0, y1), (x1, y1))
        elif c == "ㄷ":
            self.line((x1, y0), (x0, y0), (x0, y1), (x1, y1))
        elif c == "ㄹ":
            self.line((x0, y0), (x1, y0), (x1, ym), (x0, ym), (x0, y1), (x1, y1))
        elif c == "ㅁ":
            self.line((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
        elif c == "ㅂ":
            self.line((x0, y0), (x0, y1), (x1, y1), (x1, y0))
            y = y0 + h * (0.42 + 0.08 * self.j[8])
            self.line((x0, y), (x1, y))
        elif c in "ㅅㅈㅊ":
            top = y0
            if c == "ㅊ":
                self.line((xm - 0.1 * w, y0), (xm + 0.1 * w, y0)) if self.j[9] > 0 else self.line((xm, y0), (xm, y0 + 0.18 * h))
                top = y0 + 0.24 * h
            if c in "ㅈㅊ":
                self.line((x0, top), (x1, top))
            if self.siot == "apex":
                self.line((x0, y1), (xm, top), (x1, y1))
            elif self.siot == "lambda":
                self.line((xm + 0.08 * w, top), (x0, y1))
                self.line((xm - 0.06 * w, top + 0.4 * (y1 - top)), (x1, y1))
            else:
                self.line((xm, top), (xm, top + 0.3 * (y1 - top)))
                self.line((x0, y1), (xm, top + 0.3 * (y1 - top)), (x1, y1))
        elif c == "ㅇ":
            ry = h / 2 if not above else h / 2
            self.curve(superellipse(xm, ym, w / 2 * (0.85 if above else 1), ry, -90, 270, self.ring_n, 40))
        elif c == "ㅎ":
            a, b = y0 + 0.16 * h, y0 + 0.34 * h
            if self.j[9] > 0:
                self.line((xm, y0), (xm, b))
            else:
                self.line((xm - 0.2 * w, y0), (xm + 0.2 * w, y0))
            self.line((x0, b - 0.02), (x1, b - 0.02))
            self.curve(superellipse(xm, (b + 0.1 * h + y1) / 2, w * 0.36, (y1 - b - 0.1 * h) / 2, -90, 270, self.ring_n, 36))
            del a
        elif c == "ㅍ":
            self.line((x0, y0), (x1, y0))
            self.line((x0, y1), (x1, y1))
            self.line((x0 + 0.28 * w, y0), (x0 + 0.28 * w, y1))
            self.line((x1 - 0.28 * w, y0), (x1 - 0.28 * w, y1))
        else:
            raise ValueError(c)


def final_of(c):
    return (ord(c) - 0xAC00) % 28 if "가" <= c <= "힣" else 0


class Faces:
    """Pairs of a face for digits and one for Hangul."""

    def __init__(self, rng, share="train", strokes=240):
        check = "0183가서울"
        korean = [f for f in font_files(KOREAN, NOT_KOREAN) if share_of(f) == share]
        latin = [f for f in font_files(LATIN, NOT_LATIN) if share_of(f) == share]
        load = lambda files, text: [face for face in (FontFace(f) for f in files) if face.works(text)]
        self.korean = load(korean, check)
        self.latin = load(latin, DIGITS)
        if share == "train":
            own = sorted(glob.glob(f"{OWN_FOLDER}/*.woff"))
            pairs = [(f.replace("-korean-", "-latin-"), f) for f in own if "-korean-" in f]
            self.korean += [face for face in (FontFace(*pair) for pair in pairs if os.path.exists(pair[0])) if face.works(check)]
            self.latin += load([f for f in own if "-latin-" in f], DIGITS)
        self.textures = textures.Textures(share)
        family = held_out.STROKES if share == "test" else "plain"
        self.strokes = [StrokeFace(int(rng.integers(1 << 40)), family) for _ in range(strokes)]

    def pick(self, rng, strokes_share=0.55):
        """The face of the digits and the face of the Hangul."""
        if rng.random() < strokes_share:
            face = self.strokes[rng.integers(len(self.strokes))]
            hangul = face
            if rng.random() < 0.2:
                hangul = self.korean[rng.integers(len(self.korean))]
            return face, hangul
        hangul = self.korean[rng.integers(len(self.korean))]
        if rng.random() < 0.3:
            return hangul, hangul
        if rng.random() < 0.25:
            hangul = self.strokes[rng.integers(len(self.strokes))]
        return self.latin[rng.integers(len(self.latin))], hangul
