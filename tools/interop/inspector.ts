import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetched } from '../fetched.ts';

const run = promisify(execFile);
const inspectorMillisMax = 60_000;
export const inspectorVersion = '2.12.0';

/** How the Inspector is told which server is meant: an address, a file of a client and a name in it, or a program with its words. */
export interface Meant {
  /** Its own options. */
  readonly options: readonly string[];
  /** Program and words of the server; undefined where `options` say it all. */
  readonly program?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function atAddress(url: string, token: string): Meant {
  return { options: [url, '--transport', 'http', '--header', `Authorization: Bearer ${token}`] };
}

/** The MCP Inspector's command line lists a server's tools and calls one. Returns what failed, in words. */
export async function inspect({ options, program = [], env = {} }: Meant, call: readonly string[]): Promise<string[]> {
  const folder = fetched('inspector', { '@modelcontextprotocol/inspector': inspectorVersion });
  const script = join(folder, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  // A file of its own and a client's file are not taken together.
  const catalog = options.includes('--config') ? {} : { MCP_CATALOG_PATH: join(folder, 'catalog.json') };
  const environment = { ...process.env, HOME: folder, ...catalog, ...env };
  const ask = async (...what: readonly string[]): Promise<string> => {
    const words = ['--cli', ...options, ...what, ...(program.length === 0 ? [] : ['--', ...program])];
    const { stdout } = await run(process.execPath, [script, ...words], {
      env: environment,
      timeout: inspectorMillisMax,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  };
  const [tool = '', ...args] = call;
  const faults: string[] = [];
  for (const [what, expected] of [
    [['--method', 'tools/list'], `"${tool}"`],
    [['--method', 'tools/call', '--tool-name', tool, ...args.flatMap(arg => ['--tool-arg', arg])], '"content"'],
  ] as const) {
    const answer = await ask(...what).catch((thrown: Error) => thrown.message);
    if (!answer.includes(expected)) faults.push(`inspector ${what.join(' ')}: ${answer.slice(0, 500)}`);
  }
  return faults;
}
