/** One named output of a module. Messages leave in the order of `send`. */
export interface Output<Item> {
  /**
   * Sends an item, at least once. Resolves when the hub has acknowledged the message that carries it. Items that gather
   * while a message is under way share the next one (no waiting for company). Waits while the buffer is full.
   * Without a hub in reach it waits until there is one; files are the truth and messages are hints, so a stage whose
   * item is safe on disk may leave the promise to itself with `post`.
   * @throws RejectedError `OUTPUT_ITEM_TOO_LARGE` when the item alone exceeds a message.
   * @throws TransientError `OUTPUT_STOPPED` when the module stopped before it was acknowledged.
   */
  send(item: Item): Promise<void>;
  /**
   * Sends a hint: as `send`, but never waits and never rejects. When the buffer is full the oldest waiting posted item is dropped and
   * counted (`edgeveil_hints_dropped_total`). For items that the next stage's sweep finds again.
   */
  post(item: Item): void;
  /** Items that are buffered or under way. */
  readonly waiting: number;
}
