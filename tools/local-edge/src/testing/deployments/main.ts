import { startLocalEdge } from '../../start-local-edge.ts';

// An edge that takes one deployment after the other, for a test that kills it meanwhile. A line says how many have been taken.
const { options, manifests } = JSON.parse(process.argv[2] ?? '{}');
const edge = await startLocalEdge({ ...options, manifest: manifests[0] });
console.log('0');
for (let n = 1; ; n = (n + 1) % manifests.length) {
  await edge.applyDeployment(manifests[n]);
  console.log(String(n));
}
