import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EditFault } from '../edit/edit.ts';
import { codeUserFolder, type Machine, openclawFile } from '../table.ts';
import { type HookEntry, withHooks } from './edit.ts';
import { withPlugin } from './openclaw.ts';
import { opencodePlugin } from './opencode.ts';
import { hookSeconds, hookWords } from './script.ts';

/** What becomes of a call where the client's hook fails: crashes, is late, or prints nothing that can be read. */
export type Failing = 'closed' | 'open';

/** Where a client's hooks are written down, and how. */
export interface HookTarget {
  /** The `id` of a client of `clientsOn`, and of `gateway/transports/hook/clients`. */
  readonly client: string;
  /** Another client of `clientsOn` that reads the very same file. */
  readonly alsoRead?: string;
  readonly path: string;
  /** Folders of which one is there where the client is. */
  readonly homes: readonly string[];
  /** The file with our entries; undefined: there is none yet. Throws `EditFault`. */
  readonly written: (before: string | undefined, stateDir: string) => string;
  readonly failing: Failing;
  /** What a person must know about this client's hooks. */
  readonly note: string;
}

/**
 * The command as it stands in a client's file, whatever folder and PATH it is started in (E9): words of a POSIX shell; on
 * Windows, words that `cmd.exe` and the shell of Git read alike. Throws `EditFault` where they could not.
 */
export function hookCommand(
  client: string,
  part: 'tool' | 'prompt',
  stateDir: string,
  platform: NodeJS.Platform = process.platform,
): string {
  const [program, script] = hookWords(platform);
  if (platform === 'win32') return [...[program, script, stateDir].map(windowsWord), client, part].join(' ');
  return `${program} ${quoted(script)} ${quoted(stateDir)} ${client} ${part}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Forward slashes are read by both, and by Windows. What either replaces inside quotes cannot be written for both. */
function windowsWord(word: string): string {
  if (/["%!$`]/.test(word)) throw new EditFault(`cannot name ${word}: shells on Windows replace a sign in it`);
  return `"${word.replaceAll('\\', '/')}"`;
}

/** Every client whose hooks `wrap` writes. */
export function hookTargetsOn(machine: Machine): readonly HookTarget[] {
  const { home, env, platform } = machine;
  const json = (client: string, words: Written): HookTarget['written'] => jsonOf(client, words, platform);
  const codexHome = env.CODEX_HOME ?? join(home, '.codex');
  const opencodeHome = join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'opencode');
  return [
    {
      client: 'claude-code',
      path: join(home, '.claude', 'settings.json'),
      homes: [join(home, '.claude')],
      failing: 'closed',
      note: "a hook that prints something else than an answer counts as one that said nothing, and the call goes on, also with `onFailure: block`; older versions do not know that setting, and let a call pass when its hook fails; VS Code reads this file's hooks too",
      written: json('claude-code', {
        prompt: ['SessionStart', 'UserPromptSubmit'],
        tool: ['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'SessionEnd'],
        entry: (command, event) =>
          matched(event, {
            type: 'command',
            command,
            timeout: hookSeconds,
            ...(blocks(event) ? { onFailure: 'block' } : {}),
          }),
      }),
    },
    {
      client: 'codex',
      path: join(codexHome, 'hooks.json'),
      homes: [codexHome],
      failing: 'open',
      note: 'it lets a call pass when its hook fails, and runs a new hook only after you trusted it there',
      written: json('codex', {
        prompt: ['SessionStart', 'UserPromptSubmit'],
        tool: ['PreToolUse', 'PostToolUse'],
        entry: (command, event) => matched(event, { type: 'command', command, timeout: hookSeconds }),
      }),
    },
    {
      client: 'cursor',
      path: join(home, '.cursor', 'hooks.json'),
      homes: [join(home, '.cursor')],
      failing: 'closed',
      note: 'only questions about shell commands are asked there; every other question is a refusal until somebody approves it here',
      written: json('cursor', {
        top: { version: 1 },
        prompt: ['sessionStart', 'beforeSubmitPrompt'],
        tool: [
          ...['preToolUse', 'beforeShellExecution', 'beforeMCPExecution'],
          ...['postToolUse', 'afterShellExecution', 'afterMCPExecution', 'sessionEnd'],
        ],
        entry: (command, event) => ({ command, timeout: hookSeconds, ...(blocks(event) ? { failClosed: true } : {}) }),
      }),
    },
    {
      client: 'vscode',
      path: join(home, '.copilot', 'hooks', 'sallyport.json'),
      alsoRead: 'copilot-cli',
      homes: [join(home, '.copilot'), codeUserFolder(machine)],
      failing: 'open',
      note: 'VS Code and Copilot CLI read the same folder, and are one agent here; hooks are a preview in VS Code',
      written: json('vscode', {
        prompt: ['SessionStart', 'UserPromptSubmit'],
        tool: ['PreToolUse', 'PostToolUse'],
        entry: command => ({ type: 'command', command, timeout: hookSeconds }),
      }),
    },
    {
      client: 'gemini',
      path: join(home, '.gemini', 'settings.json'),
      homes: [join(home, '.gemini')],
      failing: 'open',
      note: 'it lets a call pass when its hook fails or is late; questions are refusals until somebody approves them here',
      written: json('gemini', {
        prompt: ['SessionStart', 'BeforeAgent'],
        tool: ['BeforeTool', 'AfterTool', 'SessionEnd'],
        entry: (command, event) =>
          matched(event, { name: 'sallyport', type: 'command', command, timeout: hookSeconds * 1_000 }),
      }),
    },
    {
      client: 'opencode',
      path: join(opencodeHome, 'plugins', 'sallyport.js'),
      homes: [opencodeHome],
      failing: 'closed',
      note: 'a plugin; what its subagents do is asked about too. OpenCode fetches a package of its own from npm the first time it loads a plugin, and waits for it',
      written: (_before, stateDir) => opencodePlugin(stateDir, platform),
    },
    ...(platform === 'win32' ? [] : [openclaw({ home, env })]),
  ];
}

