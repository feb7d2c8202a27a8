import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from './edit/document.ts';
import type { Finding } from './finding.ts';
import { serversOf } from './gateway-config.ts';
import { isOurs, memberAt } from './plan.ts';
import type { WrapStore } from './record.ts';
import { bytesOf } from './replace-file.ts';
import { type Described, described, isRecord } from './shape.ts';
import type { Client, Machine } from './table.ts';

/** A file of whoever manages the machine, in which a client finds servers as well. `wrap` never writes there. */
export interface ManagedFile {
  readonly client: string;
  readonly path: string;
  readonly format: 'json' | 'toml';
  readonly key: string;
}

export function managedFiles({ platform, root = '/' }: Machine): readonly ManagedFile[] {
  const etc = (...parts: string[]): string => join(root, 'etc', ...parts);
  const claude = (name: string): string =>
    platform === 'darwin' ? join(root, 'Library', 'Application Support', 'ClaudeCode', name) : etc('claude-code', name);
  return [
    { client: 'claude-code', path: claude('managed-mcp.json'), format: 'json', key: 'mcpServers' },
    { client: 'claude-code', path: claude('managed-settings.json'), format: 'json', key: 'managedMcpServers' },
    { client: 'codex', path: etc('codex', 'config.toml'), format: 'toml', key: 'mcp_servers' },
    { client: 'codex', path: etc('codex', 'managed_config.toml'), format: 'toml', key: 'mcp_servers' },
    { client: 'gemini', path: etc('gemini-cli', 'settings.json'), format: 'json', key: 'mcpServers' },
  ];
}

/** Servers that a managed file starts beside the gateway. One that the gateway has as well is a way round it. */
export function managedFindings(machine: Machine, clients: readonly Client[], store: WrapStore): Finding[] {
  const behind = serversBehind(store);
  return managedFiles(machine).flatMap(({ client: id, path, format, key }) => {
    const client = clients.find(each => each.id === id);
    if (client === undefined || !existsSync(path)) return [];
    const about = `${client.name} ${path}`;
    const root = read(path, format);
    if (root === undefined) return [{ state: 'bad', about, says: 'cannot be read' }];
    const servers = memberAt(root, [key]);
    return Object.entries(isRecord(servers) ? servers : {}).flatMap(([name, entry]): Finding[] => {
      if (isOurs(entry)) return [];
      const same = behind.find(each => isSame(described(entry, client.shape), each.launch));
      if (same === undefined)
        return [
          { state: 'advice', about, says: `${name} goes round the gateway: whoever manages this machine put it there` },
        ];
      const says = `${name} goes round the gateway to the server behind ${same.id}`;
      return [{ state: 'bad', about, says, fix: 'have whoever manages this machine take it out there' }];
    });
  });
}

function read(path: string, format: ManagedFile['format']): unknown {
  try {
    return readDocument(format, readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

interface Behind {
  readonly id: string;
  readonly launch: Readonly<Record<string, unknown>>;
}

/** What stands in the gateway's configuration that `wrap` wrote to. */
function serversBehind(store: WrapStore): readonly Behind[] {
  const file = store.read().files.find(({ client }) => client === 'gateway');
  const text = file && bytesOf(file.target)?.toString('utf8');
  return [...serversOf(text ?? '')].flatMap(([id, launch]) => (isRecord(launch) ? [{ id, launch }] : []));
}

function isSame(found: Described, launch: Behind['launch']): boolean {
  switch (found.kind) {
    case 'stdio':
      return found.command === launch.command && JSON.stringify(found.args) === JSON.stringify(launch.args ?? []);
    case 'remote':
      return found.url === launch.url;
    case 'other':
      return false;
  }
}
