// From bytes to single-precision numbers and back. AssemblyScript.

/** floats[i] = bytes[i]. */
export function fromBytes(bytes: usize, floats: usize, count: i32): void {
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const b = v128.load(bytes + i);
    const low = i16x8.extend_low_i8x16_u(b);
    const high = i16x8.extend_high_i8x16_u(b);
    const to = floats + ((<usize>i) << 2);
    v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(low)));
    v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(low)), 16);
    v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(high)), 32);
    v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(high)), 48);
  }
  for (; i < count; i++) store<f32>(floats + ((<usize>i) << 2), <f32>load<u8>(bytes + i));
}

/** bytes[i] = floats[i] + slack, cut off below 0 and above 255, then towards zero. */
export function toBytes(floats: usize, bytes: usize, count: i32, slack: f32): void {
  const add = f32x4.splat(slack);
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const from = floats + ((<usize>i) << 2);
    const a = i32x4.trunc_sat_f32x4_s(f32x4.add(v128.load(from), add));
    const b = i32x4.trunc_sat_f32x4_s(f32x4.add(v128.load(from, 16), add));
    const c = i32x4.trunc_sat_f32x4_s(f32x4.add(v128.load(from, 32), add));
    const d = i32x4.trunc_sat_f32x4_s(f32x4.add(v128.load(from, 48), add));
    v128.store(bytes + i, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
  }
  for (; i < count; i++) {
    const value = load<f32>(floats + ((<usize>i) << 2)) + slack;
    store<u8>(bytes + i, <u8>(value <= 0 ? 0 : value >= 255 ? 255 : <i32>value));
  }
}
