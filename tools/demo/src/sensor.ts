import { Random } from './random.ts';

/** What a camera adds to the light that reaches it. */
export interface Sensor {
  readonly exposure: number;
  readonly gamma: number;
  /** Gains of red and blue: warm above and below 1, or cold. */
  readonly warmth: number;
  readonly saturation: number;
  /** Standard deviation of the noise, in grey levels. */
  readonly noise: number;
  /** Standard deviation of the blur in pixels of a frame 1280 wide; 0 for none. */
  readonly blur: number;
  /** Darkening at the corners, 0 to 1. */
  readonly vignette: number;
  readonly quality: number;
}

export function chooseSensor(random: Random): Sensor {
  const night = random.chance(0.12);
  return {
    exposure: night ? random.range(0.66, 0.8) : random.range(0.9, 1.22),
    gamma: random.range(0.8, 1.12),
    warmth: random.range(-0.1, 0.12),
    saturation: random.range(0.75, 1.1),
    noise: night ? random.range(4, 8) : random.range(1, 7),
    blur: random.chance(0.45) ? random.range(0.35, night ? 0.6 : 0.8) : 0,
    vignette: random.range(0.05, 0.4),
    quality: random.int(78, 92),
  };
}

// A table of normal deviates; a walk through it from a random place costs far less than drawing each.
const NORMAL = (() => {
  const random = new Random(20_240_601);
  const table = new Float32Array(1 << 16);
  for (let i = 0; i < table.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    table[i] = radius * Math.cos(angle);
    table[i + 1] = radius * Math.sin(angle);
  }
  return table;
})();

/** Applies everything but the blur to RGB pixels, in place; the same `random` gives the same pixels. */
export function exposePixels(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  sensor: Sensor,
  random: Random,
): void {
  const curve = new Float32Array(256);
  for (let i = 0; i < 256; i++) curve[i] = 255 * (i / 255) ** sensor.gamma * sensor.exposure;
  const [red, blue] = [1 + sensor.warmth, 1 - sensor.warmth];
  const keep = sensor.saturation;
  const across = new Float32Array(width);
  for (let x = 0; x < width; x++) across[x] = ((2 * x) / width - 1) ** 2 * sensor.vignette * 0.5;
  const { noise } = sensor;
  let at = 0;
  for (let y = 0; y < height; y++) {
    const down = 1 - ((2 * y) / height - 1) ** 2 * sensor.vignette * 0.5;
    let from = random.int(0, NORMAL.length - 1);
    for (let x = 0; x < width; x++, at += 3) {
      const light = down - (across[x] ?? 0);
      const r = (curve[pixels[at] ?? 0] ?? 0) * light * red;
      const g = (curve[pixels[at + 1] ?? 0] ?? 0) * light;
      const b = (curve[pixels[at + 2] ?? 0] ?? 0) * light * blue;
      const grey = (r * 0.3 + g * 0.59 + b * 0.11) * (1 - keep);
      const n = (NORMAL[from & 65535] ?? 0) * noise;
      const m = (NORMAL[(from + 7919) & 65535] ?? 0) * noise * 0.5;
      from++;
      pixels[at] = clamp(r * keep + grey + n + m);
      pixels[at + 1] = clamp(g * keep + grey + n);
      pixels[at + 2] = clamp(b * keep + grey + n - m);
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
}
