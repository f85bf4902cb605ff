"""Writes matplotlib's tables of perceptual colour maps as TypeScript: 256 colours each, as published.

Run: python tools/reference/color_maps.py
Writes packages/snellen/src/images/color-map-tables.ts (matplotlib 3.11.2; not needed to run anything).
"""

import pathlib

import matplotlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/images/color-map-tables.ts"
NAMES = ["cividis", "viridis", "magma", "inferno", "turbo"]

HEADER = """\
// Colour tables as published, 256 colours each from low to high, `rrggbb`. Written by tools/reference/color_maps.py.
// cividis: Nuñez, Anderton & Renslow, PLoS ONE 13(7), 2018. viridis, magma, inferno: Smith & van der Walt, CC0. turbo: Google, 2019.
"""


def table(name: str) -> str:
    colours = (matplotlib.colormaps[name](i)[:3] for i in range(256))
    return "".join(f"{round(c * 255):02x}" for colour in colours for c in colour)


def main() -> None:
    lines = [f'export const {name.upper()} =\n  "{table(name)}";' for name in NAMES]
    OUT.write_text(HEADER + "\n" + "\n\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
