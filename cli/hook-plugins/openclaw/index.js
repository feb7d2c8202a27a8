import { spawn } from 'node:child_process';

const timeoutMs = 10_000;

/** Before each tool the gateway is asked; whatever goes wrong is a refusal, here and in OpenClaw itself. */
// biome-ignore lint/style/noDefaultExport: OpenClaw loads what a plugin exports by default
export default function register(api) {
  // Both come from the configuration that `sallyport wrap` writes: this file may be run from a copy anywhere.
  const { stateDir, script } = api.pluginConfig ?? {};
  const eventOf = (event, context) => ({
    session_id: context.sessionId ?? context.sessionKey,
    tool_use_id: event.toolCallId,
    tool_name: event.toolName,
    cwd: context.workspaceDir,
  });
  api.on(
    'before_tool_call',
    async (event, context) => {
      try {
        const asked = { hook_event_name: 'before', ...eventOf(event, context), tool_input: event.params ?? {} };
        const { decision, reason } = await ask([script, stateDir], 'tool', asked);
        if (decision === 'allow' || decision === 'silent') return undefined;
        if (decision !== 'ask') return { block: true, blockReason: reason ?? 'Refused.' };
        return {
          requireApproval: {
            title: 'Sallyport asks',
            description: reason,
            severity: 'warning',
            allowedDecisions: ['allow-once', 'deny'],
          },
        };
      } catch (thrown) {
        return { block: true, blockReason: thrown instanceof Error ? thrown.message : 'Refused.' };
      }
    },
    { priority: 1_000, timeoutMs },
  );
  api.on('after_tool_call', async (event, context) => {
    const told = { hook_event_name: 'after', ...eventOf(event, context), tool_input: event.params ?? {} };
    await ask([script, stateDir], 'tool', { ...told, tool_response: event.result ?? event.error ?? null }).catch(
      () => {},
    );
  });
}

function ask(words, part, event) {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', [...words, 'openclaw', part], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    let why = '';
    child.stdout.on('data', chunk => {
      said += chunk;
    });
    child.stderr.on('data', chunk => {
      why += chunk;
    });
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', status => {
      clearTimeout(late);
      if (status !== 0) return reject(new Error(why || 'Refused: Sallyport gave no answer.'));
      try {
        resolve(JSON.parse(said));
      } catch {
        reject(new Error('Refused: Sallyport gave no answer.'));
      }
    });
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(event));
  });
}
