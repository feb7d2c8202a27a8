import type { EntryValue } from './canonical-entry.ts';

/** What holds from one entry to the next. `check` answers what is wrong, or nothing. */
export class EntryRules {
  readonly #origin: string;
  readonly #undone = new Set<string>();
  readonly #asked = new Set<string>();
  #next = 0;
  #lastAt = 0;

  /** `origin`: `sallyport/<tenant>/<node>`, as in the log's key. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  check(entry: { readonly [name: string]: EntryValue }): string | undefined {
    const { v, seq, at, kind, id, tenant, node } = entry;
    if (v !== 1) return 'this is not an entry of version 1';
    if (seq !== this.#next) return `entry ${this.#next} should stand here, and ${shown(seq)} does`;
    if (typeof at !== 'number' || at < this.#lastAt) return 'it is dated before the entry that stands before it';
    if (`sallyport/${shown(tenant)}/${shown(node)}` !== this.#origin) return 'it is an entry of another log';
    if (typeof kind !== 'string' || typeof id !== 'string') return 'it has no kind or no id';
    this.#next++;
    this.#lastAt = at;
    return this.#checkReference(kind, id, entry);
  }

  /** An outcome belongs to an earlier decision that had none yet; an answer to an earlier question. */
  #checkReference(kind: string, id: string, entry: { readonly [name: string]: EntryValue }): string | undefined {
    if (kind === 'decided') this.#undone.add(id);
    if (kind === 'asked') this.#asked.add(id);
    const { decision, approval } = entry;
    if (kind === 'answered' && (typeof approval !== 'string' || !this.#asked.delete(approval)))
      return 'it answers what was not asked, or was answered before';
    if (kind === 'asked' && (typeof decision !== 'string' || !this.#undone.has(decision)))
      return 'it asks about a decision that does not stand before it';
    if (outcomes.has(kind) && (typeof decision !== 'string' || !this.#undone.delete(decision)))
      return 'it is the outcome of a decision that does not stand before it, or has one already';
    return undefined;
  }
}

const outcomes = new Set(['performed', 'reported', 'refused', 'withheld', 'faulted', 'indeterminate']);

function shown(value: EntryValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'nothing';
}
