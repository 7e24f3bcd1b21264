/** A message inside the hub. Never changed once made. */
export interface EdgeMessage {
  readonly body: Buffer;
  /** Application properties in the order in which they came. */
  readonly properties: ReadonlyMap<string, string>;
  /** System properties under their names inside the hub: `outputName`, `contentType`, `connectionModuleId`, … */
  readonly systemProperties: ReadonlyMap<string, string>;
}

/** Who a client is. */
export interface Identity {
  readonly deviceId: string;
  /** `undefined` for a leaf device. */
  readonly moduleId: string | undefined;
}

/** `D/M`, or `D` for a device: the MQTT client id and the key of everything that is kept about a client. */
export function clientIdOf({ deviceId, moduleId }: Identity): string {
  return moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`;
}
