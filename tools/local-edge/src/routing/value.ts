/** A property that is there and has no text: edgeHub's null string. No literal yields it. */
export const nullText: unique symbol = Symbol('null text');

/**
 * What an expression yields for one message. `undefined` stands for all of edgeHub's undefined values: a missing property,
 * not-a-number, the third truth value. `null` is the null literal, a JSON null or an absent body path. Only arithmetic with a
 * body yields NaN, which is a value there.
 */
export type Value = string | number | boolean | null | undefined | typeof nullText;

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
