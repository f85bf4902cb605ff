import { describe, expect, it } from "vitest";
import { activationOf, activations, erf, leakyRelu } from "./activations.ts";

// Oracle: values and derivatives by PyTorch 2.15 in float64 (torch.nn.functional, autograd), 12 digits.
const AT = [-4, -1.3, -0.75, -0.1, 0.4, 1.7, 3.5, 6.5];
const STEP = [0, 0, 0, 0, 1, 1, 1, 1];
const PYTORCH: Readonly<Record<string, readonly [readonly number[], readonly number[]]>> = {
  none: [AT, AT.map(() => 1)],
  relu: [[0, 0, 0, 0, 0.4, 1.7, 3.5, 6.5], STEP],
  "leaky-relu": [[-0.04, -0.013, -0.0075, -0.001, 0.4, 1.7, 3.5, 6.5], STEP.map((s) => s || 0.01)],
  relu6: [
    [0, 0, 0, 0, 0.4, 1.7, 3.5, 6],
    [0, 0, 0, 0, 1, 1, 1, 0],
  ],
  gelu: [
    [
      -0.000126684967332, -0.125840629961, -0.169970514283, -0.0460172162723, 0.262168696644, 1.62423871331,
      3.49918579822, 6.49999999974,
    ],
    [
      -0.000503649661226, -0.125978685077, 0.000774278260765, 0.420476907975, 0.802729797732, 1.11531796878,
      1.00282176035, 1.0000000017,
    ],
  ],
  "gelu-tanh": [
    [
      -7.02459481923e-5, -0.126070987683, -0.170039444834, -0.0460172489546, 0.262161169427, 1.62410589555,
      3.49938380234, 6.5,
    ],
    [
      -0.000335123197122, -0.125878069784, 0.00106174386259, 0.420478210728, 0.802658834421, 1.11591463145,
      1.00242264376, 1.00000000001,
    ],
  ],
  silu: [
    [
      -0.0719448398484, -0.278414522045, -0.240615975618, -0.0475020812521, 0.239475064045, 1.43740904936,
      3.39740719237, 6.49024231533,
    ],
    [
      -0.0526646148911, -0.00462285425234, 0.157400055503, 0.450083208502, 0.694791958409, 1.06756450476,
      1.07027335283, 1.00824185435,
    ],
  ],
  "hard-swish": [
    [0, -0.368333333333, -0.28125, -0.0483333333333, 0.226666666667, 1.33166666667, 3.5, 6.5],
    [0, 0.0666666666667, 0.25, 0.466666666667, 0.633333333333, 1.06666666667, 1, 1],
  ],
  tanh: [
    [
      -0.999329299739, -0.861723159313, -0.635148952387, -0.099667994625, 0.379948962255, 0.935409070603,
      0.998177897611, 0.999995479351,
    ],
    [
      0.00134095068303, 0.257433196703, 0.596585808281, 0.990066290847, 0.855638786081, 0.125009870633,
      0.00364088472049, 9.04127675533e-6,
    ],
  ],
  sigmoid: [
    [
      0.0179862099621, 0.214165016957, 0.320821300825, 0.475020812521, 0.598687660112, 0.845534734916,
      0.970687769249, 0.998498817743,
    ],
    [
      0.0176627062133, 0.168298362469, 0.217894993762, 0.249376040193, 0.240260745742, 0.130605746966,
      0.0284530238797, 0.00149892870857,
    ],
  ],
  elu: [
    [-0.981684361111, -0.727468206966, -0.527633447259, -0.095162581964, 0.4, 1.7, 3.5, 6.5],
    [0.0183156388887, 0.272531793034, 0.472366552741, 0.904837418036, 1, 1, 1, 1],
  ],
  mish: [
    [
      -0.072591740792, -0.307382464749, -0.276494714505, -0.0567885752128, 0.289030534072, 1.62076807398,
      3.49399071512, 6.49997070394,
    ],
    [
      -0.0537732097935, -0.0264009621598, 0.1607457405, 0.535702817873, 0.837017502542, 1.08425731595,
      1.009939325, 1.00005399694,
    ],
  ],
};

describe("activations", () => {
  it("has a row of the oracle for each entry", () => {
    expect(activations.map((a) => a.id).sort()).toEqual(Object.keys(PYTORCH).sort());
  });

  it.each(activations)("$id is PyTorch's, value and derivative", ({ id, value, derivative }) => {
    const [values, derivatives] = PYTORCH[id]!;
    AT.forEach((z, i) => {
      expect(Math.abs(value(z) - values[i]!)).toBeLessThan(2e-11);
      expect(Math.abs(derivative(z) - derivatives[i]!)).toBeLessThan(2e-11);
    });
  });

  it.each(activations)("$id has its kinks where φ′ or φ″ jumps, and nowhere else", (activation) => {
    // property: where φ‴ exists, the slopes of φ′ to both sides over 1e-3 differ by less than 0.01
    const h = 1e-3;
    for (let k = -160; k <= 160; k++) {
      const z = k / 20;
      const [before, at, after] = [z - h, z, z + h].map(activation.derivative) as [number, number, number];
      expect(Math.abs(after - 2 * at + before) / h > 0.05).toBe(activation.kinks.includes(z));
    }
  });

  it("takes a slope", () => {
    expect(leakyRelu(0.2).value(-3)).toBeCloseTo(-0.6, 12);
    expect(activationOf(leakyRelu(0.2)).derivative(-3)).toBe(0.2);
  });

  it("suggests the nearest id", () => {
    expect(() => activationOf("rleu")).toThrow(/no activation "rleu"\. Did you mean "relu"/);
  });
});

describe("erf", () => {
  // Oracle: scipy.special.erf.
  it.each([
    [0.1, 0.112462916018285],
    [0.7, 0.677801193837418],
    [1.9, 0.992790429235258],
    [2.9, 0.999958902121901],
    [3.1, 0.999988351342633],
    [4.5, 0.999999999803384],
    [9, 1],
    [0, 0],
  ])("erf(%f) to 1e-14, and it is odd", (x, expected) => {
    expect(Math.abs(erf(x) - expected)).toBeLessThan(1e-14);
    expect(erf(-x)).toBeCloseTo(-erf(x), 15);
  });
});
