"""Plates: what stands on them, and how they look. A plate is drawn flat, at SCALE pixels a millimetre.

What is read goes into slots, because each kind of plate has its numbers at the right-hand end of their places:

    word | C1 C2 C3 | syllable | S1 S2 S3 S4 S5 S6

`word` is a region, a diplomatic word, 임, or nothing; C are the digits before the syllable, S those after it, both
pushed to the right, with nothing to the left of them.
"""

import cv2
import numpy as np

SCALE = 0.62

PRIVATE = "가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주"
COMMERCIAL = "바사아자"
DELIVERY = "배"
RENTAL = "하허호"
MILITARY = "국합육해공"
SYLLABLES = PRIVATE + COMMERCIAL + DELIVERY + RENTAL + MILITARY
REGIONS = "서울 부산 대구 인천 광주 대전 울산 세종 경기 강원 충북 충남 전북 전남 경북 경남 제주".split()
DIPLOMATIC = "외교 영사 준외 준영 국기 협정 대표 외빈".split()
WORDS = REGIONS + DIPLOMATIC + ["임"]
COLOURS = ("white", "blue", "yellow", "light_green", "green", "navy", "orange", "unknown")
DIGIT_SLOTS = 9
NOTHING = 10


class Text:
    """What stands on a plate."""

    def __init__(self, word, first, syllable, serial):
        self.word, self.first, self.syllable, self.serial = word, first, syllable, serial

    def __str__(self):
        return self.word + self.first + self.syllable + self.serial

    def places(self, found):
        """Where each slot's character is, twice (a word has two): 11 x 2 x 2, and which of them there are."""
        where, there = np.zeros((11, 2, 2), np.float32), np.zeros(11, bool)
        found = list(found)
        take = lambda n: [found.pop(0) for _ in range(n)]
        for slot, of in ((0, self.word), (2, self.first), (1, self.syllable), (5, self.serial)):
            places = take(len(of))
            if slot in (0, 1) and places:
                where[slot], there[slot] = [places[0], places[-1]], True
            elif slot not in (0, 1):
                width = 3 if slot == 2 else 6
                for at, place in enumerate(places):
                    where[slot + width - len(of) + at], there[slot + width - len(of) + at] = [place, place], True
        return where, there

    def slots(self):
        """11 numbers: word, syllable (0 is nothing), nine digits (10 is nothing)."""
        word = WORDS.index(self.word) + 1 if self.word else 0
        syllable = SYLLABLES.index(self.syllable) + 1 if self.syllable else 0
        digits = self.first.rjust(3) + self.serial.rjust(6)
        return [word, syllable] + [NOTHING if d == " " else int(d) for d in digits]


def digits(rng, count):
    while True:
        text = "".join(str(d) for d in rng.integers(0, 10, count))
        if count < 4 or text.strip("0"):
            return text


def one_of(rng, things):
    return things[rng.integers(len(things))]


def sample(rng):
    """(text, style, layout). The style says the colours, the layout how it is set."""
    kind = rng.choice(
        ["new", "seven", "yellow", "delivery", "region", "construction", "construction_old", "diplomatic", "temporary", "military", "motorcycle", "very_old"],
        p=[0.31, 0.23, 0.11, 0.03, 0.1, 0.05, 0.03, 0.04, 0.03, 0.03, 0.02, 0.02],
    )
    private = one_of(rng, PRIVATE) if rng.random() < 0.85 else one_of(rng, RENTAL)
    if kind == "new":
        style = rng.choice(["white", "blue", "light_green"], p=[0.6, 0.27, 0.13])
        layout = rng.choice(["long", "short", "two"], p=[0.75, 0.12, 0.13])
        return Text("", str(rng.integers(100, 1000)), private, digits(rng, 4)), style, layout
    if kind == "seven":
        style = rng.choice(["white", "blue", "green"], p=[0.7, 0.2, 0.1])
        layout = rng.choice(["long", "short", "two"], p=[0.55, 0.2, 0.25])
        return Text("", f"{rng.integers(1, 100):02}", private, digits(rng, 4)), style, layout
    if kind in ("yellow", "delivery"):
        syllable = one_of(rng, COMMERCIAL) if kind == "yellow" else DELIVERY
        style = "yellow" if rng.random() < 0.93 else "blue"
        word = one_of(rng, REGIONS) if rng.random() < (0.93 if kind == "yellow" else 0.5) else ""
        layout = rng.choice(["long", "two", "short"], p=[0.5, 0.42, 0.08])
        return Text(word, f"{rng.integers(1, 100):02}", syllable, digits(rng, 4)), style, layout
    if kind == "region":
        return Text(one_of(rng, REGIONS), f"{rng.integers(1, 100):02}", private, digits(rng, 4)), "green", "two"
    if kind == "very_old":
        return Text(one_of(rng, REGIONS), str(rng.integers(1, 10)), private, digits(rng, 4)), "green", "two"
    if kind == "construction":
        syllable = one_of(rng, PRIVATE + COMMERCIAL)
        style = "orange" if rng.random() < 0.7 else "white"
        return Text("", f"0{rng.integers(1, 28):02}", syllable, digits(rng, 4)), style, rng.choice(["long", "two"])
    if kind == "construction_old":
        return Text(one_of(rng, REGIONS), f"{rng.integers(1, 28):02}", one_of(rng, PRIVATE), digits(rng, 4)), "orange", "two"
    if kind == "diplomatic":
        return Text(one_of(rng, DIPLOMATIC), "", "", digits(rng, 6)), "navy", rng.choice(["long", "two"])
    if kind == "temporary":
        return Text("임", "", "", digits(rng, int(rng.choice([4, 4, 5, 6])))), "temporary", rng.choice(["long", "two"])
    if kind == "military":
        return Text("", f"{rng.integers(1, 100):02}", one_of(rng, MILITARY), digits(rng, 4)), rng.choice(["white", "green"]), rng.choice(["long", "two"])
    return Text("", str(rng.integers(1, 10)), private, digits(rng, 5)), "white", "two"


