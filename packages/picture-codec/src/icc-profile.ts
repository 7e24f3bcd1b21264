/**
 * Whether an embedded colour profile is sRGB by its own description (ASCII in ICC version 2, UTF-16 in version 4), so
 * that the pixels can be used as they are.
 */
export function isSrgbProfile(profile: Buffer): boolean {
  return profile.includes('sRGB', 0, 'latin1') || profile.includes(Buffer.from('\0s\0R\0G\0B', 'latin1'));
}
