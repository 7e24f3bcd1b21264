import { keepMemorySmall } from '../../keep-memory-small.ts';

// An edge in a process of its own, for tests that kill it and for measurements. The options come as JSON; one line says that it is up.
keepMemorySmall();
const { startLocalEdge } = await import('../../start-local-edge.ts');
const edge = await startLocalEdge(JSON.parse(process.argv[2] ?? '{}'));
console.log(`up ${edge.address}`);
process.once('SIGTERM', () => {
  edge.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
