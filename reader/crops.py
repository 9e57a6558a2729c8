"""Crops for the reader: a plate, tight or loose, or something that is no plate."""

import cv2
import numpy as np

import photo
import plates

W, H = 160, 56


def background(rng, faces, h, w):
    """Something around a plate: paint, a grille, a street."""
    p = faces.textures.patch(rng, h, w) if rng.random() < 0.4 else None
    if p is None:
        p = np.empty((h, w, 3), np.float32)
        p[:] = rng.uniform(0, 255) + rng.normal(0, 15, 3)
    elif rng.random() < 0.6:
        return p
    kind = rng.random()
    if kind < 0.35:
        p += photo.soft_noise(rng, h, w, int(rng.integers(6, 40)))[..., None] * rng.uniform(3, 35)
    elif kind < 0.55:
        step = max(int(rng.uniform(0.05, 0.25) * h), 3)
        shade = rng.uniform(0, 255, 3).astype(np.float32)
        for y in range(int(rng.integers(0, step)), h, step):
            p[y : y + max(step // int(rng.integers(2, 4)), 1)] = shade
    elif kind < 0.65:
        step = max(int(rng.uniform(0.05, 0.3) * h), 3)
        shade = rng.uniform(0, 255, 3).astype(np.float32)
        for x in range(int(rng.integers(0, step)), w, step):
            p[:, x : x + max(step // int(rng.integers(2, 4)), 1)] = shade
    for _ in range(int(rng.integers(0, 7))):
        c = tuple(float(v) for v in np.clip(rng.uniform(0, 255) + rng.normal(0, 20, 3), 0, 255))
        a = (int(rng.uniform(-0.2, 1.2) * w), int(rng.uniform(-0.2, 1.2) * h))
        b = (int(rng.uniform(-0.2, 1.2) * w), int(rng.uniform(-0.2, 1.2) * h))
        k = rng.random()
        if k < 0.4:
            cv2.rectangle(p, a, b, c, -1)
        elif k < 0.7:
            cv2.line(p, a, b, c, int(rng.integers(1, 8)), cv2.LINE_AA)
        else:
            cv2.ellipse(p, a, (int(rng.uniform(2, 0.4 * w)), int(rng.uniform(2, 0.4 * h))), rng.uniform(0, 180), 0, 360, c, -1, cv2.LINE_AA)
    return p


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COMMON = "주차금지전기충전소출입구안내사랑의집배달가능할인행사무료개점휴무공사중어린이보호구역천천히일방통행서행양보비상구정지우회전좌직진만남광장병원약국학교은행"


def random_text(rng):
    """Text that is no plate."""
    k = rng.random()
    d = lambda n: plates.digits(rng, n)
    word = lambda n: "".join(LETTERS[i] for i in rng.integers(0, 26, n))
    hangul = lambda n: "".join(COMMON[i] for i in rng.integers(0, len(COMMON), n))
    if k < 0.12:
        return f"0{rng.integers(10, 70)}-{d(4)}-{d(4)}"
    if k < 0.22:
        return f"{rng.integers(1500, 1999)}-{d(4)}"
    if k < 0.34:
        return d(int(rng.integers(1, 9)))
    if k < 0.5:
        return word(int(rng.integers(2, 9)))
    if k < 0.62:
        return word(int(rng.integers(1, 4))) + one_gap(rng) + d(int(rng.integers(2, 5)))
    if k < 0.66:
        return d(int(rng.integers(1, 4))) + word(int(rng.integers(1, 4))) + d(int(rng.integers(0, 4)))
    if k < 0.86:
        return hangul(int(rng.integers(1, 7)))
    if k < 0.93:
        return hangul(int(rng.integers(2, 4))) + d(int(rng.integers(1, 4)))
    return f"{rng.integers(1, 24)}:{rng.integers(0, 60):02}" if rng.random() < 0.5 else f"{rng.integers(1, 100)}{rng.choice(['km', '%', 'm', 'h', 'kW'])}"


def one_gap(rng):
    return " " if rng.random() < 0.5 else ""


def text_mask(rng, faces, text):
    """A line of text as a mask."""
    pair = faces.pick(rng)
    latin = faces.latin[rng.integers(len(faces.latin))]
    parts = []
    for c in text:
        if c == " ":
            parts.append(np.zeros((48, 20), np.uint8))
            continue
        try:
            face = pair[0] if c in "0123456789" else (pair[1] if c in plates.SYLLABLES else (faces.korean[rng.integers(len(faces.korean))] if c >= "가" else latin))
            mask = face.glyph(c)[0]
        except (AttributeError, TypeError, ValueError, KeyError):
            continue
        if c in "-:.":
            glyph = np.zeros((48, 16), np.uint8)
            glyph[20:26] = 255
        else:
            glyph = plates.fit(mask, max(mask.shape[1] * 0.5, 3), 48)
        parts += [glyph, np.zeros((48, int(rng.integers(3, 9))), np.uint8)]
    if not parts:
        return np.zeros((48, 48), np.uint8)
    return np.concatenate(parts, 1)


def sign(rng, faces):
    """A sign, a sticker or a foreign plate: a flat picture."""
    lines = 1 if rng.random() < 0.7 else 2
    masks = [text_mask(rng, faces, random_text(rng)) for _ in range(lines)]
    pad = int(rng.integers(4, 24))
    w = max(m.shape[1] for m in masks) + 2 * pad
    h = sum(m.shape[0] + pad for m in masks) + pad
    k = rng.random()
    if k < 0.4:
        ground, ink = plates.colours(rng, rng.choice(["white", "blue", "yellow", "green", "navy", "orange", "light_green"]))[:2]
    else:
        ground, ink = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
        if abs(ground.mean() - ink.mean()) < 50:
            ink = 255 - ground
    p = np.empty((h, w, 3), np.float32)
    p[:] = ground
    y = pad
    for m in masks:
        x = int(rng.integers(pad, w - m.shape[1] - pad + 1))
        part = p[y : y + 48, x : x + m.shape[1]]
        part += (np.asarray(ink, np.float32) - part) * (m.astype(np.float32) / 255)[..., None]
        y += 48 + pad
    if rng.random() < 0.4:
        cv2.rectangle(p, (1, 1), (w - 2, h - 2), tuple(float(v) for v in ink), int(rng.integers(1, 4)))
    return p


def pose(rng, aspect):
    """The corners of a plate that is turned and seen from the side; half its height is 1."""
    box = np.array([[-aspect, -1], [aspect, -1], [aspect, 1], [-aspect, 1]], np.float64)
    turn = rng.normal(0, 0.07) if rng.random() < 0.8 else rng.uniform(-0.3, 0.3)
    shear, squeeze = rng.normal(0, 0.1), rng.uniform(0.68, 1.02)
    if rng.random() < 0.5:
        box = box @ np.array([[squeeze, 0], [shear * squeeze, 1]]).T
    else:
        box = box * [squeeze, 1] + np.stack([0 * box[:, 0], box[:, 0] * rng.normal(0, 0.07)], 1)
    box = box @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]).T
    depth = rng.normal(0, 0.05, 2) / [aspect, 1]
    return box / (1 + box @ depth)[:, None]


def quad(rng, loose, aspect):
    """Where the corners of the plate come to lie in the crop: 4 x 2, from 0 to 1; clockwise from the top left."""
    if not loose:
        box = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
        grow = rng.uniform(-0.015, 0.05), rng.uniform(-0.04, 0.14)
        box = 0.5 + (box - 0.5) / (1 + 2 * np.array(grow))
        return box + rng.normal(0, [0.012, 0.045], (4, 2)) + rng.normal(0, [0.01, 0.03], 2)
    box = pose(rng, aspect)
    low, high = box.min(0), box.max(0)
    size = high - low
    margin = rng.uniform(-0.01, 0.35 if rng.random() < 0.5 else 0.12, 4) * [size[0] * 0.7, size[1] * 1.2, size[0] * 0.7, size[1] * 1.2]
    low, high = low - margin[:2], high + margin[2:]
    return (box - low) / (high - low)


def into(rng, flat, corners, size, ground):
    """Warps a flat picture so that its corners come to lie on `corners` (pixels) of a ground of `size`."""
    h, w = flat.shape[:2]
    m = cv2.getPerspectiveTransform(np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), corners.astype(np.float32))
    length = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    shrink = w / max(length, 1)
    if shrink > 1.3:
        flat = cv2.GaussianBlur(flat, (0, 0), 0.38 * shrink)
    edge = cv2.copyMakeBorder(flat, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    shift = np.array([[1, 0, -1], [0, 1, -1], [0, 0, 1]], np.float64)
    layer = np.concatenate([edge, np.zeros(edge.shape[:2] + (1,), np.float32)], 2)
    layer[1:-1, 1:-1, 3] = 1
    warped = cv2.warpPerspective(layer, m @ shift, size, flags=cv2.INTER_LINEAR)
    alpha = warped[..., 3:]
    colour = warped[..., :3]
    # Where only a part of a pixel is covered, the colour is that of the covered part.
    return ground * (1 - alpha) + colour * alpha if alpha.min() < 0.999 else colour


def crop(rng, faces, level, loose=None, width=None, stages=photo.STAGES, after=(), whole=False):
    """A plate as the camera sees it, or at the size at which it sees it (`whole`): (crop H x W x 3 of 8 bits, text, colour, corners, places of its characters)."""
    text, style, layout = plates.sample(rng)
    flat, colour, places = plates.draw(rng, faces.pick(rng), text, style, layout)
    if loose is None:
        loose = rng.random() < 0.5
    corners = quad(rng, loose, flat.shape[1] / flat.shape[0])
    if width is None:
        width = np.exp(rng.uniform(np.log(58 if flat.shape[1] / flat.shape[0] > 3 else 46), np.log(260)))
    share = (corners[1, 0] - corners[0, 0] + corners[2, 0] - corners[3, 0]) / 2
    tall = (corners[3, 1] - corners[0, 1] + corners[2, 1] - corners[1, 1]) / 2
    nw = int(np.clip(width / share, 24, 420))
    nh = int(np.clip(width * flat.shape[0] / flat.shape[1] / tall, 10, 240))
    ground = background(rng, faces, nh, nw)
    points = corners * [nw, nh]
    if rng.random() < 0.3:
        hull = (points - points.mean(0)) * (1 + rng.uniform(0.02, 0.12)) + points.mean(0)
        shade = float(rng.uniform(0, 70) if rng.random() < 0.8 else rng.uniform(70, 240))
        cv2.fillPoly(ground, [np.round(hull * 16).astype(np.int32)], (shade, shade, shade), cv2.LINE_AA, 4)
    p = into(rng, flat, points, (nw, nh), ground)
    p, colourless = photo.photograph(rng, p, level, stages)
    for stage in after:
        p = np.clip(stage(rng, p, level), 0, 255)
    small = np.clip(np.round(p), 0, 255).astype(np.uint8) if whole else finish(p)
    flat_to_crop = cv2.getPerspectiveTransform(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32), corners.astype(np.float32))
    places = cv2.perspectiveTransform(places[None].astype(np.float32), flat_to_crop)[0]
    return small, text, "unknown" if colourless else colour, corners, places


def finish(p):
    h, w = p.shape[:2]
    p = cv2.resize(p, (W, H), interpolation=cv2.INTER_AREA if w > 1.2 * W or h > 1.2 * H else cv2.INTER_LINEAR)
    return np.clip(np.round(p), 0, 255).astype(np.uint8)


def no_plate(rng, faces, level):
    """A crop without a plate, or with too little of one."""
    nw, nh = int(rng.uniform(60, 300)), int(rng.uniform(24, 110))
    ground = background(rng, faces, nh, nw)
    k = rng.random()
    if k < 0.55:
        flat = sign(rng, faces)
        corners = quad(rng, rng.random() < 0.6, flat.shape[1] / flat.shape[0]) * [nw, nh]
        ground = into(rng, flat, corners, (nw, nh), ground)
    elif k < 0.75:
        text, style, layout = plates.sample(rng)
        flat = plates.draw(rng, faces.pick(rng), text, style, layout)[0]
        corners = quad(rng, False, 4)
        side = rng.integers(4)
        cut = rng.uniform(0.3, 0.7)
        corners += [[-cut, 0], [cut, 0], [0, -cut], [0, cut]][side]
        if rng.random() < 0.3:
            corners = (corners - 0.5) * rng.uniform(1.6, 3) + 0.5
        ground = into(rng, flat, corners * [nw, nh], (nw, nh), ground)
    p, _ = photo.photograph(rng, ground, level)
    return finish(p)
