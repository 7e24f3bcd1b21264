import type { Point } from './polygon.ts';

// Strokes on a grid of 4 by 6, two digits a point, commas between strokes. Drawn by ourselves, since a bare machine has no fonts.
const STROKES: Readonly<Record<string, string>> = {
  A: '062046,1434',
  B: '00063645443303,0030414233',
  C: '4130100105163645',
  D: '00063645413000',
  E: '40000646,0333',
  F: '400006,0333',
  G: '413010010516364543,4323',
  H: '0006,4046,0343',
  J: '4045361605',
  K: '0006,4003,0346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  P: '06003041423303',
  R: '06003041423303,2346',
  S: '413010010213334445361605',
  T: '0040,2026',
  U: '000516364540',
  V: '002640',
  X: '0046,4006',
  Y: '002340,2326',
  Z: '00400646',
  '0': '103041453616050110',
  '1': '112026',
  '2': '01103041420646',
  '3': '01103041423313,334445361605',
  '4': '36300444',
  '5': '400003334445361605',
  '6': '4130100105163645443303',
  '7': '004016',
  '8': '103041423313020110,1304051636454433',
  '9': '0516364541301001021343',
};

export const PLATE_LETTERS = 'ABCDEFGHJKLMNPRSTUVXYZ';

/** The strokes of a line of text in a box of the given size, each a list of points. */
export function strokesOf(line: string, x: number, y: number, width: number, height: number): Point[][] {
  const advance = width / (line.length * 5.4 - 1.4);
  const out: Point[][] = [];
  let left = x;
  for (const character of line) {
    for (const stroke of (STROKES[character] ?? '').split(',')) {
      const points: Point[] = [];
      for (let i = 0; i + 1 < stroke.length; i += 2)
        points.push([left + Number(stroke[i]) * advance, y + (Number(stroke[i + 1]) / 6) * height]);
      if (points.length > 1) out.push(points);
    }
    left += 5.4 * advance;
  }
  return out;
}
