import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@sallyport/testkit/free-port.ts';

const run = promisify(execFile);

export const trustDomain = 'example.org';

/** The folder that holds `spire-server` and `spire-agent`: SPIRE_DIR (or its `bin`), else one of PATH. */
export function spireFolder(): string | undefined {
  const { SPIRE_DIR: dir, PATH: path = '' } = process.env;
  const folders = [...(dir === undefined ? [] : [dir, join(dir, 'bin')]), ...path.split(delimiter)];
  return folders.find(folder => ['spire-server', 'spire-agent'].every(name => existsSync(join(folder, name))));
}

/** A SPIRE server and one agent on this machine, which attests this user's processes. */
export interface Spire {
  readonly version: string;
  readonly server: (...args: readonly string[]) => Promise<string>;
  readonly agent: (...args: readonly string[]) => Promise<string>;
  /** `spiffe://example.org/PATH` for every process of this user. */
  readonly enter: (path: string, ...more: readonly string[]) => Promise<void>;
  readonly bundle: () => Promise<string>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export async function startSpire(bin: string, home: string): Promise<Spire> {
  const [serverSocket, agentSocket] = [join(home, 'server.sock'), join(home, 'agent.sock')];
  const server = async (...args: readonly string[]): Promise<string> =>
    (await run(join(bin, 'spire-server'), [...args, '-socketPath', serverSocket], { timeout: 20_000 })).stdout;
  const agent = async (...args: readonly string[]): Promise<string> =>
    (await run(join(bin, 'spire-agent'), [...args, '-socketPath', agentSocket], { timeout: 20_000 })).stdout;
  const port = await freePort();
  const children: ChildProcess[] = [];
  const begin = (name: string, conf: string, ...more: readonly string[]): void => {
    writeFileSync(join(home, `${name}.conf`), conf);
    children.push(spawn(join(bin, name), ['run', '-config', join(home, `${name}.conf`), ...more], { stdio: 'ignore' }));
  };
  const end = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null) continue;
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill();
      await ended;
    }
  };
  try {
    begin('spire-server', serverConf({ port, socket: serverSocket, data: folder(home, 'server-data') }));
    await ready(() => server('healthcheck'));
    const bundleFile = join(home, 'bootstrap.pem');
    writeFileSync(bundleFile, await server('bundle', 'show'));
    const token = /Token: (\S+)/.exec(await server('token', 'generate'))?.[1] ?? '';
    const conf = { port, socket: agentSocket, data: folder(home, 'agent-data'), bundleFile };
    begin('spire-agent', agentConf(conf), '-joinToken', token);
    await ready(() => agent('healthcheck'));
    const parent = `spiffe://${trustDomain}/spire/agent/join_token/${token}`;
    const version = (await run(join(bin, 'spire-server'), ['--version'])).stderr.trim();
    return {
      ...{ version, server, agent },
      enter: async (path, ...more) => {
        const id = ['-spiffeID', `spiffe://${trustDomain}${path}`, '-parentID', parent];
        await server('entry', 'create', ...id, '-selector', `unix:uid:${process.getuid?.()}`, ...more);
      },
      bundle: () => server('bundle', 'show', '-format', 'spiffe'),
      [Symbol.asyncDispose]: end,
    };
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

function folder(home: string, name: string): string {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Waits until the command ends well: half a minute at most. */
export async function ready(probe: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + 30_000; ; await new Promise(resolve => setTimeout(resolve, 200))) {
    try {
      await probe();
      return;
    } catch (thrown) {
      if (Date.now() > end) throw thrown;
    }
  }
}

function serverConf({ port, socket, data }: { port: number; socket: string; data: string }): string {
  return `server {
  bind_address = "127.0.0.1"
  bind_port = "${port}"
  socket_path = "${socket}"
  trust_domain = "${trustDomain}"
  data_dir = "${data}"
  log_level = "ERROR"
  default_jwt_svid_ttl = "5m"
}
plugins {
  DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "${data}/datastore.sqlite3" } }
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
}
`;
}

function agentConf(place: { port: number; socket: string; data: string; bundleFile: string }): string {
  return `agent {
  data_dir = "${place.data}"
  log_level = "ERROR"
  server_address = "127.0.0.1"
  server_port = "${place.port}"
  socket_path = "${place.socket}"
  trust_bundle_path = "${place.bundleFile}"
  trust_domain = "${trustDomain}"
}
plugins {
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
  WorkloadAttestor "unix" { plugin_data {} }
}
`;
}
