import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type ClientSeen, clientsSeen } from 'sallyport/clients/seen.ts';
import { type Heard, runAsking } from './claude-asks.ts';
import { trustHooks } from './codex-trust.ts';
import type { Step } from './model.ts';

/** A client as it is run: the program, and the words that make it ask our model and nobody else. */
export interface RealClient {
  /** Which it is, and what it is said to do. */
  readonly seen: ClientSeen;
  /** The program below `node_modules`, and the words before it. */
  readonly program: (modules: string) => readonly string[];
  /** Words that make it do what the user says, without asking about anything itself. */
  readonly say: (words: string) => readonly string[];
  readonly env: (model: string) => Readonly<Record<string, string>>;
  /** Files of its home that are there before it is run: path and text. */
  readonly files: (model: string, server: readonly string[], project: string) => Readonly<Record<string, string>>;
  /** Its own command that adds a server; undefined: `files` has it. */
  readonly addServer?: (server: readonly string[]) => readonly string[];
  /** Packages that it fetches by itself when it is first run, and where below its home it looks for them. */
  readonly fetches?: { readonly packages: Readonly<Record<string, string>>; readonly below: string };
  /** It runs new hooks only once its user has trusted them. */
  readonly trusts?: (program: readonly string[], env: Record<string, string>, cwd: string) => Promise<void>;
  /** Runs it in its default permission mode, with a user who says yes to whatever it asks. */
  readonly asks?: (
    program: readonly string[],
    env: Record<string, string>,
    cwd: string,
    words: string,
  ) => Promise<Heard>;
  readonly shell: (command: string) => Step;
  readonly page: RegExp;
  readonly publish: RegExp;
  /** Has a subagent do something, and waits for it; none where it starts none when it is run like this. */
  readonly subagent: (words: string) => readonly Step[];
}

const { arch, platform } = process;

