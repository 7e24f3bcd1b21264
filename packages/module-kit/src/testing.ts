export { createFakeContext, type FakeContext, type FakeContextOptions } from './testing/fake-context.ts';
export { FakeHub, type SentMessage } from './testing/fake-hub.ts';
export { FakeHubClient } from './testing/fake-hub-client.ts';
export { FakeProcess } from './testing/fake-process.ts';
