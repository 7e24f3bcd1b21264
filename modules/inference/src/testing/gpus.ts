/** The GPUs of gpu-worker.ts: what each does is said by its number. */
export const GPUS = {
  honest: 0,
  throwsAtLoad: 1,
  throwsAtRun: 2,
  wrongNumbers: 3,
  notNumbers: 4,
  /** Takes the model and runs it on the CPU. */
  silent: 5,
  honestToo: 6,
  /** Works until the proof is over, then no run ends. */
  hangs: 7,
  /** Crashes the whole process. */
  fatal: 8,
} as const;
