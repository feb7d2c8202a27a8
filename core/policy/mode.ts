import type { Agent } from '../model/agent.ts';
import { type Decision, type Mode, modesLoosestFirst, type Verdict } from '../model/decision.ts';
import { type Tool, toolKey } from '../model/tool.ts';
import { isUnderstood } from './obligation.ts';

/** Modes by scope. What is not set says nothing; where nothing is set, `fallback` holds. */
export interface ModeTable {
  readonly fallback: Mode;
  /** Keys: `agent:ID`, `server:ID`, `tool:SERVER/NAME`, `class:money`. */
  readonly scopes: ReadonlyMap<string, Mode>;
}

/**
 * The strictest of agent, server, tool and action class wins. A mode for one class of a tool says nothing
 * of its other classes: those stay at the default, so that observing reads does not loosen a read that is graver too.
 */
export function modeFor(table: ModeTable, agent: Agent, tool: Tool): Mode {
  const { scopes, fallback } = table;
  if (scopes.size === 0) return fallback;
  const keys = [`agent:${agent.id}`, `server:${tool.server}`, `tool:${toolKey(tool.server, tool.name)}`];
  const classes = tool.classes.map(name => scopes.get(`class:${name}`));
  const ofClasses = classes.some(mode => mode !== undefined) ? classes.map(mode => mode ?? fallback) : [];
  const set = [...keys.map(key => scopes.get(key)), ...ofClasses].filter(mode => mode !== undefined);
  return set.length === 0 ? fallback : set.reduce(stricter);
}

function stricter(a: Mode, b: Mode): Mode {
  return modesLoosestFirst.indexOf(a) >= modesLoosestFirst.indexOf(b) ? a : b;
}

/**
 * Applies the mode. `observe` and `shadow` relax policy denials only: `require`, faults and malformed calls never come
 * here, and a policy that could not be evaluated is refused in every mode.
 */
export function verdictOf(decision: Decision, mode: Mode): Verdict {
  if (decision.answer === 'deny' && decision.fault) return { kind: 'refuse', code: 'policy-error' };
  if (mode !== 'enforce') return { kind: 'pass', obligations: [] };
  switch (decision.answer) {
    case 'permit':
      return decision.obligations.every(isUnderstood)
        ? { kind: 'pass', obligations: decision.obligations }
        : { kind: 'refuse', code: 'obligation-unknown' };
    case 'ask':
      return { kind: 'defer', approval: decision.approval };
    case 'deny':
      return {
        kind: 'refuse',
        code: decision.reasons.some(reason => reason.rule === 'quarantined') ? 'quarantined' : 'denied',
      };
  }
}
