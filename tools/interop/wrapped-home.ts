import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type HttpUpstream, startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { readDocument } from 'sallyport/clients/edit/document.ts';
import { memberAt } from 'sallyport/clients/plan.ts';
import { main } from 'sallyport/main.ts';

const script = { tools: [{ name: 'read_note', inputSchema: { type: 'object' } }] };
const words = [...stdioUpstream('notes', script).launch.args];
const list = JSON.stringify(words);

/** One way to write down a server, as some client does. */
export interface Form {
  readonly name: string;
  readonly file: string;
  readonly format: 'json' | 'toml' | 'yaml';
  readonly at: readonly string[];
  readonly text: (url: string) => string;
  /** The Inspector can read such a file by itself. */
  readonly isInspectors?: true;
}

const node = JSON.stringify(process.execPath);
export const forms: readonly Form[] = [
  {
    ...{ name: 'command and args in JSON', file: '.cursor/mcp.json', format: 'json', at: ['mcpServers', 'notes'] },
    isInspectors: true,
    text: () => `{ "mcpServers": { "notes": { "command": ${node}, "args": ${list} } } }`,
  },
  {
    ...{ name: 'one list in JSON', file: '.config/opencode/opencode.json', format: 'json', at: ['mcp', 'notes'] },
    text: () =>
      `{ "mcp": { "notes": { "type": "local", "command": ${JSON.stringify([process.execPath, ...words])} } } }`,
  },
  {
    ...{ name: 'command and args in TOML', file: '.codex/config.toml', format: 'toml', at: ['mcp_servers', 'notes'] },
    text: () => `[mcp_servers.notes]\ncommand = ${node}\nargs = ${list}\n`,
  },
  {
    ...{ name: 'cmd and args in YAML', file: '.config/goose/config.yaml', format: 'yaml', at: ['extensions', 'notes'] },
    text: () => `extensions:\n  notes:\n    type: stdio\n    cmd: ${node}\n    args: ${list}\n`,
  },
  {
    ...{ name: 'url and headers in JSON', file: '.kiro/settings/mcp.json', format: 'json', at: ['mcpServers', 'far'] },
    isInspectors: true,
    text: url =>
      `{ "mcpServers": { "far": { "url": "${url}", "headers": { "Authorization": "Bearer canary-6d20fe11" } } } }`,
  },
];

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
  for (const { file, text } of forms) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text(far.url));
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
