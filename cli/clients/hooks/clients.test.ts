import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { hookClients } from '@sallyport/gateway/transports/hook/clients/all.ts';
import { type DeskHouse, openDeskHouse } from '@sallyport/testkit/hooks/desk-house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { runHook } from './canary.ts';
import { hookScript } from './script.ts';
import { hookCommand, hookTargetsOn } from './table.ts';

/** Each client in its own words, through the very command that `wrap` writes, to a real gateway that enforces. */

const root = '/home/emma/shop';
const folder = temporaryFolder();
let house: DeskHouse;
before(async () => {
  house = await openDeskHouse(folder.file('all'), { clients: hookClients.map(({ id }) => id) });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

interface Words {
  /** An action in the folder, one that policy asks about, and one over an MCP server that the client runs itself. */
  readonly free: object;
  readonly asked: object;
  readonly mcp: object;
  readonly prompt: object;
  readonly says: (decision: 'allow' | 'ask' | 'deny') => (said: Record<string, never>) => boolean;
  /** What it is told where policy asks. */
  readonly question: 'ask' | 'deny';
}

const claude = {
  session_id: 's',
  transcript_path: '/t',
  cwd: root,
  permission_mode: 'default',
  hook_event_name: 'PreToolUse',
};
const nested = (decision: string) => (said: Record<string, never>) => {
  const { hookEventName, permissionDecision, permissionDecisionReason } = (said.hookSpecificOutput ?? {}) as Record<
    string,
    string
  >;
  return hookEventName === 'PreToolUse' && permissionDecision === decision && permissionDecisionReason !== '';
};
const silence = (said: Record<string, never>): boolean => Object.keys(said).length === 0;

const clients: Readonly<Record<string, Words>> = {
  'claude-code': {
    free: {
      ...claude,
      tool_name: 'Bash',
      tool_input: { command: 'npm test', description: 'test' },
      tool_use_id: 'toolu_1',
      prompt_id: 'p',
    },
    asked: { ...claude, tool_name: 'Bash', tool_input: { command: 'git push' }, tool_use_id: 'toolu_2' },
    mcp: {
      ...claude,
      tool_name: 'mcp__mail__send',
      tool_input: { to: 'x' },
      tool_use_id: 'toolu_3',
      mcp_server: { name: 'mail', source: 'user' },
    },
    prompt: { ...claude, hook_event_name: 'UserPromptSubmit', prompt: 'Run the tests' },
    says: nested,
    question: 'ask',
  },
  codex: {
    free: {
      ...claude,
      turn_id: 't',
      model: 'm',
      tool_name: 'Bash',
      tool_input: { command: 'npm test' },
      tool_use_id: 'c1',
    },
    asked: {
      ...{ ...claude, turn_id: 't', model: 'm', tool_name: 'apply_patch', tool_use_id: 'c2' },
      tool_input: { command: '*** Begin Patch\n*** Update File: /etc/hosts\n@@\n-a\n+b\n*** End Patch' },
    },
    mcp: {
      ...claude,
      turn_id: 't',
      model: 'm',
      tool_name: 'mcp__mail__send',
      tool_input: { to: 'x' },
      tool_use_id: 'c3',
    },
    prompt: { ...claude, hook_event_name: 'UserPromptSubmit', prompt: 'Run the tests' },
    says: decision => (decision === 'deny' ? nested('deny') : silence),
    question: 'deny',
  },
  cursor: {
    free: {
      conversation_id: 's',
      generation_id: 'g',
      hook_event_name: 'beforeShellExecution',
      workspace_roots: [root],
      command: 'npm test',
      cwd: root,
    },
    asked: {
      conversation_id: 's',
      generation_id: 'g2',
      hook_event_name: 'beforeShellExecution',
      workspace_roots: [root],
      command: 'git push',
      cwd: root,
    },
    mcp: {
      ...{ conversation_id: 's', generation_id: 'g3', hook_event_name: 'beforeMCPExecution', workspace_roots: [root] },
      ...{ tool_name: 'send', tool_input: '{"to":"x"}', mcp_server_name: 'mail', command: 'node mail.js' },
    },
    prompt: {
      conversation_id: 's',
      hook_event_name: 'beforeSubmitPrompt',
      workspace_roots: [root],
      prompt: 'Run the tests',
    },
    says: decision => said => said.permission === (decision as never),
    question: 'ask',
  },
  vscode: {
    free: { ...claude, tool_name: 'run_in_terminal', tool_input: { command: 'npm test' }, tool_use_id: 'v1' },
    asked: {
      ...claude,
      tool_name: 'createFile',
      tool_input: { filePath: '/home/emma/other.txt', content: 'x' },
      tool_use_id: 'v2',
    },
    mcp: { ...claude, tool_name: 'mcp__mail__send', tool_input: { to: 'x' }, tool_use_id: 'v3' },
    prompt: { ...claude, hook_event_name: 'UserPromptSubmit', prompt: 'Run the tests' },
    says: nested,
    question: 'ask',
  },
  gemini: {
    free: {
      ...claude,
      hook_event_name: 'BeforeTool',
      timestamp: 't',
      tool_name: 'run_shell_command',
      tool_input: { command: 'npm test' },
    },
    asked: {
      ...claude,
      hook_event_name: 'BeforeTool',
      timestamp: 't',
      tool_name: 'write_file',
      tool_input: { file_path: '/etc/x', content: 'y' },
    },
    mcp: {
      ...{ ...claude, hook_event_name: 'BeforeTool', tool_name: 'mcp_my_mail_send', tool_input: {} },
      mcp_context: { server_name: 'my_mail', tool_name: 'send', command: 'node', args: ['mail.js'] },
    },
    prompt: { ...claude, hook_event_name: 'BeforeAgent', prompt: 'Run the tests' },
    says: decision => said => said.decision === (decision as never),
    question: 'deny',
  },
  opencode: {
    free: {
      hook_event_name: 'before',
      session_id: 's',
      tool_use_id: 'o1',
      cwd: root,
      tool_name: 'bash',
      tool_input: { command: 'npm test' },
    },
    asked: {
      hook_event_name: 'before',
      session_id: 's',
      tool_use_id: 'o2',
      cwd: root,
      tool_name: 'webfetch',
      tool_input: { url: 'http://127.0.0.1:1/' },
    },
    mcp: {
      hook_event_name: 'before',
      session_id: 's',
      tool_use_id: 'o3',
      cwd: root,
      tool_name: 'mail_send',
      tool_input: {},
    },
    prompt: { hook_event_name: 'prompt', session_id: 's', cwd: root, prompt: 'Run the tests' },
    says: decision => said => said.decision === (decision as never),
    question: 'deny',
  },
  openclaw: {
    free: {
      hook_event_name: 'before',
      session_id: 's',
      tool_use_id: 'w1',
      cwd: root,
      tool_name: 'exec',
      tool_input: { command: 'npm test' },
    },
    asked: {
      hook_event_name: 'before',
      session_id: 's',
      tool_use_id: 'w2',
      cwd: root,
      tool_name: 'exec',
      tool_input: { command: 'git push' },
    },
    mcp: {
      hook_event_name: 'before',
      session_id: 's',
      tool_use_id: 'w3',
      cwd: root,
      tool_name: 'mcp__mail__send',
      tool_input: {},
    },
    prompt: { hook_event_name: 'prompt', session_id: 's', cwd: root, prompt: 'Run the tests' },
    says: decision => said => said.decision === (decision as never),
    question: 'ask',
  },
};

async function told(client: string, part: 'tool' | 'prompt', event: object): Promise<Record<string, never>> {
  const { status, out, err } = await runHook(hookCommand(client, part, house.stateDir), event, {
    PATH: process.env.PATH ?? '',
  });
  assert.equal(status, 0, err);
  return JSON.parse(out) as Record<string, never>;
}

describe('each client is answered in its own words, and is told nothing that it does not heed', () => {
  for (const { id } of hookClients)
    test(id, async () => {
      const words = clients[id] ?? assert.fail(`${id} is not tested`);
      await told(id, 'prompt', words.prompt);
      const free = await told(id, 'tool', words.free);
      assert.ok(words.says('allow')(free), `free: ${JSON.stringify(free)}`);
      const asked = await told(id, 'tool', words.asked);
      assert.ok(words.says(words.question)(asked), `asked: ${JSON.stringify(asked)}`);
      // Only for commands does Cursor heed a question.
      const question = id === 'cursor' ? 'deny' : words.question;
      const mcp = await told(id, 'tool', words.mcp);
      assert.ok(words.says(question)(mcp), `mcp: ${JSON.stringify(mcp)}`);
      const agents = (await house.entries('decided')).flatMap(each => (each.kind === 'decided' ? [each.agent] : []));
      assert.ok(agents.filter(agent => agent === id).length >= 3);
    });
});

test('E-6 Claude Code is told no, not asked, where its user has it skip permissions: it would not heed the question', async () => {
  const { asked } = clients['claude-code'] ?? assert.fail();
  const said = await told('claude-code', 'tool', {
    ...asked,
    permission_mode: 'bypassPermissions',
    tool_use_id: 'toolu_9',
  });
  assert.ok(nested('deny')(said), JSON.stringify(said));
});

test('OpenCode’s plugin throws on every refusal, its own faults included, and lets the rest go', async () => {
  const target = hookTargetsOn({ home: folder.file('h'), platform: 'linux', env: {}, cwd: '/' }).find(
    each => each.client === 'opencode',
  );
  const load = async (stateDir: string) => {
    const file = join(folder.file(`plugin-${stateDir.length}`), 'sallyport.mjs');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, target?.written(undefined, stateDir) ?? '');
    const { Sallyport } = await import(pathToFileURL(file).href);
    const get = async ({ path: { id } }: { path: { id: string } }) =>
      id === 'lost' ? {} : { data: { parentID: id === 'below' ? 'plugin' : undefined } };
    return await Sallyport({ directory: root, client: { session: { get } } });
  };
  const plugin = await load(house.stateDir);
  const input = { tool: 'bash', sessionID: 'plugin', callID: 'p1' };
  await plugin['chat.message']({ sessionID: 'plugin' }, { parts: [{ type: 'text', text: 'Run the tests' }] });
  await plugin['tool.execute.before'](input, { args: { command: 'npm test' } });
  await plugin['tool.execute.after'](
    { ...input, args: { command: 'npm test' } },
    { title: '', output: 'ok', metadata: {} },
  );
  const push = plugin['tool.execute.before']({ ...input, callID: 'p2' }, { args: { command: 'git push' } });
  await assert.rejects(push, /ask-before-a-command-reaches-out/);
  const below = { tool: 'bash', sessionID: 'below' };
  await plugin['chat.message']({ sessionID: 'below' }, { parts: [{ type: 'text', text: 'Push everything' }] });
  await plugin['tool.execute.before']({ ...below, callID: 'p3' }, { args: { command: 'npm test' } });
  const agents = (await house.entries('decided')).flatMap(each => (each.kind === 'decided' ? [each.agent] : []));
  assert.ok(agents.includes('opencode.subagent' as never), 'its subagents are agents of their own');
  const { tasks } = await house.ask<{ tasks: { purpose: string }[] }>('tasks?state=all');
  assert.ok(!tasks.some(({ purpose }) => purpose === 'Push everything'), 'words of an agent are not its user’s');
  const lost = plugin['tool.execute.before']({ ...below, sessionID: 'lost' }, { args: { command: 'npm test' } });
  await assert.rejects(lost, /whose session/);
  const nowhere = await load('/nonexistent');
  await assert.rejects(
    nowhere['tool.execute.before'](input, { args: { command: 'npm test' } }),
    /Sallyport gave no answer/,
  );
});

test('OpenClaw’s plugin blocks, asks once, and blocks where there is no answer', async () => {
  const { default: register } = await import('../../hook-plugins/openclaw/index.js');
  const load = (stateDir: string) => {
    const on = new Map<string, (event: object, context: object) => Promise<Record<string, never> | undefined>>();
    register({
      pluginConfig: { stateDir, script: hookScript },
      on: (name: string, run: never) => void on.set(name, run),
    });
    return on.get('before_tool_call') ?? assert.fail('it registered nothing');
  };
  const context = { sessionId: 'claw', workspaceDir: root };
  const ask = load(house.stateDir);
  assert.equal(await ask({ toolName: 'read', toolCallId: '1', params: { path: 'a.md' } }, context), undefined);
  const question = await ask({ toolName: 'exec', toolCallId: '2', params: { command: 'git push' } }, context);
  assert.deepEqual((question?.requireApproval as { allowedDecisions: string[] } | undefined)?.allowedDecisions, [
    'allow-once',
    'deny',
  ]);
  const nowhere = await load('/nonexistent')({ toolName: 'read', toolCallId: '3', params: {} }, context);
  assert.equal(nowhere?.block, true as never);
});
