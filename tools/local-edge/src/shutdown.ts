type Step = () => void | Promise<void>;

/** What has to be undone, in reverse order of its doing. */
export class Shutdown {
  #steps: Step[] = [];
  #running: Promise<void> | undefined;

  add(step: Step): void {
    this.#steps.push(step);
  }

  /**
   * Undoes everything once; later calls wait for the first. A step that fails does not keep the others from being done.
   * @throws AggregateError of what failed
   */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#steps = [];
    if (errors.length > 0) throw new AggregateError(errors, 'the local edge did not stop cleanly');
  }
}
