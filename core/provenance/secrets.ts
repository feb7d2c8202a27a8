import type { JsonNode, JsonObject } from '../model/json.ts';
import { decodings } from './decode.ts';
import { fold } from './fold.ts';
import type { ResultIndex } from './index.ts';

/** Secrets that one task has read; beyond these, the oldest are forgotten. */
const secretsMax = 64;
const secretCharsMin = 6;
const secretCharsMax = 4_096;
const pieceCharsMin = 4;
const leavesMax = 400;

const secretNames =
  /(?:^|[._\]-])(?:[\w]*_)?(?:password|passwd|passphrase|secret|api_?key|access_?key|private_?key|signing_?key|credentials?|otp|recovery_?codes?)(?:\[\d+\])?$/i;

/** Members of a secret's record that are none themselves. */
const aboutIt = /(?:name|id|version|type|status|owner|scope|created|updated|expires|rotated|_at|date)$/i;

/**
 * What was handed to a task as a secret: all that a tool returns which reads secrets, and fields that are called so. It is
 * looked for in what leaves, whole, encoded by one step, backwards, or as one piece of it.
 */
export class Secrets {
  readonly #held = new Set<string>();

  /** `all`: the result came from a tool that reads secrets. */
  hold(all: boolean, index: ResultIndex): void {
    for (const [value, fields] of index.fields)
      if (fields.some(({ path }) => secretNames.test(path) || (all && !aboutIt.test(path)))) this.#add(value);
    if (all) for (const { folded } of index.texts) if (!folded.includes(' ')) this.#add(folded);
  }

  #add(value: string): void {
    if (value.length < secretCharsMin || value.length > secretCharsMax) return;
    this.#held.add(value);
    const oldest = this.#held.values().next().value;
    if (this.#held.size > secretsMax && oldest !== undefined) this.#held.delete(oldest);
  }

  inheritFrom(other: Secrets): void {
    for (const value of other.#held) this.#add(value);
  }

  /** Some value of this call holds one of them, or is a piece of one. */
  isIn(input: JsonObject): boolean {
    if (this.#held.size === 0) return false;
    return leavesOf(input).some(leaf => spellingsOf(leaf).some(spelling => this.#isSecret(spelling)));
  }

  #isSecret(text: string): boolean {
    const plain = text.replace(/[\s._-]/g, '');
    for (const secret of this.#held) {
      if (text.includes(secret)) return true;
      const bare = secret.replace(/[\s._-]/g, '');
      if (bare.length >= 8 && (plain.includes(bare) || plain.includes([...bare].reverse().join('')))) return true;
      if (
        text.length >= pieceCharsMin &&
        !text.includes(' ') &&
        secret.length >= 2 * pieceCharsMin &&
        secret.includes(text)
      )
        return true;
    }
    return false;
  }
}

function spellingsOf(leaf: string): string[] {
  const found = [fold(leaf)];
  for (const token of leaf.split(/[\s"'<>(),;]+/))
    if (token.length >= 8) for (const decoded of decodings(token)) found.push(fold(decoded));
  return found;
}

function leavesOf(node: JsonNode): string[] {
  const found: string[] = [];
  const walk = (at: JsonNode): void => {
    if (found.length >= leavesMax) return;
    if (at.kind === 'string') found.push(at.value);
    if (at.kind === 'array') for (const item of at.items) walk(item);
    if (at.kind === 'object') for (const value of at.members.values()) walk(value);
  };
  walk(node);
  return found;
}
