"""What a camera and the weather make of a picture. Pictures are BGR, float32, 0 to 255; each function returns one."""

import cv2
import numpy as np


def soft_noise(rng, h, w, cells):
    small = rng.normal(0, 1, (max(h // cells, 2), max(w // cells, 2))).astype(np.float32)
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)


def uneven_light(rng, p, level):
    h, w = p.shape[:2]
    a, b = rng.uniform(-1, 1, 2) * 0.5 * level
    ramp = 1 + a * np.linspace(-1, 1, w, dtype=np.float32)[None, :] + b * np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    return p * ramp[..., None]


def shadow(rng, p, level):
    h, w = p.shape[:2]
    mask = np.zeros((h, w), np.float32)
    x = rng.uniform(-0.2, 1.2, 4) * w
    y = rng.uniform(-0.2, 1.2, 4) * h
    if rng.random() < 0.5:
        points = [(x[0], 0), (x[1], 0), (x[2], h), (x[3], h)]
    else:
        points = [(0, y[0]), (0, y[1]), (w, y[2]), (w, y[3])]
    cv2.fillPoly(mask, [np.array(points, np.int32)], 1.0, cv2.LINE_AA)
    mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.4, 4))
    return p * (1 - mask * rng.uniform(0.2, 0.45 + 0.25 * level))[..., None]


def glare(rng, p, level):
    h, w = p.shape[:2]
    mask = np.zeros((h, w), np.float32)
    centre = (int(rng.uniform(0, w)), int(rng.uniform(0, h)))
    axes = (int(max(rng.uniform(0.05, 0.35) * w, 1)), int(max(rng.uniform(0.1, 0.6) * h, 1)))
    cv2.ellipse(mask, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), max(h * rng.uniform(0.08, 0.25), 0.6))
    return p + (255 - p) * (mask * rng.uniform(0.2, 0.45 + 0.25 * level))[..., None]


def dirt(rng, p, level):
    h, w = p.shape[:2]
    noise = soft_noise(rng, h, w, int(rng.integers(4, 16)))
    mask = np.clip((noise - rng.uniform(0.5, 1.5)) * rng.uniform(0.6, 2), 0, 1) * rng.uniform(0.25, 0.5 + 0.3 * level)
    colour = np.array(rng.choice([[60, 80, 95], [90, 100, 110], [40, 45, 50], [190, 195, 200]]), np.float32)
    return p + (colour - p) * mask[..., None]


def spots(rng, p, level):
    h, w = p.shape[:2]
    for _ in range(int(rng.integers(1, 4 + 8 * level))):
        c = float(rng.uniform(20, 230))
        cv2.circle(p, (int(rng.uniform(0, w)), int(rng.uniform(0, h))), int(max(1, rng.uniform(0.01, 0.06) * h)), (c, c, c), -1, cv2.LINE_AA)
    return p


def blur(rng, p, level):
    return cv2.GaussianBlur(p, (0, 0), rng.uniform(0.3, 0.5 + 0.9 * level))


def motion(rng, p, level):
    length = rng.uniform(1.5, 2.5 + 5 * level)
    n = int(np.ceil(length)) | 1
    kernel = np.zeros((n, n), np.float32)
    angle = rng.normal(0, 0.35) if rng.random() < 0.75 else rng.uniform(0, np.pi)
    c, s = np.cos(angle) * length / 2, np.sin(angle) * length / 2
    m = n // 2
    cv2.line(kernel, (int((m - c) * 16), int((m - s) * 16)), (int((m + c) * 16), int((m + s) * 16)), 1.0, 1, cv2.LINE_AA, 4)
    return cv2.filter2D(p, -1, kernel / max(kernel.sum(), 1e-3), borderType=cv2.BORDER_REFLECT)


def rain(rng, p, level):
    h, w = p.shape[:2]
    streaks = np.zeros((h, w), np.float32)
    slope = rng.uniform(-0.3, 0.3)
    for _ in range(int(w * rng.uniform(0.05, 0.1 + 0.15 * level))):
        x, y, length = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0.08, 0.35) * h
        cv2.line(streaks, (int(x), int(y)), (int(x + slope * length), int(y + length)), 1.0, 1, cv2.LINE_AA)
    streaks = cv2.GaussianBlur(streaks, (0, 0), 0.6)
    p = p * rng.uniform(0.75, 1.0)
    return p + (rng.uniform(150, 230) - p) * (streaks * rng.uniform(0.15, 0.5))[..., None]


def night(rng, p, level):
    p = p * rng.uniform(0.12, 0.45)
    tint = np.array([rng.uniform(0.7, 1.1), rng.uniform(0.85, 1.05), rng.uniform(0.9, 1.3)], np.float32)
    p = p * tint + rng.normal(0, rng.uniform(2, 4 + 4 * level), p.shape).astype(np.float32)
    if rng.random() < 0.7:
        p = p * rng.uniform(1.2, 2.4)
    return p


def headlight(rng, p, level):
    h, w = p.shape[:2]
    x, y = rng.uniform(-0.3, 1.3) * w, rng.uniform(-0.6, 1.4) * h
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    d = ((xx - x) / w) ** 2 * rng.uniform(3, 12) + ((yy - y) / h) ** 2 * rng.uniform(0.5, 3)
    return p + (np.exp(-d) * rng.uniform(60, 120 + 100 * level))[..., None] * np.array([0.92, 1.0, 1.0], np.float32)


