import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { passed, refused } from '@sallyport/core/model/refusal.ts';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { startRig } from '@sallyport/testkit/upstream/rig.ts';
import type { ServerConfig } from './config.ts';
import type { Credentials } from './credentials.ts';

interface Counted extends Credentials {
  readonly issued: string[];
  readonly released: string[];
}

/** Issues whatever is called `key…`, and nothing else. */
function counted(): Counted {
  const issued: string[] = [];
  const released: string[] = [];
  return {
    issued,
    released,
    issue: async credential => {
      if (!credential.startsWith('key'))
        return refused({ code: 'credential-unavailable', what: credential, why: 'it is not there' });
      issued.push(credential);
      const ended = new AbortController().signal;
      return passed({ lease: { id: credential }, secret: 'an own\nsecret', until: Date.now() + 3_600_000, ended });
    },
    release: lease => void released.push(lease),
    isPerTask: () => false,
  };
}

const cases: Readonly<Record<string, (stateDir: string) => ServerConfig>> = {
  'a child whose folders cannot be made': stateDir => {
    writeFileSync(join(stateDir, 'servers'), '');
    return stdioUpstream('s', {}, { OWN: { credential: 'key' } });
  },
  'a child that cannot have its second one': () =>
    stdioUpstream('s', {}, { OWN: { credential: 'key' }, OTHER: { credential: 'none' } }),
  'a session whose header cannot hold it': () => ({
    ...stdioUpstream('s', {}),
    launch: { kind: 'http', url: 'http://127.0.0.1:9/mcp', headers: { 'x-own': { credential: 'key' } } },
  }),
};
for (const [what, serverIn] of Object.entries(cases))
  test(`a credential that was issued for ${what} is given back`, async () => {
    using folder = temporaryFolder();
    const credentials = counted();
    await using rig = await startRig({ servers: [serverIn(folder.path)], stateDir: folder.path, credentials });
    assert.ok(!(await rig.upstreams.look('s')).ok);
    assert.ok(credentials.issued.length > 0);
    assert.deepEqual(credentials.released, credentials.issued);
  });
