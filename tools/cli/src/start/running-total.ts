/** A counter that goes on over restarts of what is counted: a lower reading than the last one means it began again at 0. */
export class RunningTotal {
  #value = 0;
  #last = 0;

  get value(): number {
    return this.#value;
  }

  /** Takes a reading in and gives the total. A reading of 0 from a process that is down changes nothing. */
  add(reading: number): number {
    if (reading > 0) {
      this.#value += reading < this.#last ? reading : reading - this.#last;
      this.#last = reading;
    }
    return this.#value;
  }
}
