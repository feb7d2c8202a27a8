import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Hook {
  readonly key: string;
  readonly currentHash: string;
}

/**
 * What Codex does when its user looks at new hooks (`/hooks`) and trusts them, through its own app server: each hook's hash goes into
 * its configuration.
 */
export async function trustHooks(program: readonly string[], env: Record<string, string>, cwd: string): Promise<void> {
  const [command = '', ...args] = program;
  const child = spawn(command, [...args, 'app-server'], { env, cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let id = 0;
  async function ask(method: string, params: object): Promise<{ data: { hooks: Hook[] }[] }> {
    child.stdin.write(`${JSON.stringify({ id: ++id, method, params })}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`codex app-server ended at ${method}`);
      const said = JSON.parse(value);
      if (said.id === id) return said.result;
    }
  }
  await ask('initialize', { clientInfo: { name: 'sallyport-deep', version: '1' } });
  child.stdin.write('{"method":"initialized"}\n');
  const { data } = await ask('hooks/list', { cwds: [cwd] });
  const hooks = data.flatMap(each => each.hooks);
  const value = Object.fromEntries(hooks.map(hook => [hook.key, { trusted_hash: hook.currentHash }]));
  await ask('config/batchWrite', { edits: [{ keyPath: 'hooks.state', value, mergeStrategy: 'upsert' }] });
  child.kill();
}
