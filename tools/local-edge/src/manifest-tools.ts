// What works on manifests and routes alone, apart from the runtime so that small commands load nothing heavy.
export { type CheckCode, checks, type Finding, type Severity } from './lint/finding.ts';
export { type LintOptions, lintDeployment } from './lint/lint-deployment.ts';
export { type BuildOptions, type BuiltManifest, buildManifest } from './manifest/build/build-manifest.ts';
export { builtManifestPath } from './manifest/build/manifest-path.ts';
export { unsetVariables } from './manifest/build/variables.ts';
export { loadDeployment } from './manifest/load-deployment.ts';
export { evaluateLine, type LineVerdict } from './routing/evaluate-line.ts';
export { explainRoutes, type RouteExplanation, type RouteReason } from './routing/explain-routes.ts';
export { readTestMessage } from './routing/read-test-message.ts';
export { messageSourceOf } from './routing/source.ts';
