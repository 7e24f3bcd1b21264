import { readFileSync } from 'node:fs';
import { type FilterTable, filterTable } from './filter-table.ts';
import { type PixelArea, type ResizeTarget, type Size, wantedPart } from './resize-target.ts';

/** Where things lie in the memory of the compiled code. */
interface Layout {
  readonly from: Size;
  readonly to: Size;
  readonly part: PixelArea;
  readonly rows: { readonly starts: number; readonly weights: number; readonly taps: number };
  readonly columns: { readonly starts: number; readonly weights: number; readonly pairs: number };
  readonly line: number;
  readonly target: number;
  readonly end: number;
}

interface Exports {
  resample(...places: readonly number[]): void;
}

const PAGE_BYTES = 65_536;
/** The compiled code reads and writes this much behind what it is given. */
const SLACK_BYTES = 32;
/** Weights of a pair of columns: two pixels, four values each. */
const PAIR_WEIGHTS = 8;

const compiled = new WebAssembly.Module(readFileSync(new URL('./resample.wasm', import.meta.url)));

/**
 * Brings pictures to a size on the calling thread: each pixel is the mean of the area that it covers, or lies bilinearly between its
 * neighbours where a picture is enlarged. A 1080p picture to 640x360 takes 0.8 ms. Keeps the memory of the largest picture so far.
 */
export class Resampler {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #exports: Exports;
  #layout: Layout | undefined;

  constructor() {
    this.#exports = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports as Exports;
  }

  /** Memory for the RGB bytes of a picture, to be filled before `resample`. Valid until the next call. */
  source(size: Size): Buffer {
    const bytes = size.width * size.height * 3;
    if (this.#layout !== undefined && !isSame(this.#layout.from, size)) {
      // The picture may be laid over its tables.
      this.#layout = undefined;
    }
    this.#reserve(bytes);
    return Buffer.from(this.#memory.buffer, 0, bytes);
  }

  /** RGB bytes of what is wanted of the picture that was put into `source`. Valid until the next call. */
  resample(from: Size, to: ResizeTarget): Buffer {
    const part = wantedPart(to);
    if (isSame(from, to) && isSame(from, part)) {
      return this.source(from);
    }
    const { rows, columns, line, target } = this.#layoutFor(from, to, part);
    this.#exports.resample(
      0,
      from.width * 3,
      rows.starts,
      rows.weights,
      rows.taps,
      part.height,
      columns.starts,
      columns.weights,
      columns.pairs,
      part.width,
      line,
      target,
    );
    return Buffer.from(this.#memory.buffer, target, part.width * part.height * 3);
  }

  #layoutFor(from: Size, to: Size, part: PixelArea): Layout {
    if (this.#layout !== undefined && isSame(this.#layout.to, to) && isSameArea(this.#layout.part, part)) {
      return this.#layout;
    }
    const rows = filterTable(from.height, to.height, { start: part.top, length: part.height });
    const columns = filterTable(from.width, to.width, { start: part.left, length: part.width });
    const layout = layOut({ from, to, part }, { rows: rows.taps, pairs: Math.ceil(columns.taps / 2) });
    this.#reserve(layout.end);
    this.#writeTables(layout, rows, columns);
    this.#layout = layout;
    return layout;
  }

  #writeTables(layout: Layout, rows: FilterTable, columns: FilterTable): void {
    const { buffer } = this.#memory;
    new Int32Array(buffer, layout.rows.starts, rows.starts.length).set(rows.starts);
    new Uint16Array(buffer, layout.rows.weights, rows.weights.length).set(rows.weights);
    const starts = new Int32Array(buffer, layout.columns.starts, columns.starts.length);
    starts.set(columns.starts.map((start) => start * 3));
    const perColumn = layout.columns.pairs * PAIR_WEIGHTS;
    const weights = new Uint16Array(buffer, layout.columns.weights, columns.starts.length * perColumn).fill(0);
    columns.weights.forEach((weight, index) => {
      const first = Math.floor(index / columns.taps) * perColumn + (index % columns.taps) * 4;
      weights.fill(weight, first, first + 4);
    });
  }

  /** Makes sure of so much memory. What lies in it stays; buffers over it do not. */
  #reserve(bytes: number): void {
    const missing = bytes + SLACK_BYTES - this.#memory.buffer.byteLength;
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    }
  }
}

function isSame(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

function isSameArea(one: PixelArea, other: PixelArea): boolean {
  return isSame(one, other) && one.left === other.left && one.top === other.top;
}

function layOut(
  { from, to, part }: Pick<Layout, 'from' | 'to' | 'part'>,
  { rows, pairs }: { rows: number; pairs: number },
): Layout {
  let end = 0;
  const place = (bytes: number): number => {
    const start = end;
    end = Math.ceil((start + bytes + SLACK_BYTES) / SLACK_BYTES) * SLACK_BYTES;
    return start;
  };
  place(from.width * from.height * 3);
  return {
    from,
    to,
    part,
    rows: { starts: place(part.height * 4), weights: place(part.height * rows * 2), taps: rows },
    columns: { starts: place(part.width * 4), weights: place(part.width * pairs * PAIR_WEIGHTS * 2), pairs },
    line: place(from.width * 3),
    target: place(part.width * part.height * 3),
    end,
  };
}
