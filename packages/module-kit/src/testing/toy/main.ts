import { logLevelSchema } from '@edgeveil/contracts';
import { z } from 'zod';
import { defineModule } from '../../module-definition.ts';
import { runModule } from '../../run-module.ts';
import { FakeHub } from '../fake-hub.ts';

/** A module in a process of its own, for tests of how processes end: TOY_FAULT says what is wrong with it, TOY_HUB which hub: `away` for one that is not in reach, `sdk` for the one that the environment names. */
const toy = defineModule({
  name: 'toy',
  twinSchema: z.object({ logLevel: logLevelSchema.default('info'), pace: z.number().default(0) }),
  async start({ log, twin }) {
    log.info('toy started', { pace: twin.pace });
    switch (process.env.TOY_FAULT) {
      case 'leak':
        setInterval(() => {}, 1000);
        break;
      case 'uncaught':
        setImmediate(() => {
          throw new TypeError('nobody caught this');
        });
        break;
      case 'rejected':
        void Promise.reject(new TypeError('nobody caught this'));
        break;
      case 'chatty':
        setInterval(() => log.info('still here'), 1).unref();
        break;
      default:
    }
    return {
      apply: async () => {},
      drain: async () => log.info('toy drained'),
      close: () => (process.env.TOY_FAULT === 'hang' ? new Promise(() => {}) : Promise.resolve()),
    };
  },
});

const hub = new FakeHub({ desired: { pace: 7 } });
hub.isReachable = process.env.TOY_HUB !== 'away';
const connect = process.env.TOY_HUB === 'sdk' ? {} : { connect: hub.connect };
const isToBeForced = ['leak', 'hang'].includes(process.env.TOY_FAULT ?? '');
await runModule(process, toy, { ...connect, twinGraceMs: 50, graceMs: isToBeForced ? 300 : 8_000 });
