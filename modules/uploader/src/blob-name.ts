import type { PictureFormat } from '@edgeveil/contracts';

/** What a blob's name is made of. Everything in it is known before the upload, so doing it twice gives the same name. */
export interface BlobNameParts {
  readonly site: string;
  readonly deviceId: string;
  readonly source: string;
  /** RFC 3339 in UTC, as `timestampSchema` demands it. */
  readonly capturedAt: string;
  readonly id: string;
  readonly format: PictureFormat;
}

export interface BlobNames {
  readonly picture: string;
  readonly receipt: string;
}

const EXTENSIONS = { jpeg: 'jpg', png: 'png', webp: 'webp' } as const satisfies Record<PictureFormat, string>;

/**
 * `<site>/<deviceId>/<source>/<yyyy>/<MM>/<dd>/<HH>/<id>.jpg` and, beside it, `<id>.receipt.json`; the hour is that of the
 * capture in UTC. Folders by hour keep listings short, and lifecycle rules can be given per site, device or source.
 */
export function blobNames({ site, deviceId, source, capturedAt, id, format }: BlobNameParts): BlobNames {
  // 2026-01-31T10:00:00.000Z: the schema has made sure of the form, so cutting is enough
  const hour = [capturedAt.slice(0, 4), capturedAt.slice(5, 7), capturedAt.slice(8, 10), capturedAt.slice(11, 13)];
  const base = [site, deviceId, source, ...hour, id].join('/');
  return { picture: `${base}.${EXTENSIONS[format]}`, receipt: `${base}.receipt.json` };
}
