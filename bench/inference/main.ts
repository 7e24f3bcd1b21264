import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Detector } from '@edgeveil/inference';
import { testDataDir } from '../../test/test-data.ts';
import { CONTESTANTS } from './contestants.ts';
import { openFramePutter } from './frame-store.ts';
import { measure } from './measure.ts';
import { makePictures } from './pictures.ts';
import { type ModelRounds, renderModel } from './render-model.ts';

// How near inference comes to what the machine can do, beside other ways to run the same models.
const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    ms: { type: 'string', default: '3000' },
    frames: { type: 'string', default: '1000' },
    singles: { type: 'string', default: '60' },
    models: { type: 'string', default: 'yunet_n_640,yolox_nano,mobilenet_v2' },
    only: { type: 'string' },
    /** Folder with `node_modules` of peers that this repository does not depend on. */
    peers: { type: 'string', default: '.' },
  },
});
const rounds = Number(flags.rounds);
const measureMs = Number(flags.ms);
const chosen = CONTESTANTS.filter(({ key }) => flags.only === undefined || flags.only.split(',').includes(key));

if (!existsSync(join(testDataDir, 'models'))) {
  console.log(`skipped: no models in EDGEVEIL_TEST_DATA (${testDataDir})`);
} else {
  const dir = await mkdtemp(join(tmpdir(), 'edgeveil-bench-'));
  try {
    await bench(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function bench(dir: string): Promise<void> {
  const [picturesDir, storeDir] = [join(dir, 'pictures'), join(dir, 'store')];
  await Promise.all([mkdir(picturesDir), mkdir(storeDir)]);
  const pictures = await makePictures(join(testDataDir, 'photos', 'coco'), picturesDir);
  const putter = await openFramePutter(storeDir, pictures.files);
  for (let index = 0; index < Number(flags.frames); index += 1) {
    await putter.put(index);
  }
  await putter.close();
  console.log(
    `Machine: ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(2)} at the start. ` +
      `${pictures.files.length} photos of 1920x1080, ${Math.round(pictures.meanBytes / 1000)} KB on average. Medians of ${rounds} rounds of ${measureMs} ms.\n`,
  );
  for (const name of flags.models.split(',')) {
    const modelFile = join(testDataDir, 'models', `${name}.onnx`);
    await using detector = await Detector.open({ model: modelFile });
    const { model } = detector;
    const found: ModelRounds = new Map(chosen.map((contestant) => [contestant, []]));
    for (let round = 0; round < rounds; round += 1) {
      // Each goes first in turn: the machine's speed drifts.
      const start = round % chosen.length;
      for (const contestant of [...chosen.slice(start), ...chosen.slice(0, start)]) {
        const { threads, sessions, measuresLatency } = contestant;
        const result = await measure(contestant, {
          modelFile,
          model,
          pictures: pictures.files,
          storeDir,
          threads,
          sessions,
          warmUp: 30,
          measureMs,
          singles: measuresLatency ? Number(flags.singles) : 0,
          peersDir: flags.peers,
        });
        found.get(contestant)?.push(result);
        console.error(`${name} round ${round + 1} ${contestant.key} ${JSON.stringify(result)}`);
      }
    }
    console.log(renderModel(name, found));
  }
}
