"""Measures what the reader takes for what, for src/domain/matching/confusion.rs.

`python3 reader/confusions.py STATE [COUNT]` draws crops with the faces that are kept for calibration, and prints the table of
digits and the shares of syllables. Counted is what the reader holds possible, not only what it says in the end: a share
is the mean of the probabilities it gives to a wrong character, among all that it gives to wrong ones.
"""

import sys

import numpy as np
import torch

import crops
import faces
import held_out
import nets
import plates

VOWELS = {("ㅏ", "ㅓ"), ("ㅗ", "ㅜ")}
INITIALS, MEDIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"


def jamo(syllable):
    code = ord(syllable) - 0xAC00
    return INITIALS[code // 588], MEDIALS[code % 588 // 28], code % 28


def main():
    torch.set_num_threads(1)
    state, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 6000
    net = nets.Reader()
    net.load_state_dict(torch.load(state)["average"])
    net.eval()
    known = faces.Faces(np.random.default_rng([held_out.SEED, 4]), "calibration", 40)
    digits, syllables = np.zeros((10, 10)), np.zeros((len(plates.SYLLABLES),) * 2)
    for start in range(0, count, 50):
        drawn = []
        for at in range(start, min(start + 50, count)):
            rng = np.random.default_rng([held_out.SEED + 4, at])
            drawn.append(crops.crop(rng, known, rng.uniform(0.2, 0.6))[:2])
        x = np.stack([picture for picture, _ in drawn])[..., ::-1].copy()
        with torch.no_grad():
            out = net(torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255)
        of_digits, of_syllables = torch.softmax(out[2], 2).numpy(), torch.softmax(out[1], 1).numpy()
        for k, (_, text) in enumerate(drawn):
            slots = text.slots()
            for place, digit in enumerate(slots[2:]):
                if digit != plates.NOTHING:
                    digits[digit] += of_digits[k, place, :10]
            if slots[1]:
                syllables[slots[1] - 1] += of_syllables[k, 1:]
    wrong = digits * (1 - np.eye(10))
    # One case in five goes to all alike; the matcher wants a plate to be as far from another as back.
    shares = 0.8 * wrong / wrong.sum(1, keepdims=True) + 0.2 * (1 - np.eye(10)) / 9
    shares = (shares + shares.T) / 2
    print("digits: right", (np.trace(digits) / digits.sum()).round(4))
    for row in np.round(shares * 1000).astype(int):
        print("    [" + ", ".join(f"{share:4}" for share in row) + "],")
    wrong = syllables * (1 - np.eye(len(syllables)))
    wrong /= np.maximum(wrong.sum(1, keepdims=True), 1e-9)
    kinds, pairs = {"vowel": [], "kin": [], "far": []}, {}
    for a, true in enumerate(plates.SYLLABLES):
        for b, read in enumerate(plates.SYLLABLES):
            if a == b:
                continue
            one, other = jamo(true), jamo(read)
            differing = [k for k in range(3) if one[k] != other[k]]
            if differing == [0]:
                pairs.setdefault(tuple(sorted((one[0], other[0]))), []).append(wrong[a, b])
            elif differing == [1] and ((one[1], other[1]) in VOWELS or (other[1], one[1]) in VOWELS):
                kinds["vowel"].append(wrong[a, b])
            else:
                kinds["far" if len(differing) > 1 else "kin"].append(wrong[a, b])
    print("syllables: right", (np.trace(syllables) / syllables.sum()).round(4))
    for kind, values in kinds.items():
        print(kind, round(float(np.mean(values)) * 1000), "thousandths,", len(values), "pairs")
    for pair, values in sorted(pairs.items(), key=lambda item: -np.mean(item[1])):
        print("initial", *pair, round(float(np.mean(values)) * 1000), len(values))


if __name__ == "__main__":
    main()
