"""What training never sees: it is kept for measuring. The one place that names it."""

# Parts of file names of fonts.
FONTS = ("NotoSansCJK", "UnDotum", "B612", "FreeSans")

# Kept from training too, and used to fit what a confidence means (calibrate.py), never to report figures.
CALIBRATION = ("NanumBarunpen", "UnGraphic", "Oxygen", "SwitzeraADF-Demi", "NanumSquareRound", "Play-")

# The family of vector strokes with its own 3, 4, 6 and 9, its own curvature and its own proportions (faces.py).
STROKES = "plate_b"

# Distortions (photo.py): functions that the training draws never call.
DISTORTIONS = ("barrel", "webp", "chromatic", "fence", "interlace", "posterise")

# Seeds of the sets that are measured. Training draws from seeds below 1,000,000,000.
SEED = 5_000_000_000
