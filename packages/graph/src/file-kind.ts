// What a file is when it is no ONNX model: told by its first bytes, with the way to an ONNX model from there.

/** What a file is that is no ONNX model, and the way to one from there. */
export interface ForeignFile {
  /** Completes "this is …". */
  readonly what: string;
  /** A sentence on what to do. */
  readonly hint: string;
}

interface Kind extends ForeignFile {
  /** How the first bytes read as Latin-1 text: one of these beginnings, or a pattern. */
  readonly magic: readonly string[] | RegExp;
}

const FROM_PYTORCH = "Export it first: torch.onnx.export(model, example, 'model.onnx').";
const NOT_A_MODEL = "Give the .onnx file; images go to --images.";
const UNPACK = "Unpack it first.";

const KINDS: readonly Kind[] = [
  {
    magic: ["PK\x03\x04"],
    what: "a zip archive, as PyTorch's .pt files and Keras' .keras files are",
    hint: FROM_PYTORCH,
  },
  {
    magic: ["\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"],
    what: "a Python pickle, as PyTorch's .pth files are",
    hint: FROM_PYTORCH,
  },
  {
    magic: /^[\s\S]{2}\0\0TFL3/,
    what: "a TensorFlow Lite model",
    hint: "Convert it: python -m tf2onnx.convert --tflite model.tflite --output model.onnx.",
  },
  {
    magic: /^[\s\S]{2}\0\0ORTM/,
    what: "a model in ONNX Runtime's own format",
    hint: "Give the .onnx file that it was made from.",
  },
  {
    magic: ["\x89HDF"],
    what: "an HDF5 file, as Keras' .h5 models are",
    hint: "Convert it with tf2onnx.convert.from_keras.",
  },
  { magic: ["GGUF"], what: "a GGUF model", hint: "Give an ONNX export of the network." },
  {
    magic: /^[\s\S]{6}\0\0\{\s*"/,
    what: "a safetensors file: weights without a network",
    hint: "Load it into its network and export that: torch.onnx.export(model, example, 'model.onnx').",
  },
  {
    magic: ["version https://git-lfs"],
    what: "a Git LFS pointer, not the model itself",
    hint: "Fetch it with `git lfs pull`.",
  },
  { magic: /^\s*<(!doctype|html)/i, what: "a web page", hint: "The download failed; fetch the file again." },
  { magic: /^\s*<\?xml/i, what: "an XML file", hint: "Give the .onnx file." },
  { magic: /^\s*[{[]\s*["[{\d}\]]/, what: "a JSON file", hint: "Give the .onnx file." },
  { magic: ["\xff\xd8\xff"], what: "a JPEG image", hint: NOT_A_MODEL },
  { magic: ["\x89PNG"], what: "a PNG image", hint: NOT_A_MODEL },
  { magic: ["GIF8"], what: "a GIF image", hint: NOT_A_MODEL },
  { magic: /^RIFF[\s\S]{4}WEBP/, what: "a WebP image", hint: NOT_A_MODEL },
  { magic: ["\x93NUMPY"], what: "a NumPy array", hint: NOT_A_MODEL },
  { magic: ["\x1f\x8b"], what: "a gzip archive", hint: UNPACK },
  { magic: ["\xfd7zXZ"], what: "an xz archive", hint: UNPACK },
  { magic: ["\x28\xb5\x2f\xfd"], what: "a Zstandard archive", hint: UNPACK },
  { magic: ["7z\xbc\xaf"], what: "a 7-Zip archive", hint: UNPACK },
];

/** Protobufs and others that no magic number tells, by the ending of the name. */
const ENDINGS: { readonly [ending: string]: ForeignFile } = {
  pb: {
    what: "no ONNX model; TensorFlow graphs end in .pb",
    hint: "Convert it: python -m tf2onnx.convert --saved-model folder --output model.onnx.",
  },
  pdmodel: { what: "no ONNX model; Paddle's end in .pdmodel", hint: "Convert it with paddle2onnx." },
  mlmodel: { what: "no ONNX model; Core ML's end in .mlmodel", hint: "Give an ONNX export of the network." },
  caffemodel: { what: "no ONNX model; Caffe's end in .caffemodel", hint: "Convert it with caffe2onnx." },
};

/**
 * Recognizes a file of another kind by its beginning (64 bytes suffice), or by its name where that is given; undefined for
 * anything else, ONNX included.
 */
export function recognizeForeignFile(bytes: Uint8Array, name = ""): ForeignFile | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const kind = KINDS.find(({ magic }) =>
    magic instanceof RegExp ? magic.test(start) : magic.some((text) => start.startsWith(text)),
  );
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return kind ?? (Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined);
}
