/** More sessions than this share nothing but the file: their memory is better spent otherwise, and each gets more threads instead. */
const MAX_AUTOMATIC_SESSIONS = 8;

export interface SessionPlan {
  readonly sessions: number;
  /** Of each session. */
  readonly threads: number;
}

export interface AskedSessions {
  /** 0: chosen here. */
  readonly sessions: number;
  /** 0: chosen here. */
  readonly threads: number;
}

/**
 * How a CPU's cores are divided: among as many sessions as there are cores, with one thread each. Measured on two cores, two
 * sessions of one thread give up to twice the runs of one with two threads, because small models do not divide well.
 */
export function planSessions(cores: number, asked: AskedSessions): SessionPlan {
  const { threads } = asked;
  const fitting = threads === 0 ? Math.min(cores, MAX_AUTOMATIC_SESSIONS) : Math.floor(cores / threads);
  const sessions = asked.sessions === 0 ? Math.max(1, Math.min(fitting, MAX_AUTOMATIC_SESSIONS)) : asked.sessions;
  return { sessions, threads: threads === 0 ? Math.max(1, Math.floor(cores / sessions)) : threads };
}
