import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from '../edit/document.ts';
import { isRecord } from '../shape.ts';
import type { Machine } from '../table.ts';
import type { HookTarget } from './table.ts';

/** Why a client does not run the hooks that stand in its file, and what to do about it. */
export interface Asleep {
  readonly why: string;
  readonly fix: string;
}

/** One of a client's files that can put hooks to sleep, and the members of it that do. */
interface Layer {
  readonly path: string;
  readonly format: 'json' | 'toml';
  readonly says: (root: unknown) => string | undefined;
}

/**
 * What keeps a client from running our hooks, in every layer of its configuration that is read here: its user's, the project's in
 * the current folder, and the machine's. Settings that come from a server or from device management are not seen.
 */
export function asleep({ client, path }: HookTarget, machine: Machine): Asleep | undefined {
  for (const layer of layersOf(client, path, machine)) {
    const says = layer.says(read(layer));
    if (says !== undefined) return { why: says, fix: `take that out of ${layer.path}` };
  }
  return client === 'codex' && !isTrusted(path)
    ? {
        why: 'are not run: Codex wants its user to trust new hooks first',
        fix: 'start codex, and trust them under /hooks',
      }
    : undefined;
}

function layersOf(client: string, path: string, { home, cwd, root = '/' }: Machine): readonly Layer[] {
  const machineWide = (...parts: string[]): string => join(root, 'etc', ...parts);
  switch (client) {
    case 'claude-code': {
      const says = (root: unknown): string | undefined => isSet(root, 'disableAllHooks') ?? otherPrograms(root);
      const managed = (root: unknown): string | undefined => says(root) ?? isSet(root, 'allowManagedHooksOnly');
      const layers = [path, ...['settings.json', 'settings.local.json'].map(name => join(cwd, '.claude', name))];
      return [
        ...layers.map(each => ({ path: each, format: 'json' as const, says })),
        { path: machineWide('claude-code', 'managed-settings.json'), format: 'json', says: managed },
      ];
    }
    case 'codex': {
      const off = (root: unknown): string | undefined =>
        memberOf(root, 'features', 'hooks') === false ? 'are switched off (`features.hooks`)' : undefined;
      return [
        { path: configOf(path), format: 'toml', says: off },
        { path: join(cwd, '.codex', 'config.toml'), format: 'toml', says: off },
        {
          path: machineWide('codex', 'requirements.toml'),
          format: 'toml',
          says: root => off(root) ?? isSet(root, 'allow_managed_hooks_only'),
        },
      ];
    }
    case 'gemini':
      return [path, join(cwd, '.gemini', 'settings.json'), machineWide('gemini-cli', 'settings.json')].map(each => ({
        path: each,
        format: 'json',
        says: root =>
          memberOf(root, 'hooksConfig', 'enabled') === false
            ? 'are switched off (`hooksConfig.enabled`)'
            : listOf(memberOf(root, 'hooksConfig', 'disabled')).includes('sallyport')
              ? 'are switched off (`hooksConfig.disabled`)'
              : undefined,
      }));
    case 'vscode':
      return [path, join(home, '.copilot', 'config.json')].map(each => ({
        path: each,
        format: 'json',
        says: root => isSet(root, 'disableAllHooks'),
      }));
    default:
      return [];
  }
}

/** Codex keeps a hash for each hook that its user trusted, under the file, the event and the place in it. */
function isTrusted(path: string): boolean {
  const state = memberOf(read({ path: configOf(path), format: 'toml' }), 'hooks', 'state');
  const keys = isRecord(state) ? Object.keys(state) : [];
  return keys.some(key => key.startsWith(`${path}:pre_tool_use:`));
}

function configOf(hooksFile: string): string {
  return join(hooksFile, '..', 'config.toml');
}

/** What cannot be read says nothing here; that a client's own file is unreadable is said elsewhere. */
function read({ path, format }: Pick<Layer, 'path' | 'format'>): unknown {
  try {
    return readDocument(format, readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isSet(root: unknown, name: string): string | undefined {
  return memberOf(root, name) === true ? `are switched off (\`${name}\`)` : undefined;
}

/**
 * Claude Code gives its settings' variables to what it starts: with these a hook finds another `curl`, or runs with more in it,
 * and a call that doctor fires without them shows nothing.
 */
function otherPrograms(root: unknown): string | undefined {
  const env = memberOf(root, 'env');
  const name = Object.keys(isRecord(env) ? env : {}).find(each => /^(?:PATH|ENV|BASH_ENV|LD_.*|DYLD_.*)$/.test(each));
  return name === undefined
    ? undefined
    : `are run with another ${name} (\`env\`), so that something else may answer them`;
}

function memberOf(root: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
