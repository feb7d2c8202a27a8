import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Heard {
  /** Inputs of calls that it asked its user about. */
  readonly asked: readonly string[];
  /** Words for its user that a hook brought as the session began, and whatever else it printed. */
  readonly text: string;
}

const runMillisMax = 45_000;

/** Claude Code in its default permission mode, with a user who says yes to whatever it asks: its own control protocol over pipes. */
export async function runAsking(
  program: readonly string[],
  env: Record<string, string>,
  cwd: string,
  words: string,
): Promise<Heard> {
  const [command = '', ...args] = program;
  const protocol = [
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--permission-prompt-tool',
    'stdio',
  ];
  const flags = ['-p', '--verbose', '--include-hook-events', ...protocol];
  const child = spawn(command, [...args, ...flags], { env, cwd, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), runMillisMax);
  const exit = once(child, 'exit');
  const asked: string[] = [];
  let text = '';
  child.stdin.on('error', () => {});
  child.stderr.on('data', chunk => {
    text += chunk;
  });
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  send({ type: 'user', message: { role: 'user', content: words } });
  for await (const line of createInterface(child.stdout)) {
    text += `${line}\n`;
    const said = JSON.parse(line);
    if (said.type === 'result') child.stdin.end();
    if (said.type !== 'control_request') continue;
    const isCall = said.request.subtype === 'can_use_tool';
    if (isCall) asked.push(JSON.stringify(said.request.input));
    const response = isCall ? { behavior: 'allow', updatedInput: said.request.input } : { action: 'decline' };
    send({ type: 'control_response', response: { subtype: 'success', request_id: said.request_id, response } });
  }
  await exit;
  clearTimeout(timer);
  return { asked, text };
}
