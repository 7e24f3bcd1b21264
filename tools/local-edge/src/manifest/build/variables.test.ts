import assert from 'node:assert/strict';
import { unsetVariables } from './variables.ts';

describe('unsetVariables', () => {
  it('names what the environment lacks, once, and neither modules nor system endpoints', () => {
    const template = '"$SITE" "${KEY}/$SITE" "$KNOWN" "${MODULES.ingest}" "${MODULEDIR<../x>}" "$upstream" "$edgeHub"';
    assert.deepEqual(unsetVariables(template, { KNOWN: '' }), ['SITE', 'KEY']);
  });
});
