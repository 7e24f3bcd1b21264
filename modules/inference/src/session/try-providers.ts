import { ConfigError, type ExecutionProvider } from '@edgeveil/contracts';
import type { ProviderReport } from './session-protocol.ts';

/** What the attempts themselves tell: the rest of the report is the session's. */
export type ProviderChoice = Pick<ProviderReport, 'asked' | 'used' | 'failures'>;

/**
 * Opens a session with each provider in turn until one works, because the runtime does not fall back by itself: a list
 * with CUDA in it throws where CUDA cannot load. `open` must try the session out, not only create it.
 * ConfigError when none works: that of the CPU, which speaks of the model itself; else GPU_REQUIRED or PROVIDER_UNAVAILABLE.
 */
export async function tryProviders<Opened>(
  asked: readonly ExecutionProvider[],
  requireGpu: boolean,
  open: (provider: ExecutionProvider) => Promise<Opened>,
  discard: (opened: Opened) => Promise<void>,
): Promise<{ readonly opened: Opened; readonly report: ProviderChoice }> {
  const failures: { provider: ExecutionProvider; reason: string }[] = [];
  for (const provider of new Set(asked)) {
    if (provider === 'cpu' && requireGpu) {
      continue;
    }
    try {
      return { opened: await open(provider), report: { asked, used: provider, failures } };
    } catch (error) {
      if (provider === 'cpu') {
        throw error;
      }
      failures.push({ provider, reason: firstLineOf(error) });
    }
  }
  // Whose fault is it? A model that does not even run on the CPU is to blame, and its error says more.
  await discard(await open('cpu'));
  const found = failures.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ') || 'no GPU provider listed';
  if (requireGpu) {
    throw new ConfigError('GPU_REQUIRED', `requireGpu is set, but no GPU provider works: ${found}`, {
      details: { expected: 'a GPU provider that works', found, asked },
    });
  }
  throw new ConfigError('PROVIDER_UNAVAILABLE', `none of the listed execution providers works: ${found}`, {
    details: { expected: `one of ${asked.join(', ')}`, found, asked },
  });
}

function firstLineOf(error: unknown): string {
  // The runtime's own words; our message repeats the model's name.
  const found = error instanceof ConfigError && !error.code.startsWith('PROVIDER_') ? error.details.found : undefined;
  const message = typeof found === 'string' ? found : error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').slice(0, 300);
}
