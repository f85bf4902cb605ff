// One cell of a layer by windows. Oracle: the same cell and the same gradient from whole maps in ONNX Runtime, on random networks;
// their activations are smooth, so that another order of summation (1e-7 a step in single precision) flips nothing. Window sizes
// are counted by hand.
import { backpropagate } from "@snellen/autodiff";
import { createBuilder, type Model, type Node, removeDead } from "@snellen/graph";
import fc from "fast-check";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { ones } from "../../cam/method.ts";
import { noise, openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { accumulation } from "./accumulation.ts";
import { cropToCell } from "./crop-to-cell.ts";
import { FIELD, fieldGraph } from "./field-graph.ts";

type Cell = readonly [row: number, column: number];

/** A network whose layer "features" is what the body computes of `image`. */
const network = (
  body: string,
  { size = [24, 20], weights = "", constants = "", channels = 4 } = {},
): VisionModel =>
  openTextModel(`<ir_version: 9, opset_import: ["": 18]>
  agraph (float[N,3,${size}] image${weights}, float[${channels},2] head) => (float[N,2] logits) ${constants} {
    ${body}
    mean = GlobalAveragePool (features) flat = Flatten (mean) logits = MatMul (flat, head) }`);

interface Found {
  readonly model: Model;
  /** Rows and columns by value. */
  readonly dims: Readonly<Record<string, readonly number[]>>;
}

/** What is left of the network when the cell alone is wanted. */
function cropped(model: VisionModel, cell: Cell, layer = model.layer("features")): Found | undefined {
  const { model: graph, shapes } = model.info;
  const b = createBuilder({ ...graph, graph: { ...graph.graph, outputs: [] } }, shapes);
  const found = cropToCell(b, graph.graph.nodes, layer, cell);
  if (found === undefined) return undefined;
  b.output(found, "cell");
  const dead = removeDead(b.build());
  const dims = dead.graph.nodes.flatMap(({ outputs }) =>
    outputs.map((name) => [name, b.dims(name).slice(2)] as const),
  );
  return { model: dead, dims: Object.fromEntries(dims.slice(0, -1)) };
}

/** The cell and the gradient of its sum over channels, [N, C, 1, 1] and [N, 3, H, W]. */
function cellGraph(model: VisionModel, [row, column]: Cell, isCropped: boolean): Model {
  const { model: graph, shapes } = model.info;
  const b = createBuilder({ ...graph, graph: { ...graph.graph, outputs: [] } }, shapes);
  const axes = b.ints([2, 3]);
  const found = isCropped
    ? cropToCell(b, graph.graph.nodes, model.layer("features"), [row, column])
    : b.op("Slice", ["features", b.ints([row, column]), b.ints([row + 1, column + 1]), axes]);
  expect(found).toBeDefined();
  const cell = b.op("Identity", [found as string]);
  const [gradient] = backpropagate(b, new Map([[cell, ones(b, cell)]]), ["image"]).values();
  b.output(cell, "cell");
  b.output(gradient as string, "gradient");
  return removeDead(b.build());
}

async function expectSame(model: VisionModel, cell: Cell): Promise<void> {
  const { size } = model.info.input;
  const next = noise(5);
  const images = [0, 1].map((i) => ({
    source: `${i}`,
    shape: [3, size[0], size[1]] as const,
    values: Float32Array.from({ length: 3 * size[0] * size[1] }, next),
  }));
  const run = (key: string, isCropped: boolean) =>
    model.run(`${key} ${cell}`, () => cellGraph(model, cell, isCropped), images);
  const [[found], [expected]] = await Promise.all([run("cropped", true), run("whole", false)]);
  for (const name of ["cell", "gradient"]) {
    const [x, y] = [found?.[name]?.data as Float32Array, expected?.[name]?.data as Float32Array];
    const largest = y.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    expect(largest).toBeGreaterThan(0);
    const worst = y.reduce((max, v, i) => Math.max(max, Math.abs(v - (x[i] as number))), 0);
    expect(worst / largest, `${name} of cell ${cell}`).toBeLessThan(1e-6);
  }
}

/** Without what names the output. */
const operators = ({ graph }: Model): string[] => graph.nodes.slice(0, -1).map(({ opType }) => opType);
const named = ({ graph }: Model, op: string): readonly Node[] =>
  graph.nodes.filter(({ opType }) => opType === op);

const PLAIN = `a = Conv <strides = [2,2], pads = [1,1,1,1]> (image, v) s = Sigmoid (a)
  features = Conv <pads = [1,1,1,1]> (s, w)`;
const PLAIN_WEIGHTS = { weights: ", float[4,3,3,3] v, float[4,4,3,3] w" };

describe("windows", () => {
  const sizes = (cell: Cell) => {
    const found = cropped(network(PLAIN, PLAIN_WEIGHTS), cell);
    expect(found && operators(found.model)).toEqual(["Slice", "Conv", "Sigmoid", "Conv"]);
    return Object.values(found?.dims ?? {});
  };

  it("are what the cell sees", () => {
    // 1 cell reads 3, which are 2 pixels apart and read 3 each
    expect(sizes([6, 5])).toEqual([
      [7, 7],
      [3, 3],
      [3, 3],
      [1, 1],
    ]);
  });

  it("end where the map ends, and the rest is padding", () => {
    // rows 0 and 1 of cells read pixels -1 … 3; columns 8 and 9 read pixels 15 … 19
    expect(sizes([0, 9])).toEqual([
      [4, 5],
      [2, 2],
      [2, 2],
      [1, 1],
    ]);
    const last = named(cropped(network(PLAIN, PLAIN_WEIGHTS), [0, 9])!.model, "Conv").map(
      ({ attributes }) => attributes.pads?.value,
    );
    expect(last).toEqual([
      [1n, 0n, 0n, 0n],
      [1n, 0n, 0n, 1n],
    ]);
  });

  it("differ by reader: the shortcut takes the middle of what the branch reads", () => {
    const found = cropped(
      network("x = Conv (image, v) y = Conv <pads = [1,1,1,1]> (x, w) features = Add (y, x)", PLAIN_WEIGHTS),
      [9, 9],
    );
    expect(operators(found!.model)).toEqual(["Slice", "Conv", "Conv", "Slice", "Add"]);
    expect(Object.values(found!.dims)).toEqual([
      [5, 5],
      [3, 3],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it("share the weights of the network", () => {
    const model = network(PLAIN, PLAIN_WEIGHTS);
    const { graph } = cropped(model, [6, 5])!.model;
    for (const name of ["v", "w"])
      expect(graph.initializers.get(name)).toBe(model.info.model.graph.initializers.get(name));
  });
});

describe("a walk that stops", () => {
  it("at a map of which most is needed", () => {
    const body = `a = Conv <pads = [1,1,1,1]> (image, v) s = Sigmoid (a) features = Conv <pads = [1,1,1,1]> (s, w)`;
    // 3 × 3 of 4 × 3 cells, then 1
    const found = cropped(network(body, { ...PLAIN_WEIGHTS, size: [4, 3] }), [2, 1]);
    expect(operators(found!.model)).toEqual(["Conv", "Sigmoid", "Slice", "Conv"]);
    expect(Object.values(found!.dims)).toEqual([
      [4, 3],
      [4, 3],
      [3, 3],
      [1, 1],
    ]);
  });

  const gated = (behind: string) =>
    network(
      `a = Conv <pads = [1,1,1,1]> (image, v) g = GlobalAveragePool (a) h = Conv (g, k) s = Sigmoid (h) m = Mul (a, s) ${behind}`,
      { weights: ", float[4,3,3,3] v, float[4,4,1,1] k, float[4,4,1,1] w" },
    );

  it("at a gate, which reads all cells: what it scales is cut out of the whole map", async () => {
    const model = gated("features = Conv (m, w)");
    expect(operators(cropped(model, [12, 10])!.model)).toEqual([
      "Conv",
      "GlobalAveragePool",
      "Conv",
      "Sigmoid",
      "Slice",
      "Mul",
      "Conv",
    ]);
    await expectSame(model, [12, 10]);
  });

  it("and gives nothing where no convolution lies behind the gate", () => {
    expect(cropped(gated("features = Tanh (m)"), [12, 10])).toBeUndefined();
  });

  it.each([
    ["means over rows and columns", "InstanceNormalization (a, one, one)"],
    ["a map turned", "Transpose <perm = [0, 1, 3, 2]> (a)"],
    ["maps one above the other", "Concat <axis = 2> (a, a)"],
    ["the statistics of the batch", "BatchNormalization <training_mode = 1> (a, one, one, one, one)"],
    ["windows that read padding only", "Conv <pads = [10, 10, 10, 10]> (a, w)"],
  ])("at %s", (_, operator) => {
    const model = network(`a = Conv (image, v) b = ${operator} features = Conv (b, w)`, {
      weights: ", float[4,3,3,3] v, float[4,4,1,1] w",
      constants: "<float[4] one = {1, 1, 1, 1}>",
    });
    const layer = { ...model.layer("a"), value: "features" };
    // the corner, which of the padded map is none of the picture's cells
    const nodes = operators((cropped(model, [0, 0], layer) as Found).model);
    expect(nodes.slice(-2)).toEqual(["Slice", "Conv"]);
    expect(nodes.filter((op) => op === "Slice")).toHaveLength(1);
  });
});

describe("no cell by windows", () => {
  it("of maps with channels last", () => {
    const model = network("a = Conv (image, v) features = Conv (a, w)", PLAIN_WEIGHTS);
    const layer = model.layer("features");
    const { model: graph, shapes } = model.info;
    const b = createBuilder(graph, shapes);
    const find = (layout: object) =>
      cropToCell(b, graph.graph.nodes, { ...layer, layout: { ...layer.layout, ...layout } }, [5, 5]);
    expect(find({ channelAxis: 3 })).toBeUndefined();
    expect(find({ kind: "tokens" })).toBeUndefined();
    expect(find({})).toBeDefined();
  });

  it("where the last operator mixes all cells", () => {
    const body = `a = Conv (image, v) flat = Reshape (a, tokens) t = Transpose <perm = [0,2,1]> (flat)
      s = MatMul (t, flat) p = Softmax <axis = -1> (s) u = MatMul (flat, p) m = Reshape (u, map) features = Tanh (m)`;
    const constants = "<int64[3] tokens = {0, 4, -1}, int64[4] map = {0, 4, 22, 18}>";
    const model = network(body, { weights: ", float[4,3,3,3] v", constants });
    expect(cropped(model, [5, 5], { ...model.layer("a"), value: "features" })).toBeUndefined();
  });
});

describe("the same values and gradients as whole maps", () => {
  const CASES: readonly (readonly [string, string, string])[] = [
    ["padding on two sides only", "a = Conv <pads = [2,0,0,1]> (image, v) features = Tanh (a)", ""],
    ["SAME_UPPER", `a = Conv <auto_pad = "SAME_UPPER", strides = [2,2]> (image, v) features = Tanh (a)`, ""],
    ["SAME_LOWER", `a = Conv <auto_pad = "SAME_LOWER", strides = [3,2]> (image, v) features = Tanh (a)`, ""],
    ["a constant map", "a = Conv (image, v) features = Add (a, place)", ", float[1,4,22,18] place"],
    ["a factor a row", "a = Conv (image, v) features = Mul (a, place)", ", float[22,1] place"],
    ["slopes", "a = Conv (image, v) features = PRelu (a, place)", ", float[4,1,1] place"],
    [
      "a choice",
      "a = Conv (image, v) c = Less (place, a) t = Tanh (a) features = Where (c, a, t)",
      ", float[18] place",
    ],
  ];
  it.each(CASES)("%s", async (_, body, weights) => {
    await using model = network(body, { weights: `, float[4,3,3,3] v${weights}` });
    const [h, w] = model.layer("features").layout.grid;
    for (const cell of [
      [h >> 1, w >> 1],
      [0, 0],
      [h - 1, w - 1],
      [1, w - 2],
    ] as const)
      await expectSame(model, cell);
  });

  it.each([0, 1].flatMap((ceil) => [0, 1].map((counted) => [ceil, counted] as const)))(
    "average pooling with ceil_mode %i, count_include_pad %i",
    async (ceil, counted) => {
      await using model = network(
        `a = Conv (image, v) b = AveragePool <kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1], ceil_mode = ${ceil},
          count_include_pad = ${counted}> (a) features = Conv (b, w)`,
        { weights: ", float[4,3,3,3] v, float[4,4,1,1] w" },
      );
      const [h, w] = model.layer("features").layout.grid;
      for (const cell of [
        [h >> 1, w >> 1],
        [0, 0],
        [h - 1, w - 1],
      ] as const)
        await expectSame(model, cell);
    },
  );

  const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
  const layers = fc.array(
    fc.record({
      op: fc.constantFrom("Conv", "Conv", "MaxPool", "AveragePool", "LpPool"),
      kernel: pair(1, 4),
      stride: pair(1, 2),
      dilation: fc.integer({ min: 1, max: 2 }),
      begin: pair(0, 2),
      end: pair(0, 2),
      ceil: fc.integer({ min: 0, max: 1 }),
      meeting: fc.constantFrom("none", "sum", "concatenation"),
    }),
    { minLength: 1, maxLength: 3 },
  );
  type Layers = typeof layers extends fc.Arbitrary<infer T> ? T : never;

  /** Layers one after the other behind a first convolution; behind some a branch of 3 × 3 meets its shortcut. */
  function chain(all: Layers, size: number[]): VisionModel {
    const [lines, weights] = [["x = Conv (image, first)"], [", float[4,3,1,1] first"]];
    let channels = 4;
    all.forEach(({ op, kernel, stride, dilation, begin, end, ceil, meeting }, i) => {
      const isConv = op === "Conv";
      // pools refuse pads as long as their window
      const pads = [...begin, ...end].map((p, j) =>
        isConv ? p : Math.min(p, (kernel[j % 2] as number) - 1),
      );
      // a last window that begins behind the map is left out when it runs, but not by ONNX Runtime's static shapes
      const isExact = ceil === 0 || kernel.some((k, j) => k < (stride[j] as number));
      if (!isExact) pads.fill(0, 2);
      const attributes = [`kernel_shape = [${kernel}], strides = [${stride}], pads = [${pads}]`];
      if (op === "Conv" || op === "MaxPool")
        attributes.push(`dilations = [${stride.map((s) => (s > 1 ? 1 : dilation))}]`);
      if (op === "MaxPool" || op === "AveragePool") attributes.push(`ceil_mode = ${isExact ? 0 : 1}`);
      const x = i === 0 ? "x" : `y${i - 1}`;
      lines.push(`a${i} = ${op} <${attributes}> (${isConv ? `${x}, w${i}` : x}) t${i} = Tanh (a${i})`);
      if (isConv) weights.push(`, float[${channels},${channels},${kernel}] w${i}`);
      lines.push(`c${i} = Conv <pads = [1,1,1,1]> (t${i}, v${i})`);
      weights.push(`, float[${channels},${channels},3,3] v${i}`);
      if (meeting === "concatenation") channels *= 2;
      const meet = { none: "Tanh (c)", sum: "Add (t, c)", concatenation: "Concat <axis = 1> (c, t)" }[
        meeting
      ];
      lines.push(`y${i} = ${meet.replace(/\b([tc])\b(?=[,)])/g, `$1${i}`)}`);
    });
    lines.push(`features = Sigmoid (y${all.length - 1})`);
    return network(lines.join("\n"), { size, weights: weights.join(""), channels });
  }

  it("random layers, cells and sizes", async () => {
    let fired = 0;
    const size = pair(30, 41);
    await fc.assert(
      fc.asyncProperty(layers, size, pair(0, 100), async (all, [height, width], place) => {
        await using model = chain(all, [height, width]);
        const { grid } = model.layer("features").layout;
        const cell = grid.map((n, i) => Math.round(((n - 1) * (place[i] as number)) / 100)) as [
          number,
          number,
        ];
        if (cropped(model, cell) === undefined) return;
        fired++;
        await expectSame(model, cell);
      }),
      { numRuns: 60, seed: 4 },
    );
    expect(fired).toBeGreaterThan(50);
  }, 120_000);
});

describe("the graph of R", () => {
  const wanted = { accumulation: accumulation("dead-pixels") };
  const model = network(PLAIN, PLAIN_WEIGHTS);
  const cuts = (layers: readonly string[]) =>
    named(fieldGraph(model.info, { ...wanted, layers: layers.map(model.layer) }), "Slice").filter(
      ({ inputs }) => inputs.includes("image"),
    ).length;

  it("reads no more of the picture than the one cell of the one layer sees", () => {
    expect(cuts(["features"])).toBe(1);
    expect(cuts(["a", "features"])).toBe(0);
  });

  // float32 sums of three pictures
  it("gives the R that several layers together give", async () => {
    const next = noise(9);
    const [height, width] = model.info.input.size;
    const images = Array.from({ length: 3 }, (_, i) => ({
      source: `${i}`,
      shape: [3, height, width] as const,
      values: Float32Array.from({ length: 3 * height * width }, next),
    }));
    const run = async (layers: readonly string[]) => {
      const counted = (_: number, count: number) => ({
        [FIELD.counted]: new Tensor("float32", new Float32Array(count).fill(1), [count]),
      });
      const build = () => fieldGraph(model.info, { ...wanted, layers: layers.map(model.layer) });
      return (await model.run(`${layers}`, build, images, counted))[0] ?? {};
    };
    const [alone, together] = [await run(["features"]), await run(["a", "features"])];
    const [x, y] = [alone[FIELD.layer(0)]?.data, together[FIELD.layer(1)]?.data] as [
      Float32Array,
      Float32Array,
    ];
    const largest = y.reduce((max, v) => Math.max(max, v), 0);
    expect(largest).toBeGreaterThan(0);
    expect(Math.max(...y.map((v, i) => Math.abs(v - (x[i] as number)))) / largest).toBeLessThan(1e-6);
  });
});
