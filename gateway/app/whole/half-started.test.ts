import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';

/** A start that fails gives back what it had opened, whichever step failed: the next one finds the place as it was. */

interface Fault {
  /** What the start says. */
  readonly says: RegExp;
  /** Lines of the configuration. */
  readonly config?: string;
  /** Puts something in the way; answers how it goes again. */
  readonly begin: (folder: string) => () => void;
}

const everything = '@id("everything") permit (principal, action, resource);\n';
const nothing = (): void => {};

const faults: Readonly<Record<string, Fault>> = {
  'its record': { says: /index\.sqlite/, begin: folder => inTheWay(join(folder, 'state', 'index.sqlite')) },
  'whom it knows': {
    says: /digest\.key is not a plain file/,
    begin: folder => inTheWay(join(folder, 'state', 'digest.key')),
  },
  'what it lends': {
    says: /leases\.jsonl is not a plain file/,
    begin: folder => inTheWay(join(folder, 'state', 'credentials', 'local', 'leases.jsonl')),
  },
  'what was accepted of servers': {
    says: /pins/,
    begin: folder => written(join(folder, 'state', 'pins.json'), 'no pins'),
  },
  'its policies': {
    says: /unrecognized action/,
    begin: folder =>
      written(join(folder, 'other.cedar'), 'permit (principal, action == Action::"notes/nothing", resource);\n'),
  },
  'whom it tells of questions': {
    says: /nowhere/,
    config: 'approvals: { channels: { ops: { kind: webhook, url: "https://example.org/", secretFile: ./nowhere } } }\n',
    begin: () => nothing,
  },
  'its doors': { says: /mcp\.sock is in the way/, begin: folder => written(join(folder, 'state', 'mcp.sock'), '') },
};

for (const [step, fault] of Object.entries(faults))
  test(`a start that fails at ${step} gives back what it had opened`, async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.file('state'), { mode: 0o700 });
    const mend = fault.begin(folder.path);
    await assert.rejects(openAndClose(folder.path, fault.config), fault.says);
    await until('what was closed is gone', () => heldBy(folder.path).length === 0).catch(() => {});
    assert.deepEqual(heldBy(folder.path), []);
    mend();
    await openAndClose(folder.path);
  });

/** One that starts although it must not would keep the test from ending, and nobody would hear why. */
async function openAndClose(folder: string, config = ''): Promise<void> {
  const house = await openHouse(folder, { policies: everything, script: { tools: [] }, config });
  await house.gateway.close();
}

function inTheWay(path: string): () => void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return () => rmSync(path, { recursive: true });
}

function written(path: string, text: string): () => void {
  writeFileSync(path, text, { mode: 0o600 });
  return () => rmSync(path);
}

/** Servers, timers and listeners of this process, and its open files below `folder` where the system tells. */
function heldBy(folder: string): string[] {
  const held = process.getActiveResourcesInfo().filter(what => /^(?:Process|Timeout|TCP|Pipe(?!Wrap))/.test(what));
  const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd') : [];
  return [...held, ...descriptors.map(fileOf).filter(file => file.startsWith(folder))];
}

/** The descriptor by which the folder was read is gone by now. */
function fileOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}
