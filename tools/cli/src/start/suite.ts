import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalEdge, type LogLine, startLocalEdge } from '@edgeveil/local-edge';
import { EvidenceContainer } from '@edgeveil/uploader';
import { ownPorts } from '../own-ports.ts';
import { REPO_DIR } from '../repo-dir.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { readSuiteManifest, type TwinOverlay } from './suite-manifest.ts';

export interface SuiteOptions {
  /** Everything that must outlive a restart: the storage account's data, the runtime's state, the modules' volumes. */
  readonly stateDir: string;
  readonly sourcesDir: string;
  /** Deployment template, relative to the repository. */
  readonly template: string;
  readonly twins: TwinOverlay;
  /** Environment that the modules' processes take PATH and the like from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLog: (line: LogLine) => void;
  /** Somebody asks the suite to stop, by `edgeveil stop`. */
  readonly onStop?: () => void;
}

/** A storage account, an IoT Edge runtime and the modules of a deployment template, all on this machine. */
export interface Suite {
  readonly edge: LocalEdge;
  readonly azurite: Azurite;
  readonly container: EvidenceContainer;
  /** Ends the modules upstream first, so that what is under way gets through, then the runtime and the storage account. */
  stop(): Promise<void>;
}

/** Folder of the models volume below a suite's state folder: where a model package is put to be found by inference. */
export function modelsVolume(stateDir: string): string {
  return join(stateDir, 'edge', 'volumes', 'edgeveil-models');
}

/**
 * Starts all of it. Ports are free ones, so several suites run side by side, each with a state folder of its own.
 *
 * @throws ConfigError when the template or a module's mapping is wrong.
 */
export async function startSuite(options: SuiteOptions): Promise<Suite> {
  await mkdir(options.sourcesDir, { recursive: true });
  const manifest = await readSuiteManifest(join(REPO_DIR, options.template), options.twins);
  const azurite = await startAzurite({ dir: join(options.stateDir, 'azurite') });
  try {
    const edge = await startLocalEdge({
      manifest,
      stateDir: join(options.stateDir, 'edge'),
      repoDir: REPO_DIR,
      environment: {
        ...options.environment,
        EDGEVEIL_STORAGE_CONNECTION_STRING: azurite.connectionString,
        EDGEVEIL_SOURCES_PATH: options.sourcesDir,
        EDGEVEIL_SITE: 'demo-site',
      },
      moduleOverrides: ownPorts,
      onLog: options.onLog,
      control: options.onStop === undefined ? false : { onStop: options.onStop },
    });
    const container = EvidenceContainer.open(azurite.connectionString, 'evidence');
    return {
      edge,
      azurite,
      container,
      stop: async () => {
        await edge.stop();
        await azurite.stop();
      },
    };
  } catch (error) {
    await azurite.stop();
    throw error;
  }
}
