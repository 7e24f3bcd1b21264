/**
 * What an expression yields for one message. `undefined` stands for all of edgeHub's undefined values: a missing property,
 * not-a-number, the third truth value. `null` is a property whose value is null, a JSON null or an absent body path.
 */
export type Value = string | number | boolean | null | undefined;

/** The type that an expression has when its route is compiled. `body` stands for whatever the message body holds at the path. */
export type StaticType = 'string' | 'number' | 'bool' | 'null' | 'undefined' | 'body';

/** What a condition may ask of a message. */
export interface RoutableMessage {
  /** Application properties; names are compared ignoring case. */
  readonly properties: ReadonlyMap<string, string | null>;
  readonly systemProperties: ReadonlyMap<string, string | null>;
  readonly body: Buffer;
}

/** A compiled expression. Never throws. */
export type Evaluate = (message: RoutableMessage) => Value;

export interface Compiled {
  readonly type: StaticType;
  readonly evaluate: Evaluate;
  /** For a body path: whether the body has nothing there, for the one function that minds. */
  readonly isAbsent?: (message: RoutableMessage) => boolean;
}