def near(rng, colour, spread):
    return np.clip(np.asarray(colour, np.float32) + rng.normal(0, spread, 3) + rng.normal(0, spread), 0, 255)


def colours(rng, style):
    """(ground, ink, name of the colour) in BGR."""
    dark = near(rng, (28, 25, 25), 10)
    light = near(rng, (238, 240, 240), 8)
    if style == "white":
        return near(rng, (232, 234, 234), 12), dark, "white"
    if style == "temporary":
        return near(rng, (236, 238, 238), 8), dark, "white"
    if style == "blue":
        return near(rng, one_of(rng, [(225, 190, 130), (235, 205, 150), (215, 175, 105), (225, 200, 165)]), 12), dark, "blue"
    if style == "yellow":
        return near(rng, one_of(rng, [(20, 185, 240), (40, 200, 245), (10, 165, 230)]), 14), near(rng, (50, 30, 20), 14), "yellow"
    if style == "light_green":
        return near(rng, one_of(rng, [(120, 225, 180), (130, 215, 160), (110, 235, 200)]), 12), dark, "light_green"
    if style == "green":
        return near(rng, one_of(rng, [(70, 105, 10), (60, 90, 20), (85, 120, 30)]), 10), light, "green"
    if style == "navy":
        return near(rng, one_of(rng, [(95, 45, 20), (120, 60, 25), (80, 35, 25)]), 10), light, "navy"
    return near(rng, one_of(rng, [(20, 115, 235), (30, 130, 245), (25, 95, 220)]), 12), light if rng.random() < 0.7 else dark, "orange"


def fit(mask, w, h):
    w, h = max(int(round(w)), 2), max(int(round(h)), 2)
    return cv2.resize(mask, (w, h), interpolation=cv2.INTER_AREA if w < mask.shape[1] else cv2.INTER_LINEAR)


