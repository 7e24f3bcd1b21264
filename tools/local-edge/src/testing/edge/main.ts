import { startLocalEdge } from '../../start-local-edge.ts';

// An edge in a process of its own, for tests that kill it. The options come as JSON; one line says that it is up.
const edge = await startLocalEdge(JSON.parse(process.argv[2] ?? '{}'));
console.log(`up ${edge.address}`);
