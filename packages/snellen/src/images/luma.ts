// Brightness of an RGB pixel by ITU-R BT.601, in Pillow's fixed point (`convert("L")`).

/** 0 to 255, rounded. */
export const luma = (red: number, green: number, blue: number): number =>
  (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
