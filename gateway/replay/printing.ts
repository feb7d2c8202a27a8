import type { Answer } from '@sallyport/core/model/decision.ts';
import type { Finding } from '../engines/cedar/examine.ts';
import type { PolicySource } from '../engines/cedar/policy-text.ts';
import { usable } from './engine.ts';
import type { RecordedLine, ReplayLineFault } from './recorded-lines.ts';
import type { OnAsk } from './rehearse.ts';
import { exitStatusOf, replayJson, replayText } from './render.ts';
import { agentsIn, type Configured, type Decider, deciderOf, type ReplayLine } from './replay.ts';
import type { Toolsets } from './toolsets.ts';

/** One line of output, as it is printed. */
export interface Printed {
  readonly text: string;
  /** The line, or its toolset, could not be used. */
  readonly failed: boolean;
  /** Of a run. */
  readonly summary: Readonly<Record<Answer, number>> | undefined;
}

/** All that decides, as it was read once: a thread decides with the very policies and tools that this one has. */
export interface PrintOrder {
  readonly sources: readonly PolicySource[];
  /** What the policies were found to be; absent: they are yet to be read. */
  readonly findings?: readonly Finding[];
  readonly toolsets: Toolsets;
  readonly configured: Configured | undefined;
  readonly onAsk: OnAsk;
  readonly now: number;
  readonly json: boolean;
}

export type Batch = readonly (RecordedLine | ReplayLineFault)[];

/** Decides and prints a batch. */
export type PrintBatch = (batch: Batch) => Promise<readonly Printed[]>;

export interface Printer {
  readonly print: PrintBatch;
  /** The order that it was made for, with all that was found out: who has it need not find it out again. */
  readonly order: PrintOrder;
}

export async function printerOf(order: PrintOrder): Promise<Printer> {
  const { sources, toolsets, configured, onAsk, now, json, findings } = order;
  const agents = agentsIn(configured);
  let found = findings;
  const stated = { toolsets, onAsk, now, ...(configured === undefined ? {} : { configured }) };
  const decide = await deciderOf(stated, async catalogue => {
    const known = { ...(agents === undefined ? {} : { agents }), ...(findings === undefined ? {} : { findings }) };
    const made = await usable({ sources, catalogue, ...known });
    found = made.findings;
    return made.engine;
  });
  return { print: batch => printAll(batch, decide, json), order: { ...order, findings: found ?? [] } };
}

export async function printAll(batch: Batch, decide: Decider, json: boolean): Promise<readonly Printed[]> {
  const printed: Printed[] = [];
  for (const line of batch) printed.push(printedOf(await decided(line, decide), json));
  return printed;
}

/** A defect that one line comes upon is a fault of that line: the others are decided all the same. */
async function decided(line: Batch[number], decide: Decider): Promise<ReplayLine> {
  try {
    return await decide(line);
  } catch (thrown) {
    const why = `it could not be decided: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    return { kind: 'fault', file: line.file, line: line.line, field: '', why };
  }
}

function printedOf(line: ReplayLine, json: boolean): Printed {
  return {
    text: json ? replayJson(line) : replayText(line),
    failed: exitStatusOf(line) !== 0,
    summary: line.kind === 'trajectory' ? line.summary : undefined,
  };
}