/** The client leaves traces of itself here. */
export function isHere({ homes }: HookTarget): boolean {
  return homes.some(home => existsSync(home));
}

/** Its plugin starts the POSIX script. */
function openclaw({ home, env }: Pick<Machine, 'home' | 'env'>): HookTarget {
  return {
    client: 'openclaw',
    path: openclawFile({ home, env }),
    homes: [dirname(openclawFile({ home, env }))],
    failing: 'closed',
    note: 'a plugin, by way of its own configuration, which must be JSON with comments: names without quotes are not edited. `openclaw agent exec` runs no hooks of plugins, so what it does is **not asked about** (2026.9.6). It was seen to ask in `agent --local`; turns of its own gateway were not looked at. What its user says is not heard, so no task has their purpose; its subagents are not told apart',
    written: withPlugin,
  };
}

/** Events before which the client waits. */
function blocks(event: string): boolean {
  return /^(?:pre|before)/i.test(event) && event !== 'beforeSubmitPrompt';
}

function matched(event: string, hook: object): object {
  return /tool/i.test(event) ? { matcher: '*', hooks: [hook] } : { hooks: [hook] };
}

interface Written {
  readonly top?: Readonly<Record<string, unknown>>;
  readonly prompt: readonly string[];
  readonly tool: readonly string[];
  readonly entry: (command: string, event: string) => object;
}

function jsonOf(
  client: string,
  { top = {}, prompt, tool, entry }: Written,
  platform: NodeJS.Platform,
): HookTarget['written'] {
  return (before, stateDir) => {
    const entries = (part: 'tool' | 'prompt', events: readonly string[]): HookEntry[] =>
      events.map(event => ({ event, entry: entry(hookCommand(client, part, stateDir, platform), event) }));
    const all = [...entries('prompt', prompt), ...entries('tool', tool)];
    if (before !== undefined) return withHooks(before, all, top);
    const hooks = Object.fromEntries(all.map(({ event, entry: each }) => [event, [each]]));
    return `${JSON.stringify({ ...top, hooks }, undefined, 2)}\n`;
  };
}
