import { join } from 'node:path';
import { homeOf } from '../home.ts';

/** How a client writes down one server. */
export type Shape =
  | 'standard'
  | 'cursor'
  | 'copilot'
  | 'zed'
  | 'goose'
  | 'opencode'
  | 'kimi'
  | 'serverUrl'
  | 'gemini'
  | 'codex'
  | 'openclaw';

export interface ClientFile {
  readonly scope: 'user' | 'project';
  readonly path: string;
  /** Of a project's file: the project, in which its servers run. */
  readonly folder?: string;
}

/** A program that runs MCP servers from a configuration file of its own. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly format: 'json' | 'toml' | 'yaml';
  /** Where in the file its servers stand, by name. The first that is there is meant. */
  readonly keys: readonly (readonly string[])[];
  /** Where servers for one folder stand in the user's file, under the path of that folder. */
  readonly perFolder?: { readonly below: string; readonly key: string };
  readonly shape: Shape;
  /** Those of the user first. */
  readonly files: readonly ClientFile[];
  /** What a person must know before it is wrapped. */
  readonly note?: string;
}

export interface Machine {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** Where project files are looked for. */
  readonly cwd: string;
  /** Under which the machine's own files lie, such as `etc`; `/` where it is not said. */
  readonly root?: string;
}

export function thisMachine(cwd: string, env: NodeJS.ProcessEnv = process.env): Machine {
  return { home: homeOf(env), platform: process.platform, env, cwd };
}

/** Every client that `wrap` knows, with its files on this machine (`docs/how-to/wrap-a-client.md` is held to it). */
export function clientsOn(machine: Machine): readonly Client[] {
  return inTheTable(machine).map(client => ({ ...client, files: client.files.filter(isFirst) }));
}

/** In the home directory some project files are the user's own. */
function isFirst({ path }: ClientFile, at: number, files: readonly ClientFile[]): boolean {
  return files.findIndex(each => each.path === path) === at;
}

