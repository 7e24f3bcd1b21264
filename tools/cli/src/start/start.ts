import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { uploadsMessageSchema } from '@edgeveil/contracts';
import { createLogUpdate } from 'log-update';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { REPO_DIR } from '../repo-dir.ts';
import { UsageError } from '../usage-error.ts';
import { DEMO_SOURCES, startDemoFeeder } from './demo-sources.ts';
import { LatestUploads } from './latest-uploads.ts';
import { renderFiguresLine, renderLiveTable } from './live-table.ts';
import { RecentWarnings } from './recent-warnings.ts';
import { serveResultsPage } from './results-page.ts';
import { takeStateDir } from './state-dir.ts';
import { modelsVolume, startSuite } from './suite.ts';
import { SuiteFiguresReader } from './suite-figures.ts';
import { installUserModel } from './user-model.ts';
import { userSources } from './user-sources.ts';

export interface StartOptions {
  readonly images?: string;
  readonly model?: string;
  readonly classes?: string;
  readonly fresh?: boolean;
  readonly for?: number;
}

const DEMO_NOTE =
  'The bundled model knows the drawn demo scenes only. Your own: npm start -- --images DIR --model FILE';
const FOLDER_NOTE = 'Drop pictures into';
const REFRESH_MS = 1000;
/** Where nobody watches a table, one line at this pace is enough. */
const LINE_EVERY_MS = 5000;

/** Runs the suite until Ctrl-C (or for a given time) and shows what it does. */
export async function start(options: StartOptions, context: CliContext): Promise<ExitCode> {
  if (options.for !== undefined && !(options.for > 0))
    throw new UsageError(`--for ${options.for}: must be a number of seconds above 0`);
  const state = await takeStateDir(join(REPO_DIR, '.edgeveil'), process.pid);
  try {
    const stop = new AbortController();
    const signal = AbortSignal.any([context.signal, stop.signal]);
    await runIn(state.path, options, { ...context, signal }, () => stop.abort());
    return 0;
  } finally {
    await state.release();
  }
}

async function runIn(stateDir: string, options: StartOptions, context: CliContext, onStop: () => void): Promise<void> {
  if (options.fresh) {
    for (const part of ['azurite', 'edge', 'sources']) await rm(join(stateDir, part), { recursive: true, force: true });
  }
  const own = options.images === undefined ? undefined : await userSources(options.images, context.workingDir);
  const sourcesDir = own?.sourcesDir ?? join(stateDir, 'sources');
  const model =
    options.model === undefined
      ? undefined
      : await installUserModel({
          model: options.model,
          classes: options.classes,
          modelsDir: modelsVolume(stateDir),
          workingDir: context.workingDir,
        });
  const labels = model?.labels ?? options.classes?.split(',').map((label) => label.trim());

  context.errors.write('starting the storage account, the IoT Edge runtime and the modules…\n');
  const warnings = new RecentWarnings();
  const suite = await startSuite({
    stateDir,
    sourcesDir,
    template: 'deployment.template.json',
    twins: {
      ingest: { sources: own?.sources ?? DEMO_SOURCES },
      ...(model === undefined ? {} : { inference: { model: { package: model.package } } }),
      ...(labels === undefined ? {} : { redact: { policy: { name: labels.join('-and-'), labels } } }),
    },
    environment: context.environment,
    onLog: ({ text }) => warnings.add(text),
    onStop,
  });
  const feeder =
    own === undefined ? startDemoFeeder(sourcesDir, (error) => warnings.note(`demo: ${error.message}`)) : undefined;
  const latest = new LatestUploads(suite.container);
  suite.edge.events.on('upstream', (message) => {
    if (message.properties.get('type') !== 'upload') return;
    for (const upload of uploadsMessageSchema.parse(JSON.parse(message.body.toString('utf8'))).uploads) {
      latest.add(upload).catch((error: unknown) => warnings.note(`results page: ${String(error)}`));
    }
  });
  const page = await serveResultsPage(latest, suite.container);
  try {
    const links = [
      `Redacted pictures: ${page.url}`,
      ...(own === undefined ? [`${FOLDER_NOTE} ${join(sourcesDir, 'dropped')}`] : []),
      `Logs: ${join(stateDir, 'edge', 'logs')}`,
      ...(model === undefined ? ['', DEMO_NOTE] : []),
      '',
      'Ctrl-C stops.',
    ];
    await show(new SuiteFiguresReader(suite.edge), links, warnings, options, context);
  } finally {
    context.errors.write('\nstopping…\n');
    await page.close();
    await feeder?.stop();
    await suite.stop();
  }
}

async function show(
  reader: SuiteFiguresReader,
  links: readonly string[],
  warnings: RecentWarnings,
  options: StartOptions,
  context: CliContext,
): Promise<void> {
  const end =
    options.for === undefined
      ? context.signal
      : AbortSignal.any([context.signal, AbortSignal.timeout(options.for * 1000)]);
  const update = context.isTerminal ? createLogUpdate(context.output) : undefined;
  if (update === undefined) context.output.write(`${links.join('\n')}\n`);
  while (!end.aborted) {
    const figures = await reader.read();
    if (update === undefined) context.output.write(`${renderFiguresLine(figures)}\n`);
    else update(`${renderLiveTable(figures, links, warnings.list())}\n`);
    await sleep(update === undefined ? LINE_EVERY_MS : REFRESH_MS, undefined, { signal: end }).catch(() => {});
  }
  update?.done();
}
