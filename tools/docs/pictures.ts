// Makes the pictures of docs/pictures by the program's own commands, on the embedded networks and images.
// Usage: npx tsx --conditions=source tools/docs/pictures.ts [name…]   (all, or those named; a minute or two)
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { run } from "../../packages/cli/src/main.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "docs/pictures");
const LARGEST = 150_000;

const cnn = "models/optotypes-cnn.onnx";
const vit = "models/optotypes-vit.onnx";
const letters = "models/optotypes/images";
const [k, r, h] = ["K/000011", "R/000004", "H/000001"].map((name) => `${letters}/${name}.png`) as [
  string,
  string,
  string,
];

interface PictureMaker {
  /** Commands, words between spaces; the last gets `--out`. `OUT` stands for the folder of what they write. */
  readonly commands: readonly (readonly string[])[];
  /** Picture → the file that the last command writes. */
  readonly files: Readonly<Record<string, string>>;
  /** Rows of pixels that are cut off at the top: a title that holds this machine's path. */
  readonly cut?: number;
}

const words = (line: string): string[] => line.split(" ");
const camSheet = (images: string, methods: string, upsampling: string): string[] =>
  words(`cam ${cnn} --images ${images} --method ${methods} --upsampling ${upsampling} --sheet`);

/** By the page that shows them. */
const makers: Readonly<Record<string, PictureMaker>> = {
  "heat-maps": {
    commands: [
      camSheet(`${k} ${h}`, "grad-cam,layer-cam,eigen-cam,guided-backprop,extended-cam", "gaussian"),
    ],
    files: { "heat-maps.png": "sheet-1.png" },
  },
  bilinear: {
    commands: [camSheet(`${k} ${h}`, "grad-cam,extended-cam", "bilinear")],
    files: { "upsampling-bilinear.png": "sheet-1.png" },
  },
  gaussian: {
    commands: [camSheet(`${k} ${h}`, "grad-cam,extended-cam", "gaussian")],
    files: { "upsampling-gaussian.png": "sheet-1.png" },
  },
  "receptive-field": {
    commands: [words(`erf ${cnn} --layer layer3.0 --images ${letters}`)],
    files: { "receptive-field.png": "erf.png", "receptive-field-profile.svg": "profile.svg" },
  },
  "dead-pixels": {
    commands: [words(`deadpixels ${cnn} --images ${letters}`)],
    files: { "dead-pixels.png": "erf.png", "dead-pixels-perturbation.svg": "perturbation.svg" },
  },
  prelayernorm: {
    commands: [words(`patch-embedding ${vit} --images ${letters}`)],
    files: { "patch-ratio.svg": "ratio.svg", "patch-accuracy.svg": "accuracy.svg" },
  },
  robustness: {
    commands: [
      words(
        `corrupt ${r} --corruptions gaussian_noise,motion_blur,fog,contrast,jpeg_compression --severity 1,3,5`,
      ),
    ],
    files: { "corruptions.png": "sheet__000004.png" },
    cut: 56,
  },
  groups: {
    commands: [
      words(
        "network mlp -o OUT/mlp.onnx --set widths=512,256,128,64,64,64,64,64 --set normalization=gn --set groups=16",
      ),
      words(`groups OUT/mlp.onnx --images ${letters}`),
    ],
    files: { "groups-profile.svg": "profile.svg" },
  },
  gammas: {
    commands: [words(`gammas ${cnn} --images ${letters}`)],
    files: { "gammas-variance-ratios.svg": "variance-ratios.svg" },
  },
  "failed-photo": {
    commands: [
      words(`corrupt ${k} --corruptions contrast --severity 4 --out OUT/photo`),
      [
        ...words(
          `cam ${cnn} --images OUT/photo/000011__contrast__4.png --method extended-cam --upsampling gaussian`,
        ),
        ...["--target", "top3", "--target", "V vs K", "--signed", "--sheet"],
      ],
    ],
    files: { "failed-photo.png": "sheet-1.png" },
  },
};

async function make({ commands, files, cut = 0 }: PictureMaker): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), "snellen-pictures-"));
  try {
    for (const [i, command] of commands.entries()) {
      const given = command.map((word) => word.replace("OUT", out));
      const args = i === commands.length - 1 ? [...given, "--out", join(out, "made")] : given;
      const said: string[] = [];
      const stream = { write: (text: string) => said.push(text) };
      const code = await run(args, { stdout: stream, stderr: stream });
      if (code !== 0) throw new Error(`snellen ${args.join(" ")}\n${said.join("")}`);
    }
    for (const [name, from] of Object.entries(files))
      await keep(join(out, "made", from), join(folder, name), cut);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** PNG in a palette, which nobody tells from more colours at this size; SVG as it is. */
async function keep(from: string, to: string, cut: number): Promise<void> {
  if (extname(to) === ".png") {
    const { width, height } = await sharp(from).metadata();
    await sharp(from)
      .extract({ left: 0, top: cut, width, height: height - cut })
      .png({ palette: true, colours: 160, dither: 0.5, compressionLevel: 9 })
      .toFile(to);
  } else copyFileSync(from, to);
  const { size } = statSync(to);
  if (size > LARGEST) throw new Error(`${to} has ${size} bytes, more than ${LARGEST}`);
  console.log(`${to.replace(root, "")} ${size} bytes`);
}

process.chdir(root);
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => makers[name] === undefined);
if (unknown.length > 0)
  throw new Error(`no picture ${unknown.join(", ")}; there are ${Object.keys(makers).join(", ")}`);
for (const [name, maker] of Object.entries(makers))
  if (wanted.length === 0 || wanted.includes(name)) await make(maker);