export const realClients: readonly RealClient[] = [
  {
    seen: seenOf('claude-code'),
    program: modules => [join(modules, `@anthropic-ai/claude-code-${platform}-${arch}`, 'claude')],
    say: words => ['-p', words, '--dangerously-skip-permissions'],
    // As root it skips its own questions in a sandbox alone.
    env: model => ({
      ANTHROPIC_BASE_URL: model,
      ANTHROPIC_API_KEY: 'sk-ant-scripted',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      IS_SANDBOX: '1',
      ENABLE_TOOL_SEARCH: 'false',
    }),
    files: () => ({}),
    addServer: server => ['mcp', 'add', '--scope', 'user', 'handbook', '--', ...server],
    asks: runAsking,
    shell: command => ({ name: 'Bash', input: { command, description: 'a step' } }),
    page: /^mcp__handbook__page$/,
    publish: /^mcp__handbook__publish$/,
    subagent: prompt => [
      {
        name: /^(?:Task|Agent)$/,
        input: { description: 'a step', prompt, subagent_type: 'general-purpose' },
      },
    ],
  },
  {
    seen: seenOf('codex'),
    program: modules => [process.execPath, join(modules, '@openai/codex/bin/codex.js')],
    say: words => ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', words],
    env: () => ({ SCRIPTED_KEY: 'scripted' }),
    files: model => ({
      '.codex/config.toml': `# kept by hand
model = "scripted"
model_provider = "scripted"

[model_providers.scripted] # no network
name = "scripted"
base_url = "${model}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
`,
    }),
    addServer: server => ['mcp', 'add', 'handbook', '--', ...server],
    trusts: trustHooks,
    shell: cmd => ({ name: 'exec_command', input: { cmd } }),
    page: /handbook.*page$/,
    publish: /handbook.*publish$/,
    subagent: message => [
      { name: /spawn_agent$/, input: { message } },
      {
        name: /wait_agent$/,
        input: results => ({
          targets: [/"agent_id":"([^"]+)"/.exec(results.at(-1) ?? '')?.[1] ?? ''],
          timeout_ms: 20_000,
        }),
      },
    ],
  },
  {
    seen: seenOf('gemini'),
    program: modules => [process.execPath, join(modules, '@google/gemini-cli/bundle/gemini.js')],
    say: words => ['-p', words, '--yolo', '--model', 'gemini-2.5-flash'],
    env: model => ({
      GOOGLE_GEMINI_BASE_URL: model,
      GEMINI_API_KEY: 'scripted',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_CLI_NO_RELAUNCH: 'true',
    }),
    files: () => ({
      '.gemini/settings.json': `{
  // kept by hand
  "security": { "auth": { "selectedType": "gemini-api-key" } },
  "privacy": { "usageStatisticsEnabled": false }
}
`,
    }),
    addServer: server => ['mcp', 'add', '--scope', 'user', 'handbook', ...server],
    shell: command => ({ name: 'run_shell_command', input: { command } }),
    page: /handbook_page$/,
    publish: /handbook_publish$/,
    subagent: prompt => [{ name: 'invoke_agent', input: { agent_name: 'generalist', prompt } }],
  },
  {
    seen: seenOf('opencode'),
    program: modules => [join(modules, `opencode-${platform}-${arch}`, 'bin/opencode')],
    say: words => ['run', words],
    env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' }),
    files: (model, server) => ({
      '.config/opencode/opencode.jsonc': `{
  // kept by hand
  "model": "scripted/scripted",
  "permission": { "external_directory": "allow" },
  "provider": {
    "scripted": {
      "npm": "@ai-sdk/openai-compatible",
      "name": "scripted",
      "options": { "baseURL": "${model}/v1", "apiKey": "scripted" },
      "models": { "scripted": { "name": "scripted" } },
    },
  },
  "mcp": { "handbook": { "type": "local", "command": ${JSON.stringify(server)}, "enabled": true } },
}
`,
    }),
    shell: command => ({ name: 'bash', input: { command, description: 'a step' } }),
    fetches: { packages: { '@opencode-ai/plugin': '1.18.33' }, below: '.config/opencode' },
    page: /handbook_page$/,
    publish: /handbook_publish$/,
    subagent: prompt => [{ name: 'task', input: { description: 'a step', prompt, subagent_type: 'general' } }],
  },
  {
    seen: seenOf('copilot-cli'),
    program: modules => [process.execPath, join(modules, '@github/copilot/npm-loader.js')],
    say: words => ['-p', words, '--allow-all-tools', '--allow-all-paths', '--allow-all-urls'],
    env: model => ({
      COPILOT_PROVIDER_BASE_URL: `${model}/v1`,
      COPILOT_PROVIDER_API_KEY: 'scripted',
      COPILOT_MODEL: 'scripted',
      COPILOT_OFFLINE: 'true',
      COPILOT_AUTO_UPDATE: 'false',
    }),
    files: () => ({}),
    addServer: server => ['mcp', 'add', 'handbook', '--', ...server],
    shell: command => ({ name: 'bash', input: { command, description: 'a step' } }),
    page: /handbook.page$/,
    publish: /handbook.publish$/,
    subagent: prompt => [
      {
        name: 'task',
        input: { description: 'a step', prompt, agent_type: 'general-purpose', name: 'step', mode: 'sync' },
      },
    ],
  },
  {
    seen: seenOf('openclaw'),
    program: modules => [process.execPath, join(modules, 'openclaw/openclaw.mjs')],
    // `agent exec` loads plugins without running their hooks.
    say: words => ['agent', '--local', '--session-id', randomUUID(), '--message', words],
    env: () => ({}),
    files: (model, [command, ...args], project) => ({
      '.openclaw/openclaw.json': `{
  // kept by hand
  "models": {
    "mode": "merge",
    "providers": {
      "scripted": {
        "baseUrl": "${model}/v1",
        "apiKey": "scripted",
        "api": "openai-completions",
        "models": [{ "id": "scripted", "name": "scripted" }],
      },
    },
  },
  "agents": {
    "defaults": { "model": { "primary": "scripted/scripted" }, "workspace": "${project}", "skipBootstrap": true },
  },
  "tools": { "toolSearch": false },
  "mcp": { "servers": { "handbook": { "command": ${JSON.stringify(command)}, "args": ${JSON.stringify(args)} } } },
}
`,
    }),
    shell: command => ({ name: 'exec', input: { command } }),
    page: /^handbook__page$/,
    publish: /^handbook__publish$/,
    subagent: () => [],
  },
];

function seenOf(id: string): ClientSeen {
  const found = clientsSeen.find(each => each.id === id);
  if (found === undefined) throw new Error(`nothing is said of ${id}`);
  return found;
}
