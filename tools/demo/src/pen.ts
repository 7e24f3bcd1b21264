import { capsule, type Point, type Polygon, ring, smooth } from './polygon.ts';
import type { Label } from './scene-truth.ts';
import { faint } from './svg.ts';

/** One filled silhouette, in picture pixels, and the objects (indices into {@link Drawing.objects}) it is a part of. */
export interface Stamp {
  readonly polygon: Polygon;
  readonly objects: readonly number[];
}

/** What an actor leaves on the picture: its SVG, and the silhouettes that the ground truth is computed from. */
export interface Drawing {
  readonly svg: string;
  readonly objects: readonly Label[];
  readonly stamps: readonly Stamp[];
}

export interface Style {
  /** A colour, or `url(#...)` of the shared gradients. */
  readonly fill: string;
  readonly opacity?: number;
  readonly stroke?: string;
  /** In local units. */
  readonly strokeWidth?: number;
  /** Lays a light-to-dark gradient over the shape: `x` from the lit side to the other, `y` from top to bottom. */
  readonly shade?: 'x' | 'y';
  /** A detail inside another shape, or a shadow: drawn, but no part of a silhouette. */
  readonly detail?: boolean;
}

export interface PenPlace {
  /** Where the local origin (between the feet, under the vehicle) lies, in picture pixels. */
  readonly x: number;
  readonly y: number;
  /** Pixels per local unit; a unit is about a centimetre. */
  readonly scale: number;
  readonly mirror?: boolean;
}

/**
 * Draws in local units (x to the right, y down, so that what stands on the ground has negative y) and keeps, beside the
 * SVG, every silhouette in picture pixels, so that ground truth and picture cannot disagree.
 */
export class Pen {
  readonly #place: PenPlace;
  readonly #svg: string[] = [];
  readonly #objects: Label[] = [];
  readonly #stamps: Stamp[] = [];
  #current: readonly number[] = [];

  constructor(place: PenPlace) {
    this.#place = place;
  }

  get scale(): number {
    return this.#place.scale;
  }

  /** Announces an object; what is drawn {@link within} it makes its silhouette. */
  add(label: Label): number {
    return this.#objects.push(label) - 1;
  }

  within(objects: readonly number[], draw: () => void): void {
    const before = this.#current;
    this.#current = objects;
    draw();
    this.#current = before;
  }

  polygon(points: readonly Point[], style: Style): void {
    this.#shape(points, style);
  }

  /** A closed smooth curve through the points. */
  blob(points: readonly Point[], style: Style): void {
    this.#shape(smooth(points, 5), style);
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, style: Style, turn = 0): void {
    this.#shape(ring(cx, cy, rx, ry, turn), style);
  }

  rect(x: number, y: number, width: number, height: number, style: Style, round = 0): void {
    const r = Math.min(round, width / 2, height / 2);
    if (r === 0) {
      this.#shape(
        [
          [x, y],
          [x + width, y],
          [x + width, y + height],
          [x, y + height],
        ],
        style,
      );
      return;
    }
    const points: Point[] = [];
    for (const [cx, cy, start] of [
      [x + width - r, y + r, -0.5],
      [x + width - r, y + height - r, 0],
      [x + r, y + height - r, 0.5],
      [x + r, y + r, 1],
    ] as const) {
      for (let i = 0; i <= 3; i++) {
        const angle = (start + i / 6) * Math.PI;
        points.push([cx + r * Math.cos(angle), cy + r * Math.sin(angle)]);
      }
    }
    this.#shape(points, style);
  }

  /** A thick line with round ends and joints. */
  limb(points: readonly Point[], width: number, style: Style): void {
    const placed = points.map((point) => this.#put(point));
    this.#svg.push(
      `<polyline points="${text(placed)}" fill="none" stroke="${style.fill}" stroke-width="${(
        width * this.scale
      ).toFixed(1)}" stroke-linecap="round" stroke-linejoin="round"${opacity(style)}/>`,
    );
    if (style.detail) return;
    for (let i = 1; i < placed.length; i++) {
      const [from, to] = [placed[i - 1], placed[i]];
      if (from && to)
        this.#stamps.push({ polygon: capsule(from, to, (width * this.scale) / 2), objects: this.#current });
    }
  }

  finish(): Drawing {
    return { svg: this.#svg.join(''), objects: this.#objects, stamps: this.#stamps };
  }

  #shape(points: readonly Point[], style: Style): void {
    const placed = points.map((point) => this.#put(point));
    const shape = text(placed);
    const stroke = style.stroke
      ? ` stroke="${style.stroke}" stroke-width="${((style.strokeWidth ?? 1) * this.scale).toFixed(1)}" stroke-linejoin="round"`
      : '';
    this.#svg.push(`<polygon points="${shape}" fill="${style.fill}"${stroke}${opacity(style)}/>`);
    if (style.shade) this.#svg.push(`<polygon points="${shape}" fill="url(#shade-${style.shade})"/>`);
    if (!style.detail) this.#stamps.push({ polygon: placed, objects: this.#current });
  }

  #put([x, y]: Point): Point {
    const { x: left, y: top, scale, mirror } = this.#place;
    return [left + (mirror ? -x : x) * scale, top + y * scale];
  }
}

function text(points: readonly Point[]): string {
  return points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
}

function opacity(style: Style): string {
  return style.opacity === undefined ? '' : ` ${faint(style.opacity)}`;
}
