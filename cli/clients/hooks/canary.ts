import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { canaryTool } from '@sallyport/gateway/transports/hook/acts.ts';
import type { Api } from '../../api.ts';
import { isOnRecord, type Proof, plainEnvironment } from '../canary.ts';

/** One event, in the words of a client, for a tool that nobody has. */
function eventFor(client: string, subagent: boolean): object {
  const who = subagent ? { agent_id: 'doctor', agent_type: 'doctor' } : {};
  const call = { tool_name: canaryTool, tool_input: {}, tool_use_id: `doctor-${subagent}`, cwd: '/', ...who };
  switch (client) {
    case 'cursor':
      return { hook_event_name: 'preToolUse', conversation_id: 'doctor', workspace_roots: ['/'], ...call };
    case 'gemini':
      return { hook_event_name: 'BeforeTool', session_id: 'doctor', ...call };
    case 'opencode':
    case 'openclaw':
      return { hook_event_name: 'before', session_id: 'doctor', ...call };
    default:
      return { hook_event_name: 'PreToolUse', session_id: 'doctor', ...call };
  }
}

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Whether a client that heeds its hook would not have let this call pass. */
export function isRefusal({ status, out, err }: Said): boolean {
  if (status === 2) return err.trim() !== '';
  return status === 0 && /"(?:permissionDecision|permission|decision)":"deny"/.test(out);
}

/**
 * Runs the very command that stands in the client's file, as the client does, with a call that must be refused: by its
 * agent, by its subagent, and once more where the answer cannot be fetched. Proven is: all three were refused, and the
 * gateway's record has the first two, by these agents.
 */
export async function proveHook(client: string, command: string, api: Api): Promise<Proof> {
  const { newest } = await api.get<{ newest: number }>('entries', { limit: 1 });
  for (const subagent of [false, true]) {
    const said = await runHook(command, eventFor(client, subagent), plainEnvironment());
    const who = subagent ? 'of a subagent ' : '';
    if (!isRefusal(said)) return { kind: 'unproven', why: `the call ${who}that must be refused was not` };
    const agent = subagent ? `${client}.subagent` : client;
    if (!(await isOnRecord(api, agent, newest)))
      return { kind: 'unproven', why: `a refusal ${who}came, and the gateway has no record of the call` };
  }
  const alone = await runHook(command, eventFor(client, false), { PATH: '/nonexistent' });
  if (!isRefusal(alone)) return { kind: 'unproven', why: 'where no answer can be fetched the call was not refused' };
  return { kind: 'proven' };
}

const waitMillisMax = 15_000;

export async function runHook(command: string, event: object, env: Record<string, string>): Promise<Said> {
  const child = spawn(command, { env, stdio: ['pipe', 'pipe', 'pipe'], shell: true });
  const timer = setTimeout(() => child.kill('SIGKILL'), waitMillisMax);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(event));
  const [status] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { status, out, err };
}
