import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetched } from '../fetched.ts';

const run = promisify(execFile);
const inspectorMillisMax = 60_000;

/** The MCP Inspector's command line against one path of the gateway. Returns what failed, in words. */
export async function inspect(url: string, token: string, tool: string, args: readonly string[]): Promise<string[]> {
  const folder = fetched('inspector', { '@modelcontextprotocol/inspector': '2.12.0' });
  const script = join(folder, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const env = { ...process.env, HOME: folder, MCP_CATALOG_PATH: join(folder, 'catalog.json') };
  const ask = async (...what: string[]): Promise<string> => {
    const common = ['--cli', url, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
    const { stdout } = await run(process.execPath, [script, ...common, ...what], {
      env,
      timeout: inspectorMillisMax,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  };
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