class Setter:
    """Sets glyphs on a plate."""

    def __init__(self, rng, faces, height, width):
        self.rng, (self.face, self.hangul) = rng, faces
        self.mask = np.zeros((height, width), np.uint8)
        self.places = []

    def put(self, glyph, x, y):
        x, y = int(round(x)), int(round(y))
        h, w = glyph.shape
        H, W = self.mask.shape
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, W), min(y + h, H)
        if x1 > x0 and y1 > y0:
            part = self.mask[y0:y1, x0:x1]
            np.maximum(part, glyph[y0 - y : y1 - y, x0 - x : x1 - x], out=part)

    def line(self, tokens, left, right, top, bottom, narrow=1.0):
        """Sets (characters, height share, manner) between left and right. Manner: row, stack, gap."""
        rng = self.rng
        full = bottom - top
        items = []
        bold = rng.uniform(0.92, 1.12)
        for text, share, manner in tokens:
            h = full * share
            if manner == "gap":
                items.append((None, h * rng.uniform(0.5, 1.3), h))
                continue
            if manner == "stack":
                items.append((text, h * rng.uniform(0.42, 0.56), h))
                continue
            for c in text:
                if c == "-":
                    items.append(("-", h * 0.3, h))
                    continue
                mask, width = (self.face if c in "0123456789" else self.hangul).glyph(c)
                if c in "0123456789":
                    w = h * min(width, 0.85) * bold
                else:
                    w = h * float(np.clip(width, 0.6, 1.05)) * rng.uniform(0.92, 1.15)
                items.append((c, w, h))
        gap = full * rng.uniform(0.05, 0.17)
        total = sum(w for _, w, _ in items) + gap * (len(items) - 1)
        room = (right - left) * rng.uniform(0.9, 1.0)
        k = room / total
        k = min(k, rng.uniform(1.0, 1.35))
        x = left + (right - left - total * k) * (0.5 + rng.uniform(-0.12, 0.12))
        middle = (top + bottom) / 2
        hangul_share = rng.uniform(0.82, 1.02)
        for c, w, h in items:
            w *= k
            if c == "-":
                self.put(np.full((max(int(h * 0.1), 2), max(int(w * 0.8), 2)), 255, np.uint8), x + w * 0.1, middle - h * 0.05)
            elif c is not None and len(c) > 1:
                each = h * 0.96 / len(c)
                for at, s in enumerate(c):
                    self.put(fit(self.hangul.glyph(s)[0], w, each * 0.9), x, middle - h / 2 + at * each + each * 0.05)
                    self.places.append((x + w / 2, middle - h / 2 + (at + 0.5) * each))
            elif c is not None:
                if c not in "0123456789":
                    h *= hangul_share
                glyph = (self.face if c in "0123456789" else self.hangul).glyph(c)[0]
                self.put(fit(glyph, w, h), x, middle - h / 2)
                self.places.append((x + w / 2, middle))
            x += w + gap * k


