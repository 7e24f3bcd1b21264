/** `#rrggbb` moved towards black (`amount` < 0) or white (`amount` > 0); `amount` from -1 to 1. */
export function shade(hex: string, amount: number): string {
  const target = amount < 0 ? 0 : 255;
  const weight = Math.abs(amount);
  const value = Number.parseInt(hex.slice(1), 16);
  let out = '#';
  for (const shift of [16, 8, 0]) {
    const channel = (value >> shift) & 255;
    out += Math.round(channel + (target - channel) * weight)
      .toString(16)
      .padStart(2, '0');
  }
  return out;
}