function inTheTable(machine: Machine): readonly Client[] {
  const { home, env, cwd } = machine;
  const support = supportFolder(machine);
  const code = codeUserFolder(machine);
  const standard = [['mcpServers']] as const;
  const user = (...parts: string[]): ClientFile => ({ scope: 'user', path: join(...(parts as [string])) });
  const project = (...parts: string[]): ClientFile => ({ scope: 'project', path: join(cwd, ...parts), folder: cwd });
  const json = { format: 'json', keys: standard, shape: 'standard' } as const;
  return [
    {
      ...{ ...json, id: 'claude-code', name: 'Claude Code', perFolder: { below: 'projects', key: 'mcpServers' } },
      files: [user(home, '.claude.json'), project('.mcp.json')],
      note: '.mcp.json is also read by Copilot CLI and Mastra Code',
    },
    {
      ...{ ...json, id: 'claude-desktop', name: 'Claude Desktop' },
      files: [user(support, 'Claude', 'claude_desktop_config.json')],
      note: 'extensions and connectors live elsewhere and are not wrapped',
    },
    {
      ...json,
      id: 'cursor',
      name: 'Cursor',
      shape: 'cursor',
      files: [user(home, '.cursor', 'mcp.json'), project('.cursor', 'mcp.json')],
    },
    {
      ...json,
      id: 'vscode',
      name: 'VS Code',
      keys: [['servers']],
      files: [user(code, 'mcp.json'), project('.vscode', 'mcp.json')],
    },
    {
      ...{ ...json, id: 'copilot-cli', name: 'Copilot CLI', shape: 'copilot' },
      files: [
        user(
          env.XDG_CONFIG_HOME ?? home,
          env.XDG_CONFIG_HOME === undefined ? '.copilot' : 'copilot',
          'mcp-config.json',
        ),
        project('.github', 'mcp.json'),
      ],
    },
    {
      ...{ id: 'codex', name: 'Codex', format: 'toml', keys: [['mcp_servers']], shape: 'codex' },
      files: [user(env.CODEX_HOME ?? join(home, '.codex'), 'config.toml'), project('.codex', 'config.toml')],
    },
    {
      ...json,
      id: 'gemini',
      name: 'Gemini CLI',
      shape: 'gemini',
      files: [user(home, '.gemini', 'settings.json'), project('.gemini', 'settings.json')],
    },
    {
      ...json,
      id: 'windsurf',
      name: 'Windsurf',
      shape: 'serverUrl',
      files: [user(home, '.codeium', 'windsurf', 'mcp_config.json')],
    },
    {
      ...json,
      id: 'antigravity',
      name: 'Antigravity',
      shape: 'serverUrl',
      files: [user(home, '.gemini', 'config', 'mcp_config.json')],
    },
    {
      ...{ ...json, id: 'zed', name: 'Zed', keys: [['context_servers']], shape: 'zed' },
      files: [
        user(support, machine.platform === 'linux' ? 'zed' : 'Zed', 'settings.json'),
        project('.zed', 'settings.json'),
      ],
    },
    {
      ...{ id: 'goose', name: 'Goose', format: 'yaml', keys: [['extensions']], shape: 'goose' },
      files: [
        machine.platform === 'win32'
          ? user(support, 'Block', 'goose', 'config', 'config.yaml')
          : user(home, '.config', 'goose', 'config.yaml'),
        project('.goose', 'config.yaml'),
      ],
    },
    {
      ...{ ...json, id: 'cline', name: 'Cline' },
      files: [
        user(code, 'globalStorage', 'saoudrizwan.claude-dev', 'settings', 'cline_mcp_settings.json'),
        user(env.CLINE_DIR ?? join(home, '.cline'), 'data', 'settings', 'cline_mcp_settings.json'),
      ],
    },
    {
      ...{ ...json, id: 'opencode', name: 'OpenCode', keys: [['mcp', 'servers'], ['mcp']], shape: 'opencode' },
      files: [
        ...['opencode.jsonc', 'opencode.json'].map(name => user(home, '.config', 'opencode', name)),
        ...['opencode.jsonc', 'opencode.json'].map(name => project(name)),
      ],
    },
    {
      ...{ ...json, id: 'kilo', name: 'Kilo', keys: [['mcp']], shape: 'opencode' },
      files: [user(home, '.config', 'kilo', 'kilo.json'), project('kilo.json'), project('kilo.jsonc')],
    },
    {
      ...json,
      id: 'kiro',
      name: 'Kiro',
      shape: 'cursor',
      files: [user(home, '.kiro', 'settings', 'mcp.json'), project('.kiro', 'settings', 'mcp.json')],
    },
    {
      ...{ id: 'grok', name: 'Grok Build', format: 'toml', keys: [['mcp_servers']], shape: 'cursor' },
      files: [user(env.GROK_HOME ?? join(home, '.grok'), 'config.toml'), project('.grok', 'config.toml')],
    },
    {
      ...{ ...json, id: 'kimi', name: 'Kimi Code', shape: 'kimi' },
      files: [user(env.KIMI_CODE_HOME ?? join(home, '.kimi-code'), 'mcp.json'), project('.kimi-code', 'mcp.json')],
    },
    {
      ...json,
      id: 'mastra',
      name: 'Mastra Code',
      shape: 'cursor',
      files: [user(home, '.mastracode', 'mcp.json'), project('.mastracode', 'mcp.json')],
    },
    {
      ...{ ...json, id: 'pi', name: 'Pi', shape: 'cursor' },
      files: [user(env.PI_CODING_AGENT_DIR ?? join(home, '.pi', 'agent'), 'mcp.json'), project('.pi', 'mcp.json')],
    },
    {
      ...{ ...json, id: 'mcporter', name: 'MCPorter' },
      files: [
        user(home, '.mcporter', 'mcporter.json'),
        user(home, '.mcporter', 'mcporter.jsonc'),
        project('config', 'mcporter.json'),
      ],
    },
    {
      ...{ ...json, id: 'openclaw', name: 'OpenClaw', keys: [['mcp', 'servers']], shape: 'openclaw' },
      files: [user(openclawFile(machine))],
    },
    { ...json, id: 'fx', name: 'fx', keys: [['mcp']], shape: 'opencode', files: [user(home, '.fx', 'mcp.json')] },
  ];
}

export function openclawFile({ home, env }: Pick<Machine, 'home' | 'env'>): string {
  return env.OPENCLAW_CONFIG_PATH ?? join(env.OPENCLAW_STATE_DIR ?? join(home, '.openclaw'), 'openclaw.json');
}

/** Where VS Code keeps what is its user's. */
export function codeUserFolder(machine: Machine): string {
  return join(supportFolder(machine), 'Code', 'User');
}

/** Where applications of this system keep their settings. */
function supportFolder({ home, platform, env }: Machine): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env.APPDATA ?? join(home, 'AppData', 'Roaming');
  return env.XDG_CONFIG_HOME ?? join(home, '.config');
}