def draw(rng, faces, text, style, layout):
    """A flat plate: (picture BGR float32, colour name, where its characters are as shares of its sides)."""
    r = rng.random
    if layout == "long":
        mm = (520, 110) if r() < 0.8 else (rng.uniform(430, 530), rng.uniform(95, 125))
    elif layout == "short":
        mm = (335, 155) if r() < 0.7 else (rng.uniform(300, 400), rng.uniform(120, 160))
    else:
        mm = one_of(rng, [(335, 170), (335, 155), (440, 220), (440, 200), (335, 170)]) if len(text.first) != 1 else (rng.uniform(210, 335), rng.uniform(115, 175))
    zoom = 1.0 if mm[1] < 130 else 0.75
    w, h = int(mm[0] * SCALE * zoom), int(mm[1] * SCALE * zoom)
    ground, ink, colour = colours(rng, style)
    setter = Setter(rng, faces, h, w)
    band = layout == "long" and style in ("white", "blue", "light_green") and len(text.first) == 3 and r() < 0.55
    pad = rng.uniform(0.015, 0.06) * w
    left, right = pad + (h * rng.uniform(0.3, 0.42) if band else 0), w - pad
    if layout != "two":
        tall = rng.uniform(0.66, 0.84) if layout == "long" else rng.uniform(0.4, 0.75)
        top = (h - h * tall) / 2 + rng.uniform(-0.04, 0.04) * h
        tokens = []
        if text.word:
            tokens.append((text.word, 0.96, "stack" if len(text.word) == 2 and (style == "yellow" or r() < 0.3) else "row"))
            if not (text.first or text.syllable):
                tokens.append(("", 0.35, "gap"))
        tokens += [(text.first, 1, "row"), (text.syllable, 1, "row")]
        if text.syllable and r() < 0.5:
            tokens.append(("", rng.uniform(0.05, 0.4), "gap"))
        serial = text.serial
        if len(serial) == 6 and r() < 0.7:
            serial = serial[:3] + "-" + serial[3:]
        if len(text.first) == 1:
            tokens[-1:] = [(text.syllable + serial[0], 1, "row"), ("", 0.3, "gap")]
            serial = serial[1:]
        tokens.append((serial, 1, "row"))
        setter.line([t for t in tokens if t[0] or t[2] == "gap"], left, right, top, top + h * tall)
    else:
        split = rng.uniform(0.34, 0.44)
        margin = rng.uniform(0.05, 0.1)
        high = (h * margin, h * split)
        low = (h * (split + rng.uniform(0.05, 0.09)), h * (1 - rng.uniform(0.05, 0.1)))
        if text.syllable and len(text.serial) == 5:
            upper, lower = [(text.first + text.syllable + text.serial[0], 1, "row")], [(text.serial[1:], 1, "row")]
        elif not text.syllable:
            serial = text.serial
            if len(serial) == 6 and r() < 0.6:
                serial = serial[:3] + "-" + serial[3:]
            upper, lower = [(text.word, 1, "row")], [(serial, 1, "row")]
        elif text.word or r() < 0.3:
            upper = [(text.word, 1, "row"), ("", 0.3, "gap"), (text.first, 1, "row")] if text.word else [(text.first, 1, "row")]
            lower = [(text.syllable, rng.uniform(0.7, 1.0), "row"), (text.serial, 1, "row")]
        else:
            upper = [(text.first, 1, "row"), (text.syllable, 1, "row")]
            lower = [(text.serial, 1, "row")]
        inset = (right - left) * rng.uniform(0.1, 0.24)
        setter.line(upper, left + inset, right - inset, *high)
        setter.line(lower, left, right, *low)
    mask = setter.mask.astype(np.float32) * (1 / 255.0)
    if r() < 0.25:
        # Thin strokes would vanish.
        thick = mask.mean() > 0.2
        k = one_of(rng, [(3, 3), (2, 2), (3, 2)])
        mask = cv2.erode(mask, np.ones((2, 2))) if thick and r() < 0.5 else cv2.dilate(mask, np.ones(k if not thick else (2, 2)))
    plate = np.empty((h, w, 3), np.float32)
    plate[:] = ground
    if style == "temporary":
        cv2.line(plate, (0, h - 1), (w - 1, 0), tuple(float(v) for v in near(rng, (60, 60, 210), 15)), max(int(h * rng.uniform(0.04, 0.12)), 2), cv2.LINE_AA)
    if style in ("blue",) and r() < 0.6:
        soft = cv2.resize(rng.normal(0, 9, (4, 12)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
        plate += soft[..., None]
    if band:
        bw = int(h * rng.uniform(0.28, 0.4))
        x0 = int(pad * rng.uniform(0.2, 0.8))
        deep = near(rng, (150, 80, 30), 18)
        cv2.rectangle(plate, (x0, int(h * 0.12)), (x0 + bw - 3, int(h * 0.88)), tuple(float(v) for v in (deep if r() < 0.5 else ground * 0.85)), -1)
        cv2.circle(plate, (x0 + bw // 2, int(h * 0.36)), int(bw * 0.28), tuple(float(v) for v in near(rng, (120, 110, 190), 30)), -1, cv2.LINE_AA)
        name = np.zeros((h, w), np.uint8)
        cv2.putText(name, "KOR", (x0 + 2, int(h * 0.78)), cv2.FONT_HERSHEY_SIMPLEX, bw / 75, 255, 1, cv2.LINE_AA)
        plate += (230 - plate) * (name.astype(np.float32) / 255)[..., None]
    if r() < 0.6:
        inset = int(rng.uniform(0.0, 0.05) * h)
        colour_of_border = ink if r() < 0.7 else ground * 0.6
        cv2.rectangle(plate, (inset, inset), (w - 1 - inset, h - 1 - inset), tuple(float(v) for v in colour_of_border), int(rng.integers(1, 3)), cv2.LINE_AA)
    if r() < 0.4:  # embossed: light from one side
        dx, dy = int(rng.integers(-1, 2)), int(rng.integers(-1, 2))
        edge = mask - np.roll(mask, (dy, dx), (0, 1))
        plate += edge[..., None] * rng.uniform(10, 55)
    plate += (ink - plate) * (mask * rng.uniform(0.86, 1.0))[..., None]
    bolts(rng, plate, layout, w, h)
    return np.clip(plate, 0, 255), colour, np.array(setter.places) / [w, h]


def bolts(rng, plate, layout, w, h):
    if rng.random() < 0.3:
        return
    where = one_of(rng, ["sides", "top", "corners", "seal"])
    size = max(h * rng.uniform(0.035, 0.075), 1.2)
    x = rng.uniform(0.05, 0.28) * w
    places = {
        "sides": [(0.025 * w, h / 2), (0.975 * w, h / 2)],
        "top": [(x, 0.09 * h), (w - x, 0.09 * h)],
        "corners": [(x, 0.09 * h), (w - x, 0.09 * h), (x, 0.92 * h), (w - x, 0.92 * h)],
        "seal": [(x, 0.13 * h), (w - x, 0.13 * h)],
    }[where]
    shade = float(rng.uniform(20, 235))
    for px, py in places:
        if rng.random() < 0.9:
            at = (int(px * 16), int(py * 16))
            cv2.circle(plate, at, int(size * 16), (shade,) * 3, -1, cv2.LINE_AA, 4)
            cv2.circle(plate, at, int(size * 7), (255 - shade,) * 3, 1, cv2.LINE_AA, 4)
