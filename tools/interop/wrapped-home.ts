import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type HttpUpstream, startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { readDocument } from 'sallyport/clients/edit/document.ts';
import { memberAt } from 'sallyport/clients/plan.ts';
import { ownMembers } from 'sallyport/clients/shape.ts';
import { type Client, clientsOn } from 'sallyport/clients/table.ts';
import { main } from 'sallyport/main.ts';

const script = { tools: [{ name: 'read_note', inputSchema: { type: 'object' } }] };
const words = [...stdioUpstream('notes', script).launch.args];

/** How one client writes down a server. */
export interface Form {
  readonly name: string;
  readonly file: string;
  readonly format: 'json' | 'toml' | 'yaml';
  readonly at: readonly string[];
  readonly entry: (url: string) => Readonly<Record<string, unknown>>;
  /** The Inspector can read such a file by itself. */
  readonly isInspectors?: true;
}

/** Of each client that `wrap` knows, an entry as it writes one down; and one that has an address instead of a program. */
export const forms: readonly Form[] = [
  ...clientsOn({ home: '/', cwd: '/project', platform: 'linux', env: {} }).map(formOf),
  {
    ...{ name: 'url and headers', file: '.kiro/settings/mcp.json', format: 'json', at: ['mcpServers', 'far'] },
    isInspectors: true,
    entry: url => ({ url, headers: { Authorization: 'Bearer canary-6d20fe11' } }),
  },
];

function formOf({ name, format, keys, shape, files: [file] }: Client): Form {
  const at = [...(keys.at(-1) ?? []), 'notes'];
  const entry = ownMembers({ command: process.execPath, args: words }, shape, {});
  return {
    ...{ name, format, at, file: relative('/', file?.path ?? '') },
    ...(format === 'json' && at[0] === 'mcpServers' ? { isInspectors: true } : {}),
    entry: () => entry,
  };
}

/** All entries of one file, as a client writes them. */
function textOf(all: readonly Form[], url: string): string {
  if (all[0]?.format === 'toml') return all.map(({ at, entry }) => tableOf(at, entry(url))).join('\n');
  const whole: Record<string, unknown> = {};
  for (const { at, entry } of all) {
    let inner = whole;
    for (const name of at.slice(0, -1)) {
      const next = (inner[name] ?? {}) as Record<string, unknown>;
      inner[name] = next;
      inner = next;
    }
    inner[at.at(-1) ?? ''] = entry(url);
  }
  // JSON is YAML as well.
  return JSON.stringify(whole, null, 2);
}

/** Texts and lists of texts are written alike in JSON and TOML. */
function tableOf(at: readonly string[], entry: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(entry).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return [`[${at.join('.')}]`, ...members, ''].join('\n');
}

/** How a client starts what stands in its file. */
export interface Entry {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** A home in which every form of entry was wrapped, and the gateway runs. */
export interface WrappedHome extends AsyncDisposable {
  readonly home: string;
  /** The server that has an address. */
  readonly far: HttpUpstream;
  readonly fileOf: (form: Form) => string;
  /** Program and words as the client would read them out of its file now. */
  readonly entryOf: (form: Form) => Entry;
}

export async function openWrappedHome(): Promise<WrappedHome> {
  const folder = temporaryFolder();
  const home = folder.file('home');
  const env = { HOME: home, PATH: process.env.PATH ?? '' };
  const far = await startHttpUpstream(script);
  async function sallyport(...argv: string[]): Promise<void> {
    const terminal = createFakeTerminal({ cwd: home, env });
    const status = await main(['--state', folder.file('state'), ...argv], terminal);
    if (status !== 0) throw new Error(`sallyport ${argv[0]}: ${terminal.stderr()}`);
  }
  for (const [file, all] of Map.groupBy(forms, form => form.file)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), textOf(all, far.url));
  }
  await sallyport('wrap', '--servers-only', '--keys', 'file', '--yes');
  const config = join(home, '.config/sallyport/sallyport.yaml');
  writeFileSync(config, `listen: 127.0.0.1:0\n${readFileSync(config, 'utf8')}`);
  await sallyport('up', '--config', config);
  return {
    ...{ home, far },
    fileOf: ({ file }) => join(home, file),
    entryOf: ({ file, format, at }) => {
      const text = readFileSync(join(home, file), 'utf8');
      const entry = memberAt(readDocument(format, text), at) as Record<string, unknown>;
      const [command = '', ...args] = [entry.command ?? entry.cmd, entry.args ?? []].flat() as string[];
      return { command, args, env };
    },
    [Symbol.asyncDispose]: async () => {
      await sallyport('down');
      await far[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
