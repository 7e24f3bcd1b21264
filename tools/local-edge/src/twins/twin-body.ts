import type { JsonObject } from './json-object.ts';

/** The body of the reply to a twin request (TwinMessageConverter.cs). It is never empty: the SDK throws inside the module over an empty one. */
export function twinBody(desired: JsonObject | undefined, reported: JsonObject | undefined): string {
  return JSON.stringify({ desired: desired ?? {}, reported: reported ?? {} });
}
