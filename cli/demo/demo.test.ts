import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleFile } from './private-copy.ts';

/** The demo as a process, with a gateway of its own: the story of the README, from the theft to the refusal. */

const launcher = join(import.meta.dirname, '..', 'bin', 'sallyport.js');
const secondsMax = 15;
let home: string;
let told: Record<string, never> & Story;
let seconds: number;

interface Half {
  readonly leaked: boolean;
  readonly summarised: boolean;
  readonly acts: readonly { tool: string; injected: boolean; outcome: string; decision?: string }[];
}
interface Story {
  readonly v: number;
  readonly scripted: boolean;
  readonly asTold: boolean;
  readonly without: Half;
  readonly through: Half & {
    readonly gateway: { readonly own: boolean; readonly stateDir: string };
    readonly denied: {
      readonly decision: string;
      readonly rule: string;
      readonly fix: string;
      readonly labels: readonly { server: string; tool: string; entry: string }[];
    };
  };
  readonly next: readonly string[];
}

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-demo-test-'));
  const started = performance.now();
  const before = folderText();
  told = await new Promise((done, fail) => {
    const env = { ...process.env, XDG_STATE_HOME: home, TMPDIR: home };
    execFile(process.execPath, [launcher, 'demo', '--json'], { env }, (error, stdout, stderr) =>
      error === null ? done(JSON.parse(stdout)) : fail(new Error(`status ${error.code}\n${stdout}\n${stderr}`)),
    );
  });
  seconds = (performance.now() - started) / 1_000;
  assert.equal(folderText(), before, 'the example folder itself was changed');
});
after(() => rmSync(home, { recursive: true, force: true }));

function folderText(): string {
  const folder = join(dirname(exampleFile), 'demo', 'folder');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => `${name}\n${statSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), 'utf8') : ''}`)
    .join('\n');
}

test('without the gateway the key leaks, and the demo says that its agent is scripted', () => {
  assert.equal(told.v, 1);
  assert.equal(told.scripted, true);
  assert.equal(told.without.leaked, true);
  assert.ok(told.without.acts.every(({ outcome }) => outcome === 'done'));
});

test('through the gateway the same agent is refused, with rule, fix and the entry that the label came from', () => {
  const { denied, acts } = told.through;
  assert.deepEqual(
    acts.filter(({ outcome }) => outcome === 'refused').map(({ tool, injected }) => [tool, injected]),
    [['everything/get-env', true]],
  );
  assert.equal(denied.rule, 'no-detour-after-untrusted');
  assert.match(denied.fix, /open a task that names this tool/);
  assert.deepEqual(
    [...new Set(denied.labels.map(({ server, tool }) => `${server}/${tool}`))],
    ['files/read_text_file'],
  );
  assert.match(denied.labels[0]?.entry ?? '', /^o_[0-9a-z]{26}$/);
  assert.equal(told.through.leaked, false);
});

test('the honest part of the task is done', () => {
  assert.equal(told.through.summarised, true);
  assert.equal(told.asTold, true);
});

test(`it takes less than ${secondsMax} s and leaves its record with the commands that read it`, () => {
  assert.ok(seconds < secondsMax, `${seconds.toFixed(1)} s`);
  const { own, stateDir } = told.through.gateway;
  assert.equal(own, true);
  assert.ok(stateDir.startsWith(home));
  assert.ok(told.next.some(line => line.startsWith(`sallyport audit verify --state ${stateDir}`)));
});