def infrared(rng, p, level):
    grey = p @ np.array(rng.dirichlet([2, 4, 3]), np.float32)
    if rng.random() < 0.5:
        grey = (grey - 110) * rng.uniform(1.0, 1.6) + rng.uniform(90, 150)
    return np.repeat(grey[..., None], 3, 2)


def grey(rng, p, level):
    return np.repeat((p @ np.array([0.114, 0.587, 0.299], np.float32))[..., None], 3, 2)


def exposure(rng, p, level):
    p = np.clip(p, 0, 255)
    p = 255 * (p / 255) ** np.float32(np.exp(rng.normal(0, 0.25 + 0.2 * level)))
    return (p - 128) * rng.uniform(0.5 - 0.1 * level, 1.25) + 128 + rng.normal(0, 12 + 12 * level)


def cast(rng, p, level):
    return p * (1 + rng.normal(0, 0.05 + 0.06 * level, 3)).astype(np.float32)


def noise(rng, p, level):
    return p + rng.normal(0, rng.uniform(1, 4 + 11 * level), p.shape).astype(np.float32)


def grey_noise(rng, p, level):
    return p + rng.normal(0, rng.uniform(1, 4 + 11 * level), p.shape[:2]).astype(np.float32)[..., None]


def jpeg(rng, p, level):
    quality = int(rng.uniform(70 - 50 * level, 96))
    return cv2.imdecode(cv2.imencode(".jpg", np.clip(p, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1).astype(np.float32)


def sharpen(rng, p, level):
    soft = cv2.GaussianBlur(p, (0, 0), rng.uniform(0.7, 1.6))
    return p + (p - soft) * rng.uniform(0.4, 1 + level)


def wire(rng, p, level):
    h, w = p.shape[:2]
    c = float(rng.uniform(0, 200))
    cv2.line(p, (int(rng.uniform(0, w)), -2), (int(rng.uniform(0, w)), h + 2), (c, c, c), int(rng.integers(1, 2 + round(level))), cv2.LINE_AA)
    return p


# Order matters: the world, then the lens, then the sensor, then the file.
STAGES = (
    (uneven_light, 0.5), (shadow, 0.2), (dirt, 0.2), (spots, 0.12), (wire, 0.03), (glare, 0.12), (headlight, 0.08), (rain, 0.07),
    (exposure, 0.7), (cast, 0.5), (blur, 0.4), (motion, 0.2), (night, 0.1), (infrared, 0.06), (grey, 0.05), (noise, 0.35),
    (grey_noise, 0.25), (sharpen, 0.15), (jpeg, 0.5),
)  # fmt: skip
COLOURLESS = (infrared, grey)


def photograph(rng, p, level, stages=STAGES):
    """Applies what chance picks, at a level from 0 (mild) to 1 (hard). Says whether the colours are gone."""
    colourless = False
    chance = 0.55 + 0.6 * level
    for stage, likely in stages:
        if rng.random() < likely * chance:
            p = stage(rng, np.ascontiguousarray(p, np.float32), level)
            colourless |= stage in COLOURLESS
    return np.clip(p, 0, 255), colourless


# Held out: only measured with, never trained with.


def barrel(rng, p, level):
    h, w = p.shape[:2]
    k = rng.uniform(-0.12, 0.16) * (0.5 + level / 2)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = (xx / w - 0.5) * 2, (yy / h - 0.5) * 2
    f = 1 + k * (x * x + y * y)
    return cv2.remap(p, (x * f / 2 + 0.5) * w, (y * f / 2 + 0.5) * h, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def webp(rng, p, level):
    quality = int(rng.uniform(50 - 35 * level, 80))
    return cv2.imdecode(cv2.imencode(".webp", np.clip(p, 0, 255).astype(np.uint8), [cv2.IMWRITE_WEBP_QUALITY, quality])[1], 1).astype(np.float32)


def chromatic(rng, p, level):
    d = rng.uniform(-1.2, 1.2, 4) * (0.4 + 0.6 * level)
    q = p.copy()
    for channel, (dx, dy) in ((0, d[:2]), (2, d[2:])):
        q[..., channel] = cv2.warpAffine(p[..., channel], np.array([[1, 0, dx], [0, 1, dy]], np.float32), (p.shape[1], p.shape[0]), borderMode=cv2.BORDER_REFLECT)
    return q


def fence(rng, p, level):
    h, w = p.shape[:2]
    step, c = rng.uniform(0.18, 0.4) * h, float(rng.uniform(30, 160))
    mask = np.zeros((h, w), np.float32)
    x = rng.uniform(0, step)
    while x < w + h:
        cv2.line(mask, (int(x), 0), (int(x - h), h), 1.0, 1, cv2.LINE_AA)
        x += step
    return p + (c - p) * (mask * rng.uniform(0.15, 0.3 + 0.25 * level))[..., None]


def interlace(rng, p, level):
    q = p.copy()
    q[1::2] = np.roll(p, int(rng.choice([-1, 1]) * rng.integers(1, 2 + round(level))), 1)[1::2]
    return q


def posterise(rng, p, level):
    step = 255 / rng.integers(6, 14)
    return np.round(p / step) * step


HELD_OUT = {f.__name__: f for f in (barrel, webp, chromatic, fence, interlace, posterise)}
