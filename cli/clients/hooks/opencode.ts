import { hookSeconds, hookWords } from './script.ts';

/**
 * OpenCode runs plugins: this one asks before each tool, and throws unless the answer lets it go. Text of a
 * module, which asks the gateway of `stateDir`.
 */
export function opencodePlugin(stateDir: string, platform: NodeJS.Platform): string {
  const [program, script] = hookWords(platform);
  return `// Written by \`sallyport wrap\`; \`sallyport unwrap\` takes it out again.
import { spawn } from 'node:child_process';

const words = ${JSON.stringify([script, stateDir, 'opencode'])};

function ask(part, event) {
  return new Promise((resolve, reject) => {
    const child = spawn(${platform === 'win32' ? JSON.stringify(program) : "'/bin/sh'"}, [...words, part], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    let why = '';
    child.stdout.on('data', chunk => { said += chunk; });
    child.stderr.on('data', chunk => { why += chunk; });
    // Here a refusal; without it whoever never answers would hold the agent up for ever.
    const late = setTimeout(() => child.kill('SIGKILL'), ${hookSeconds * 1_000});
    child.on('error', reject);
    child.on('close', status => {
      clearTimeout(late);
      if (status !== 0) return reject(new Error(why || 'Refused: Sallyport gave no answer.'));
      try { resolve(JSON.parse(said)); } catch { reject(new Error('Refused: Sallyport gave no answer.')); }
    });
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(event));
  });
}

export const Sallyport = async ({ directory, client }) => {
  const parents = new Map();
  // A subagent has a session below its caller's. Whose it is says OpenCode; where it does not say, nothing is done.
  const rootOf = async id => {
    if (!parents.has(id)) {
      const { data } = await client.session.get({ path: { id } });
      if (data === undefined) throw new Error('Refused: OpenCode does not say whose session this is.');
      parents.set(id, data.parentID);
    }
    const parent = parents.get(id);
    return parent === undefined ? id : rootOf(parent);
  };
  const eventOf = async ({ sessionID, callID, tool }, args) => {
    const root = await rootOf(sessionID);
    const below = root === sessionID ? {} : { agent_id: sessionID };
    return { session_id: root, ...below, tool_use_id: callID, tool_name: tool, tool_input: args, cwd: directory };
  };
  return {
  'chat.message': async (input, output) => {
    // What an agent tells its subagent are not its user's words.
    if ((await rootOf(input.sessionID).catch(() => undefined)) !== input.sessionID) return;
    const prompt = (output.parts ?? []).flatMap(part => (part.type === 'text' ? [part.text] : [])).join('\\n');
    await ask('prompt', { hook_event_name: 'prompt', session_id: input.sessionID, cwd: directory, prompt }).catch(() => {});
  },
  'tool.execute.before': async (input, output) => {
    const event = await eventOf(input, output.args);
    const { decision, reason } = await ask('tool', { hook_event_name: 'before', ...event });
    if (decision !== 'silent' && decision !== 'allow') throw new Error(reason ?? 'Refused.');
  },
  'tool.execute.after': async (input, output) => {
    const event = await eventOf(input, input.args);
    await ask('tool', { hook_event_name: 'after', ...event, tool_response: output.output }).catch(() => {});
  },
  };
};
`;
}
