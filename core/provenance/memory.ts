import type { EntryId } from '../model/ids.ts';
import { type JsonNode, type JsonObject, member } from '../model/json.ts';
import type { Tool } from '../model/tool.ts';
import { indexResult, type ResultIndex } from './index.ts';
import { sinksOf } from './role.ts';
import { Words } from './words.ts';

export interface MemoryLimits {
  /** Results of one task, oldest forgotten first: a value that came from a forgotten one is found nowhere. */
  readonly resultCharsMax: number;
  readonly resultsMax: number;
}

export const memoryLimits: MemoryLimits = { resultCharsMax: 1_048_576, resultsMax: 256 };

/** Where a result came from. `digest` is that of the action that read it. */
export interface ReadSource {
  readonly entry: EntryId;
  readonly tool: Tool;
  readonly input: JsonObject;
  readonly digest: string;
}

export interface Remembered {
  readonly source: ReadSource;
  readonly index: ResultIndex;
  /** Who pointed at it: see `Keyed`. */
  readonly keyed: Keyed;
}

/**
 * How far the principal's words lead to a result. `exact`: every value that its call was made with stands in the words.
 * `led`: each stands there or in a record that the words pick out. `no`: anything else, and calls without such values.
 */
export type Keyed = 'exact' | 'led' | 'no';

interface Pending {
  readonly source: ReadSource;
  readonly result: JsonNode;
  readonly chars: number;
}

/**
 * What one task has been told and has read: the principal's words, and its newest results within the limits. Results are
 * taken apart when a decision first looks for a value, once. What is forgotten is found nowhere; labels stay.
 */
export class TaskMemory {
  readonly words = new Words();
  readonly #limits: MemoryLimits;
  readonly #pending: Pending[] = [];
  readonly #remembered: (Remembered & { readonly chars: number })[] = [];
  #chars = 0;

  constructor(limits: MemoryLimits = memoryLimits) {
    this.#limits = limits;
  }

  read(source: ReadSource, result: JsonNode, chars: number): void {
    this.#pending.push({ source, result, chars });
    this.#chars += chars;
    while (
      this.#chars > this.#limits.resultCharsMax ||
      this.#pending.length + this.#remembered.length > this.#limits.resultsMax
    ) {
      const oldest = this.#remembered.shift() ?? this.#pending.shift();
      if (oldest === undefined) break;
      this.#chars -= oldest.chars;
    }
  }

  /** Newest last. `keyedBy` judges the values that a result's own call was made with by all that was read before it. */
  results(keyedBy: (source: ReadSource, before: readonly Remembered[]) => Keyed): readonly Remembered[] {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const { source, chars } = next;
      const keyed = keyedBy(source, this.#remembered);
      this.#remembered.push({ source, index: indexResult(contentOf(next.result)), keyed, chars });
    }
    return this.#remembered;
  }

  /** The tools whose results nobody has looked into yet. */
  waiting(): readonly Tool[] {
    return this.#pending.map(({ source }) => source.tool);
  }

  /** What has been taken apart so far, newest last. */
  all(): readonly Remembered[] {
    return this.#remembered;
  }

  /** What was read with nothing but the principal's words, and with what they led to from there. */
  led(): readonly Remembered[] {
    return this.#remembered.filter(({ keyed }) => keyed !== 'no');
  }

  /** Another task goes on with what this one has read; the words are not its principal's. */
  inheritFrom(other: TaskMemory): void {
    for (const { source, result, chars } of other.#pending) this.read(source, result, chars);
    for (const one of other.#remembered) {
      this.#remembered.push({ ...one, keyed: 'no' });
      this.#chars += one.chars;
    }
  }
}

/** The values with which a result was asked for. */
export function askedWith(source: ReadSource) {
  return sinksOf(source.tool, source.input).sinks.filter(
    ({ argument, role }) => role !== 'plain' && !argument.endsWith('(link)'),
  );
}

/** Of an MCP result (`CallToolResult`, `ReadResourceResult`), what a reader reads; of anything else, all of it. */
function contentOf(result: JsonNode): JsonNode {
  const items: JsonNode[] = [];
  const structured = member(result, 'structuredContent');
  for (const name of ['content', 'contents', 'messages']) {
    const blocks = member(result, name);
    if (blocks?.kind === 'array')
      for (const block of blocks.items) items.push(member(block, 'text') ?? member(block, 'content') ?? block);
  }
  if (structured !== undefined) items.push(structured);
  if (items.length === 0) return result;
  return items.length === 1 ? (items[0] as JsonNode) : { kind: 'array', items };
}
