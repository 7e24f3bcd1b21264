/** How a system property is written in a topic, what it is called in the hub, and whether receivers get it (SystemProperties.cs). */
const table: readonly (readonly [wire: string, name: string, isSentOn: boolean])[] = [
  ['$.on', 'outputName', false],
  ['$.mid', 'messageId', true],
  ['$.cid', 'cid', true],
  ['$.uid', 'userId', true],
  ['$.to', 'to', true],
  ['$.ct', 'contentType', true],
  ['$.ce', 'contentEncoding', true],
  ['$.exp', 'absolute-expiry-time', true],
  ['$.ifid', 'iothub-interface-id', false],
  ['$.schema', 'messageSchema', true],
  ['$.ctime', 'creationTime', true],
  ['$.sub', 'dt-subject', true],
  ['ack', 'ack', true],
  ['iothub-operation', 'operation', true],
];

const nameByWire = new Map(table.map(([wire, name]) => [wire, name]));
const sentOn = table.filter(([, , isSentOn]) => isSentOn);

/** The hub's name of a topic key; `undefined` for an application property, unknown `$.` keys among them. */
export function systemPropertyName(wireKey: string): string | undefined {
  return nameByWire.get(wireKey);
}

/** The system properties of a message that its receiver gets, under their topic keys. The sender is not among them. */
export function* sentOnProperties(systemProperties: ReadonlyMap<string, string>): Iterable<readonly [string, string]> {
  for (const [wire, name] of sentOn) {
    const value = systemProperties.get(name);
    if (value !== undefined) yield [wire, value];
  }
}
