"""Puts fonts of npm's @fontsource packages (all under the Open Font License) into reader/fonts: letterforms for training
beyond those that Debian has. `python3 reader/fetch_fonts.py`; npm must be there.
"""

import os
import re
import subprocess
import tarfile
import tempfile

import faces

KOREAN = "bagel-fat-one black-han-sans do-hyeon gothic-a1 gowun-dodum gugi hahmlet ibm-plex-sans-kr jua nanum-gothic-coding orbit sunflower"
LATIN = """
aldrich allerta allerta-stencil anton antonio archivo archivo-black archivo-narrow armata asap-condensed assistant bai-jamjuree
barlow barlow-condensed barlow-semi-condensed big-shoulders-display black-ops-one blinker carme chakra-petch changa comfortaa
cuprum dm-mono dm-sans economica electrolize encode-sans-condensed exo-2 fira-sans-condensed fira-sans-extra-condensed
fjalla-one francois-one gudea heebo hind homenaje ibm-plex-mono ibm-plex-sans-condensed inconsolata jetbrains-mono
josefin-sans jost k2d kanit karla khand krub league-gothic lexend m-plus-rounded-1c manrope marvel mohave monda montserrat
mukta niramit nova-square nunito oswald outfit overpass overpass-mono oxanium passion-one pathway-gothic-one poppins
pragati-narrow prompt public-sans quantico rajdhani red-hat-display red-hat-mono roboto-mono rubik russo-one saira
saira-condensed saira-extra-condensed saira-semi-condensed saira-stencil-one sarpanch share-tech share-tech-mono
signika-negative sofia-sans-condensed sofia-sans-extra-condensed sora source-code-pro source-sans-3 space-grotesk space-mono
squada-one staatliches strait tauri teko telex titillium-web tomorrow ubuntu ubuntu-condensed urbanist varela-round viga
work-sans
"""
KOREAN_WEIGHTS, WEIGHTS = (400, 500, 700, 800, 900), (400, 600, 800)


def wanted(names, korean):
    """The files of a package to take: FAMILY-SUBSET-WEIGHT-normal.woff."""
    found = {}
    for name in names:
        match = re.fullmatch(r".*-(latin|korean)-(\d+)-normal\.woff", name)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = name
    latin = found.get("latin", {})
    if korean:
        weights = [weight for weight in KOREAN_WEIGHTS if weight in found.get("korean", {}) and weight in latin]
        return [found[subset][weight] for weight in weights for subset in ("korean", "latin")]
    weights = {weight for weight in WEIGHTS if weight in latin} or {weight for weight in sorted(latin)[:1] if weight >= 400}
    if 600 not in latin and 700 in latin:
        weights.add(700)
    return [latin[weight] for weight in sorted(weights)]


def main():
    os.makedirs(faces.OWN_FOLDER, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for families, korean in ((KOREAN.split(), True), (LATIN.split(), False)):
            for start in range(0, len(families), 8):
                packages = [f"@fontsource/{family}" for family in families[start : start + 8]]
                told = subprocess.run(["npm", "pack", "--silent", *packages], cwd=folder, check=True, capture_output=True, text=True).stdout
                for name in told.split():
                    with tarfile.open(os.path.join(folder, name)) as package:
                        for member in wanted(package.getnames(), korean):
                            with open(os.path.join(faces.OWN_FOLDER, os.path.basename(member)), "wb") as out:
                                out.write(package.extractfile(member).read())
    print(len(os.listdir(faces.OWN_FOLDER)), "font files in", faces.OWN_FOLDER)


if __name__ == "__main__":
    main()
