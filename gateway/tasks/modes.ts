import type { Mode } from '@sallyport/core/model/decision.ts';
import type { ModeSet } from '@sallyport/core/model/entry.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { actionClasses } from '@sallyport/core/model/tool.ts';
import type { ModeTable } from '@sallyport/core/policy/mode.ts';
import { applyMode } from '@sallyport/core/task/fold.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import type { ApiError, Done } from '../api/control.ts';
import type { ModesView, ModeView } from '../api/view/status.ts';
import type { TaskPorts } from './tasks.ts';

export interface ModeControl {
  /** Configuration and, before it, what an operator set: the table of the world in force. */
  readonly table: () => ModeTable;
  readonly view: () => ModesView;
  /** In force once it is durable. */
  readonly set: (scope: string, mode: Mode | 'unset', by: Caller) => Promise<Done<ModesView>>;
}

export interface ModeFacts {
  readonly configured: ModeTable;
  readonly agents: () => Iterable<string>;
  readonly servers: () => Iterable<string>;
  readonly toolKeys: () => Iterable<string>;
}

export function createModeControl(ports: TaskPorts, facts: ModeFacts): ModeControl {
  const { state } = ports;
  let table = merged();

  function merged(): ModeTable {
    const scopes = new Map(facts.configured.scopes);
    for (const [scope, { mode }] of state.modes) if (scope !== 'default') scopes.set(scope, mode);
    return { fallback: state.modes.get('default')?.mode ?? facts.configured.fallback, scopes };
  }

  function view(): ModesView {
    const configured: ModeView[] = [...facts.configured.scopes]
      .filter(([scope]) => !state.modes.has(scope))
      .map(([scope, mode]) => ({ scope, mode, source: 'config' }));
    const set: ModeView[] = [...state.modes].map(([scope, { mode, at, by }]) => ({
      scope,
      mode,
      source: 'operator',
      at,
      by,
    }));
    return { fallback: table.fallback, scopes: [...configured, ...set] };
  }

  return {
    table: () => table,
    view,
    set: async (scope, mode, by) => {
      const fault = scopeFault(scope, facts);
      if (fault !== undefined)
        return {
          ok: false,
          error: { code: 'malformed', field: 'scope', ...fault },
        };
      if (mode === 'unset' && !state.modes.has(scope)) return { ok: false, error: notSet };
      const draft: ModeSet = { kind: 'mode.set', id: ports.newId('e'), scope, mode, ...actedBy(by) };
      const { at, durable } = ports.journal.place(draft);
      await durable;
      applyMode(state, draft, at);
      table = merged();
      return { ok: true, value: view() };
    },
  };
}

/** Where what a scope can name is listed; of classes there are few. */
const lists: Readonly<Record<string, string>> = {
  agent: 'see: sallyport agents ls',
  server: 'see: sallyport status',
  tool: 'see: sallyport tools ls',
};

/** A scope that names nothing would have no effect, and a mode without effect is taken for protection. */
function scopeFault(scope: string, facts: ModeFacts): Pick<ApiError, 'message' | 'fix'> | undefined {
  if (scope === 'default') return undefined;
  const colon = scope.indexOf(':');
  const name = scope.slice(colon + 1);
  const known: Record<string, () => Iterable<string>> = {
    agent: facts.agents,
    server: facts.servers,
    tool: facts.toolKeys,
    class: () => actionClasses,
  };
  const kind = colon < 0 ? '' : scope.slice(0, colon);
  const names = Object.hasOwn(known, kind) ? known[kind]?.() : undefined;
  if (names === undefined)
    return {
      message: 'must be default, agent:ID, server:ID, tool:SERVER/NAME or class:NAME',
      fix: 'see: sallyport mode --help',
    };
  const all = [...names];
  if (all.includes(name)) return undefined;
  const message = `names no ${kind} that there is${didYouMean(name, all)}`;
  return { message, fix: lists[kind] ?? `there are ${all.join(', ')}` };
}

const notSet: ApiError = {
  code: 'conflict',
  field: 'scope',
  message: 'no operator has set a mode for this scope',
  fix: 'see: sallyport mode',
};
