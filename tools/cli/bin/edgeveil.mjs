#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `edgeveil needs Node 24 or later and this is ${process.version}: npx edgeveil takes the right one\n`,
  );
  process.exitCode = 1;
} else {
  // Without it every start strips the types anew, which takes longer than what most commands do.
  module.enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/edgeveil', import.meta.url)));
  await import('../src/main.ts');
}
