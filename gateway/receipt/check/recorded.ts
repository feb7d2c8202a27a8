import type { AgainReason } from './decide-again.ts';
import type { LogEntry } from './log-entry.ts';
import { membersOf } from './members.ts';

/** What the entry of a decision says was decided. */
export interface RecordedDecision {
  readonly agent: string;
  readonly server: string;
  readonly tool: string;
  readonly pin: string;
  readonly classes: readonly string[];
  readonly method: string;
  /** A recorded yes was used. */
  readonly approved: boolean;
  readonly answer: string;
  readonly reasons: readonly AgainReason[];
}

/** Throws where the entry has another form: what is checked may say anything. */
export function decisionIn({ agent, action, approval, answer, reasons }: LogEntry): RecordedDecision {
  const { server, tool, pin, classes, method } = membersOf(action);
  return {
    agent: textOf(agent),
    server: textOf(server),
    tool: textOf(tool),
    pin: textOf(pin),
    classes: listOf(classes).map(textOf),
    method: textOf(method),
    approved: approval !== undefined,
    answer: textOf(answer),
    reasons: listOf(reasons).map(reasonOf),
  };
}

function reasonOf(value: unknown): AgainReason {
  const { rule, text, fix } = membersOf(value);
  return { rule: textOf(rule), text: textOf(text), ...(fix === undefined ? {} : { fix: textOf(fix) }) };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError('the decision has an unknown form');
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError('the decision has an unknown form');
}
