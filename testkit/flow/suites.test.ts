import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { replay } from '@sallyport/gateway/replay/replay.ts';
import { readSuite } from './suite.ts';

/** The texts of `scenarios/flow` themselves: a slip in them would be counted as something the pack did. */
const root = new URL('../../scenarios/flow/', import.meta.url).pathname;
const folders = (await readdir(root, { withFileTypes: true })).filter(entry => entry.isDirectory());

let policies = '';
before(async () => {
  policies = await mkdtemp(join(tmpdir(), 'sallyport-suites-'));
  await writeFile(join(policies, 'all.cedar'), '@id("all") permit (principal, action, resource);');
});
after(() => rm(policies, { recursive: true }));

describe('scenarios/flow', () => {
  for (const { name } of folders) {
    const folder = join(root, name);
    if (name !== 'adaptive')
      test(`${name} has a day's work in it: tools, tasks, a third of them delegating, attacks`, async () => {
        const { tools, benign, attacks } = await readSuite(folder);
        assert.ok(tools.length >= 15 && benign.length >= 20 && attacks.length >= 15);
        assert.ok(benign.filter(({ delegates }) => delegates !== undefined).length * 3 >= benign.length);
        assert.ok(benign.every(({ trajectory }) => trajectory.purpose.length > 10));
      });
    else
      test('adaptive: at least sixty attacks, each by a named technique', async () => {
        const { attacks } = await readSuite(folder);
        assert.ok(attacks.length >= 60);
        assert.ok(attacks.every(({ technique }) => technique !== undefined));
      });

    test(`${name}: every call names a tool and fits its schema, so that only policy decides`, async () => {
      const { toolsFile, benign } = await readSuite(folder);
      const files = ['attacks', ...(benign.length > 0 ? ['benign'] : [])].map(part => join(folder, `${part}.jsonl`));
      for await (const line of replay({ policies, tools: toolsFile, files, onAsk: 'refuse' })) {
        assert.ok(line.kind === 'trajectory', JSON.stringify(line));
        // Some attacks of that suite are definitions: those may be quarantined.
        const expected = name === 'adaptive' ? /^(?:all|quarantined): / : /^all: /;
        for (const { index, reasons } of line.calls)
          assert.match(reasons[0] ?? '', expected, `${line.id} calls[${index}]`);
      }
    });
  }
});
