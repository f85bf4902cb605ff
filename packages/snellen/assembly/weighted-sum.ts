// The inner loop of every blur: weighted sums of shifted rows, sixteen single-precision numbers at a time. AssemblyScript.
// `npm run kernels` compiles it into `src/corruptions/kernels/module.ts`.

/**
 * out[i] = Σ_k weights[k] · value at rows[k] + 4·i, for i from 0 to count − 1.
 * @param out address of `count` floats, in front of which no row may lie that is still to be read
 * @param rows address of `taps` addresses
 * @param weights address of `taps` floats
 */
export function weightedSum(out: usize, count: i32, taps: i32, rows: usize, weights: usize): void {
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const at = (<usize>i) << 2;
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (let k = 0; k < taps; k++) {
      const row = <usize>load<u32>(rows + ((<usize>k) << 2)) + at;
      const weight = v128.load32_splat(weights + ((<usize>k) << 2));
      a = f32x4.add(a, f32x4.mul(weight, v128.load(row)));
      b = f32x4.add(b, f32x4.mul(weight, v128.load(row, 16)));
      c = f32x4.add(c, f32x4.mul(weight, v128.load(row, 32)));
      d = f32x4.add(d, f32x4.mul(weight, v128.load(row, 48)));
    }
    v128.store(out + at, a);
    v128.store(out + at, b, 16);
    v128.store(out + at, c, 32);
    v128.store(out + at, d, 48);
  }
  for (; i < count; i++) {
    const at = (<usize>i) << 2;
    let sum: f32 = 0;
    for (let k = 0; k < taps; k++) {
      const row = <usize>load<u32>(rows + ((<usize>k) << 2)) + at;
      sum += load<f32>(weights + ((<usize>k) << 2)) * load<f32>(row);
    }
    store<f32>(out + at, sum);
  }
}
