"""Scenes for the locator: streets, car parks and cars with plates, and much that looks like one and is none.

`scale` is 1 for 1280 x 720; the locator sees pictures at 0.5.
"""

import cv2
import numpy as np

import crops
import photo
import plates


def shade(rng):
    """A colour of the world: mostly grey."""
    return np.clip(rng.uniform(10, 250) + rng.normal(0, 22 if rng.random() < 0.7 else 70, 3), 0, 255)


def t(colour):
    return tuple(float(v) for v in colour)


def ground(rng, faces, h, w, s):
    p = np.empty((h, w, 3), np.float32)
    sky = int(rng.uniform(-0.2, 0.75) * h)
    p[:] = shade(rng)
    if sky > 0:
        a, b = shade(rng), shade(rng)
        ramp = np.linspace(0, 1, sky, dtype=np.float32)[:, None, None]
        p[:sky] = a * (1 - ramp) + b * ramp
    if rng.random() < 0.6:
        for top, bottom in ((0, h),) if rng.random() < 0.4 else ((0, max(sky, 0)), (max(sky, 0), h)):
            piece = faces.textures.patch(rng, bottom - top, w) if bottom - top > 8 else None
            if piece is not None:
                p[top:bottom] = piece
    p += photo.soft_noise(rng, h, w, int(rng.integers(3, 60)))[..., None] * rng.uniform(1, 26)
    for _ in range(int(rng.integers(0, 6))):  # walls, pillars, windows
        x, y = int(rng.uniform(-0.2, 1) * w), int(rng.uniform(-0.3, 0.7) * h)
        bw, bh = int(rng.uniform(0.05, 0.6) * w), int(rng.uniform(0.1, 0.9) * h)
        cv2.rectangle(p, (x, y), (x + bw, y + bh), t(shade(rng)), -1)
        if rng.random() < 0.5:
            wall = p[max(y, 0) : y + bh, max(x, 0) : x + bw]
            piece = faces.textures.patch(rng, *wall.shape[:2]) if min(wall.shape[:2]) > 8 else None
            if piece is not None:
                wall[:] = piece
        if rng.random() < 0.5:
            c = t(shade(rng))
            gx, gy = int(rng.uniform(10, 60) * s) + 3, int(rng.uniform(10, 60) * s) + 3
            fill = -1 if rng.random() < 0.6 else 1
            for yy in range(y + gy // 2, min(y + bh, h) - gy // 2, gy):
                for xx in range(x + gx // 2, min(x + bw, w) - gx // 2, gx):
                    cv2.rectangle(p, (xx, yy), (xx + gx * 2 // 3, yy + gy // 2), c, fill)
    for _ in range(int(rng.integers(0, 7))):  # lines on the floor, wires, kerbs
        c = t(shade(rng) if rng.random() < 0.5 else (230, 235, 240))
        cv2.line(p, (int(rng.uniform(-0.2, 1.2) * w), int(rng.uniform(0, 1.1) * h)), (int(rng.uniform(-0.2, 1.2) * w), int(rng.uniform(0, 1.1) * h)), c, max(int(rng.uniform(1, 14) * s), 1), cv2.LINE_AA)
    if rng.random() < 0.3:  # leaves
        mask = np.clip(photo.soft_noise(rng, h, w, int(rng.integers(3, 10))) * 2 + photo.soft_noise(rng, h, w, 60), 0, 1)
        p += (np.array([30, rng.uniform(60, 120), rng.uniform(30, 80)], np.float32) - p) * mask[..., None]
    return p


def car(rng, faces, p, cx, cy, cw, s):
    """A car from the front or behind, about cw pixels wide; (x, y, width) of where its plate belongs."""
    h = cw * rng.uniform(0.6, 0.85)
    paint = np.clip(shade(rng), 5, 250)
    dark = paint * rng.uniform(0.3, 0.7)
    x0, x1, y0, y1 = cx - cw / 2, cx + cw / 2, cy - h * 0.55, cy + h * 0.45

    def poly(points, colour):
        cv2.fillPoly(p, [np.round(np.array(points) * 16).astype(np.int32)], t(colour), cv2.LINE_AA, 4)

    roof = rng.uniform(0.1, 0.2) * cw
    poly([(x0 + roof, y0), (x1 - roof, y0), (x1, y0 + 0.38 * h), (x1, y1), (x0, y1), (x0, y0 + 0.38 * h)], paint)
    glass = np.clip(rng.uniform(15, 130) + rng.normal(0, 12, 3), 0, 255)
    poly([(x0 + roof * 1.25, y0 + 0.05 * h), (x1 - roof * 1.25, y0 + 0.05 * h), (x1 - roof * 0.6, y0 + 0.34 * h), (x0 + roof * 0.6, y0 + 0.34 * h)], glass)
    bumper = y0 + rng.uniform(0.68, 0.78) * h
    poly([(x0, bumper), (x1, bumper), (x1, y1), (x0, y1)], dark if rng.random() < 0.5 else paint * 0.92)
    poly([(x0 + 0.02 * cw, y1 - 0.1 * h), (x1 - 0.02 * cw, y1 - 0.1 * h), (x1 - 0.05 * cw, y1), (x0 + 0.05 * cw, y1)], (25, 25, 25))
    lamp = rng.choice([[240, 245, 250], [40, 40, 190], [30, 30, 120], [200, 210, 215], [40, 120, 220]]).astype(float)
    lw, lh, ly = rng.uniform(0.1, 0.24) * cw, rng.uniform(0.06, 0.16) * h, y0 + rng.uniform(0.42, 0.56) * h
    for side in (-1, 1):
        lx = cx + side * (cw / 2 - lw * 0.62)
        if rng.random() < 0.5:
            cv2.ellipse(p, (int(lx), int(ly)), (max(int(lw / 2), 1), max(int(lh / 2), 1)), side * rng.uniform(0, 20), 0, 360, t(lamp), -1, cv2.LINE_AA)
        else:
            cv2.rectangle(p, (int(lx - lw / 2), int(ly - lh / 2)), (int(lx + lw / 2), int(ly + lh / 2)), t(lamp), -1)
        cv2.ellipse(p, (int(cx + side * cw * 0.4), int(y1)), (max(int(cw * 0.08), 1), max(int(cw * 0.09), 1)), 0, 0, 360, (22, 22, 22), -1)
    if rng.random() < 0.65:  # a grille
        gw, gh = rng.uniform(0.25, 0.6) * cw, rng.uniform(0.08, 0.25) * h
        gy = y0 + rng.uniform(0.45, 0.6) * h
        cv2.rectangle(p, (int(cx - gw / 2), int(gy)), (int(cx + gw / 2), int(gy + gh)), t(dark * 0.4), -1)
        c, step = t(np.clip(shade(rng), 60, 255)), max(rng.uniform(0.03, 0.09) * gw, 2)
        thick = max(int(rng.uniform(1, 3) * s), 1)
        if rng.random() < 0.6:
            for y in np.arange(gy, gy + gh, step):
                cv2.line(p, (int(cx - gw / 2), int(y)), (int(cx + gw / 2), int(y)), c, thick)
        if rng.random() < 0.5:
            for x in np.arange(cx - gw / 2, cx + gw / 2, step):
                cv2.line(p, (int(x), int(gy)), (int(x), int(gy + gh)), c, thick)
        cv2.circle(p, (int(cx), int(gy + gh / 2)), max(int(gh * 0.3), 1), t(shade(rng)), -1, cv2.LINE_AA)
    # The street mirrors itself in paint and glass.
    body = p[max(int(y0), 0) : max(int(y1), 0), max(int(x0), 0) : max(int(x1), 0)]
    if min(body.shape[:2]) > 8:
        bh, bw = body.shape[:2]
        body *= 1 + (photo.soft_noise(rng, bh, bw, max(int(rng.uniform(0.1, 0.5) * bh), 3)) * rng.uniform(0, 0.2))[..., None]
        piece = faces.textures.patch(rng, bh, bw) if rng.random() < 0.4 else None
        if piece is not None:
            body += (piece - body) * rng.uniform(0.05, 0.35)
    place = y0 + (rng.uniform(0.78, 0.88) if rng.random() < 0.6 else rng.uniform(0.5, 0.66)) * h
    return cx + rng.normal(0, 0.02) * cw, place, cw * rng.uniform(0.24, 0.34)


def paste(rng, p, flat, points):
    """Warps a flat picture into the scene, touching its own box alone."""
    H, W = p.shape[:2]
    low, high = np.floor(points.min(0)).astype(int) - 2, np.ceil(points.max(0)).astype(int) + 3
    x0, y0, x1, y1 = max(low[0], 0), max(low[1], 0), min(high[0], W), min(high[1], H)
    if x1 - x0 < 3 or y1 - y0 < 3:
        return
    p[y0:y1, x0:x1] = crops.into(rng, flat, points - [x0, y0], (int(x1 - x0), int(y1 - y0)), p[y0:y1, x0:x1])


def inside(points, h, w):
    return (points > 1).all() and (points[:, 0] < w - 2).all() and (points[:, 1] < h - 2).all()


def scene(rng, faces, h, w, scale, level, wanted=None, narrowest=44, stages=None, after=()):
    """(picture, [(text, colour, corners)], [corners of what only looks like a plate]). `wanted` plates, or as chance will have it; `narrowest` in pixels of 1280."""
    s = scale
    p = ground(rng, faces, h, w, s)
    if wanted is None:
        wanted = int(rng.choice([0, 1, 2, 3], p=[0.22, 0.5, 0.2, 0.08]))
    alike = []
    for _ in range(int(rng.integers(0, 5))):
        put_sign(rng, p, faces, h, w, s, alike)
    found, taken = [], []
    empty = int(rng.integers(0, 2)) if wanted else int(rng.integers(0, 3))
    for at in range(wanted + empty):
        real = at >= empty
        for _ in range(8):
            text, style, layout = plates.sample(rng)
            width = np.exp(rng.uniform(np.log(narrowest), np.log(420))) * s
            cx, cy = rng.uniform(0.05, 0.95) * w, rng.uniform(0.1, 0.95) * h
            if layout != "long":
                width *= 0.75
            on_car = rng.random() < 0.75
            box = np.array([cx - width * 2, cy - width * 2, cx + width * 2, cy + width * 2]) if on_car else np.array([cx - width, cy - width / 2, cx + width, cy + width / 2])
            if all(box[2] < o[0] or box[0] > o[2] or box[3] < o[1] or box[1] > o[3] for o in taken) or rng.random() < 0.02:
                break
        else:
            continue
        if on_car:
            cw = width / rng.uniform(0.24, 0.36)
            mark = p.copy()
            cx, cy, _ = car(rng, faces, p, cx, cy - 0.2 * cw, cw, s)
            del mark
        if not real:
            taken.append(box)
            if rng.random() < 0.6:  # an empty place for a plate
                flat = np.full((40, 180, 3), 0, np.float32) + shade(rng).astype(np.float32)
                alike.append(crops.pose(rng, 4.5) * (width / 9) + [cx, cy])
                paste(rng, p, flat, alike[-1])
            elif rng.random() < 0.6:
                flat = crops.sign(rng, faces)
                alike.append(crops.pose(rng, flat.shape[1] / flat.shape[0]) * (width / 2 / (flat.shape[1] / flat.shape[0])) + [cx, cy])
                paste(rng, p, flat, alike[-1])
            continue
        flat, colour, _ = plates.draw(rng, faces.pick(rng), text, style, layout)
        aspect = flat.shape[1] / flat.shape[0]
        corners = crops.pose(rng, aspect) * (width / 2 / aspect) + [cx, cy]
        if not inside(corners, h, w):
            continue
        if any((corners[:, 0].min() < o[:, 0].max() and corners[:, 0].max() > o[:, 0].min() and corners[:, 1].min() < o[:, 1].max() and corners[:, 1].max() > o[:, 1].min()) for _, _, o in found):
            continue
        k = rng.random()
        if k < 0.5:
            c = t((rng.uniform(5, 60),) * 3 if rng.random() < 0.75 else shade(rng))
            hull = (corners - corners.mean(0)) * rng.uniform(1.03, 1.25) + corners.mean(0)
            cv2.fillPoly(p, [np.round(hull * 16).astype(np.int32)], c, cv2.LINE_AA, 4)
        paste(rng, p, flat, corners)
        found.append((text, colour, corners))
        taken.append(box)
        # A later car may not hide an earlier plate.
        taken.append(np.array([*corners.min(0), *corners.max(0)]))
    for _ in range(int(rng.integers(0, 3))):
        put_sign(rng, p, faces, h, w, s, alike, avoid=[o for _, _, o in found])
    p, colourless = photo.photograph(rng, p, level, stages or SCENE_STAGES)
    for stage in after:
        p = np.clip(stage(rng, p, level), 0, 255)
    return np.clip(np.round(p), 0, 255).astype(np.uint8), [(a, "unknown" if colourless else b, c) for a, b, c in found], alike


def put_sign(rng, p, faces, h, w, s, alike, avoid=()):
    flat = crops.sign(rng, faces)
    aspect = flat.shape[1] / flat.shape[0]
    width = np.exp(rng.uniform(np.log(30), np.log(500))) * s
    points = crops.pose(rng, aspect) * (width / 2 / aspect) + [rng.uniform(0, w), rng.uniform(0, h)]
    low, high = points.min(0) - 2, points.max(0) + 2
    for o in avoid:
        if (low < o.max(0)).all() and (high > o.min(0)).all():
            return
    alike.append(points)
    paste(rng, p, flat, points)


SCENE_STAGES = (
    (photo.uneven_light, 0.3), (photo.shadow, 0.2), (photo.glare, 0.06), (photo.headlight, 0.1), (photo.rain, 0.08), (photo.exposure, 0.6),
    (photo.cast, 0.4), (photo.blur, 0.3), (photo.motion, 0.1), (photo.night, 0.12), (photo.infrared, 0.06), (photo.grey, 0.05),
    (photo.noise, 0.2), (photo.grey_noise, 0.2), (photo.sharpen, 0.1), (photo.jpeg, 0.4),
)  # fmt: skip
