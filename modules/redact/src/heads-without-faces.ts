import type { Box, Detection } from '@edgeveil/contracts';

/** What the model must be able to find for it, and what the derived areas are called in receipts. */
export const PERSON = 'person';
export const FACE = 'face';
export const HEAD = 'head';

/** Share of a standing person's height in which the head lies, with room for a raised or bent one. */
const HEAD_SHARE = 0.3;
/** Of a person who is seen in part, the width says more about the size of the head than the height. */
const HEAD_HEIGHT_PER_WIDTH = 0.9;

interface Person {
  readonly detection: Detection;
  readonly zone: Box;
}

/**
 * The heads of persons in whom no face was found: seen from behind, or missed. Each face is counted for one person at
 * most, the one whose head zone it is nearest to, so that in a crowd one found face does not vouch for two people.
 *
 * @returns a detection labelled `head` for each, with the person's score
 */
export function headsWithoutFaces(detections: readonly Detection[]): Detection[] {
  const persons = detections
    .filter(({ label }) => label === PERSON)
    .map((detection): Person => ({ detection, zone: headZone(detection.box) }));
  const faces = detections.filter(({ label }) => label === FACE);
  const pairs = persons
    .flatMap((person) => faces.map((face) => ({ person, face, distance: distanceInZone(face.box, person.zone) })))
    .filter(({ distance }) => distance !== undefined)
    .sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0));
  const vouchedFor = new Set<Person>();
  const used = new Set<Detection>();
  for (const { person, face } of pairs) {
    if (vouchedFor.has(person) || used.has(face)) continue;
    vouchedFor.add(person);
    used.add(face);
  }
  return persons
    .filter((person) => !vouchedFor.has(person))
    .map(({ detection: { score }, zone }) => ({ label: HEAD, score, box: zone }));
}

function headZone([x, y, width, height]: Box): Box {
  return [x, y, width, Math.min(height, Math.max(HEAD_SHARE * height, HEAD_HEIGHT_PER_WIDTH * width))];
}

/** From the centre of a face to the middle of the zone's upper edge; undefined when the face lies elsewhere. */
function distanceInZone([x, y, width, height]: Box, [zoneX, zoneY, zoneWidth, zoneHeight]: Box): number | undefined {
  const centreX = x + width / 2;
  const centreY = y + height / 2;
  const isInside =
    centreX >= zoneX && centreX <= zoneX + zoneWidth && centreY >= zoneY && centreY <= zoneY + zoneHeight;
  return isInside ? Math.hypot(centreX - (zoneX + zoneWidth / 2), centreY - zoneY) : undefined;
}
