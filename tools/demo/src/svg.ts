import type { Point } from './polygon.ts';

/** Plain SVG pieces for the backdrops, which need no ground truth. Coordinates are picture pixels. */
export function rect(x: number, y: number, width: number, height: number, fill: string, extra = ''): string {
  return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0, width).toFixed(1)}" height="${Math.max(0, height).toFixed(1)}" fill="${fill}" ${extra}/>`;
}

export function poly(points: readonly Point[], fill: string, extra = ''): string {
  return `<polygon points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}" fill="${fill}" ${extra}/>`;
}

export function line(from: Point, to: Point, colour: string, width: number, extra = ''): string {
  return `<line x1="${from[0].toFixed(1)}" y1="${from[1].toFixed(1)}" x2="${to[0].toFixed(1)}" y2="${to[1].toFixed(1)}" stroke="${colour}" stroke-width="${width.toFixed(1)}" ${extra}/>`;
}

export function ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, extra = ''): string {
  return `<ellipse cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" rx="${rx.toFixed(1)}" ry="${ry.toFixed(1)}" fill="${fill}" ${extra}/>`;
}

/** Lets the ground shine through. Not `opacity`, for which the renderer sets up a layer of its own: three times slower. */
export function faint(opacity: number): string {
  const value = opacity.toFixed(2);
  return `fill-opacity="${value}" stroke-opacity="${value}"`;
}

export function gradient(
  id: string,
  stops: readonly (readonly [offset: number, colour: string, opacity?: number])[],
): string {
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stopList(stops)}</linearGradient>`;
}

export function glow(
  id: string,
  stops: readonly (readonly [offset: number, colour: string, opacity?: number])[],
): string {
  return `<radialGradient id="${id}">${stopList(stops)}</radialGradient>`;
}

function stopList(stops: readonly (readonly [offset: number, colour: string, opacity?: number])[]): string {
  return stops
    .map(
      ([offset, colour, opacity = 1]) => `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`,
    )
    .join('');
}

/** The gradients that actors share. */
export const SHARED_DEFS = [
  `<linearGradient id="shade-x" x1="0" y1="0" x2="1" y2="0">${stopList([
    [0, '#ffffff', 0.14],
    [0.45, '#ffffff', 0],
    [1, '#000000', 0.26],
  ])}</linearGradient>`,
  gradient('shade-y', [
    [0, '#ffffff', 0.2],
    [0.4, '#ffffff', 0],
    [1, '#000000', 0.3],
  ]),
  gradient('glass', [
    [0, '#8fb0c4'],
    [0.5, '#3f5563'],
    [1, '#1c262d'],
  ]),
  gradient('box-inside', [
    [0, '#1b1d20'],
    [1, '#3c3a36'],
  ]),
  glow('ground-shadow', [
    [0, '#000000', 0.5],
    [0.6, '#000000', 0.28],
    [1, '#000000', 0],
  ]),
  glow('lamp-glow', [
    [0, '#fffdf0', 0.85],
    [0.3, '#fff6cc', 0.35],
    [1, '#fff3c0', 0],
  ]),
  glow('brake-glow', [
    [0, '#ff5040', 0.6],
    [1, '#ff2010', 0],
  ]),
].join('');
