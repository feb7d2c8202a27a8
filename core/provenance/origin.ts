import { type JsonNode, type JsonObject, parseJson, resultJsonLimits } from '../model/json.ts';
import { type Origin, worstOrigin } from '../model/label.ts';
import { containsNumber, containsText, normalised } from './containment.ts';

export interface OriginLimits {
  /** The principal's words beyond this are not searched. */
  readonly wordCharsMax: number;
  /** Results of one task, oldest forgotten first: a value that came from a forgotten one is `unknown`. */
  readonly resultCharsMax: number;
  /** Values of one call beyond this are not looked up: the argument that holds them is `unknown`. */
  readonly partsMax: number;
}

export const originLimits: OriginLimits = { wordCharsMax: 262_144, resultCharsMax: 2_097_152, partsMax: 1_000 };

/** Strings shorter than this stand in any text by chance. */
const partCharsMin = 3;
/** How often JSON inside a string of a result is looked into. */
const nestedMax = 2;

/**
 * Where the values of a task's calls came from, found by looking for them (design §4, origins `prompt`, `field`,
 * `text`, `unknown`).
 *
 * A value found in the principal's words is `prompt`; a whole value of a structured (JSON) result is `field`; one that
 * only stands inside a result's text is `text`; anything else is `unknown`. Letter case and runs of white space make no
 * difference. An argument of several values has the worst origin among them.
 *
 * It finds equal text and no more. It does not see: a value that was encoded, translated, rounded, joined or cut; words
 * of the prompt put together in another order or meaning; who wrote the field it found; structure in results that are
 * not JSON, which count as text. An attacker who can write a field gets `field`, one who can guess the
 * principal's words gets `prompt`. So origins inform, and are no boundary.
 */
export class Origins {
  readonly #limits: OriginLimits;
  #words = '';
  #results: Remembered[] = [];
  #chars = 0;

  constructor(limits: OriginLimits = originLimits) {
    this.#limits = limits;
  }

  /** The principal said this, in so many words. */
  hear(words: string): void {
    this.#words = `${this.#words} ${normalised(words)}`.slice(0, this.#limits.wordCharsMax);
  }

  /** A result entered the task. `chars` is its size; it is looked into only when a value is searched for. */
  read(result: JsonNode, chars: number): void {
    this.#results.push({ result, chars, found: undefined });
    this.#chars += chars;
    while (this.#chars > this.#limits.resultCharsMax) this.#chars -= this.#results.shift()?.chars ?? this.#chars;
  }

  /** The origin of each argument, by name. */
  of(input: JsonObject): ReadonlyMap<string, Origin> {
    let left = this.#limits.partsMax;
    const found = new Map<string, Origin>();
    for (const [name, value] of input.members) {
      const parts: Part[] = [];
      collectParts(value, parts, left + 1);
      found.set(name, parts.length > left ? 'unknown' : this.#ofParts(parts));
      left = Math.max(0, left - parts.length);
    }
    return found;
  }

  #ofParts(parts: readonly Part[]): Origin {
    return worstOrigin(new Set(parts.map(part => this.#ofPart(part)))) ?? 'unknown';
  }

  #ofPart(part: Part): Origin {
    if (part.kind === 'string' && part.text.length < partCharsMin) return 'unknown';
    const contains = part.kind === 'number' ? containsNumber : containsText;
    if (contains(this.#words, part.text)) return 'prompt';
    const results = this.#results.map(contentOf);
    if (results.some(({ fields }) => fields.has(part.text))) return 'field';
    return results.some(({ texts }) => texts.some(text => contains(text, part.text))) ? 'text' : 'unknown';
  }
}

interface Remembered {
  readonly result: JsonNode;
  readonly chars: number;
  found: Content | undefined;
}

/** All of it normalised. */
interface Content {
  readonly fields: ReadonlySet<string>;
  readonly texts: readonly string[];
}

function contentOf(remembered: Remembered): Content {
  if (remembered.found === undefined) {
    const fields = new Set<string>();
    const texts: string[] = [];
    collectContent(remembered.result, fields, texts, { nested: 0, whole: false });
    remembered.found = { fields, texts };
  }
  return remembered.found;
}

/** `whole`: the value is a member of something structured, rather than a text that is all there is. */
function collectContent(
  node: JsonNode,
  fields: Set<string>,
  texts: string[],
  place: { readonly nested: number; readonly whole: boolean },
): void {
  const addText = (text: string): void => {
    texts.push(text);
    if (place.whole) fields.add(text);
  };
  switch (node.kind) {
    case 'string': {
      const inner = place.nested < nestedMax ? jsonIn(node.value) : undefined;
      if (inner === undefined) addText(normalised(node.value));
      else collectContent(inner, fields, texts, { nested: place.nested + 1, whole: true });
      return;
    }
    case 'number':
      fields.add(String(node.value));
      return;
    case 'array':
      for (const item of node.items) collectContent(item, fields, texts, { ...place, whole: true });
      return;
    case 'object':
      for (const [name, value] of node.members) {
        fields.add(normalised(name));
        collectContent(value, fields, texts, { ...place, whole: true });
      }
  }
}

/** Servers send JSON as text; what it holds are fields all the same. */
function jsonIn(text: string): JsonNode | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const parsed = parseJson(text, resultJsonLimits);
  return parsed.ok ? parsed.node : undefined;
}

interface Part {
  readonly kind: 'string' | 'number';
  readonly text: string;
}

/** True, false and null name nothing and come from nowhere in particular. */
function collectParts(node: JsonNode, parts: Part[], partsMax: number): void {
  if (parts.length >= partsMax) return;
  switch (node.kind) {
    case 'string':
      parts.push({ kind: 'string', text: normalised(node.value) });
      return;
    case 'number':
      parts.push({ kind: 'number', text: String(node.value) });
      return;
    case 'array':
      for (const item of node.items) collectParts(item, parts, partsMax);
      return;
    case 'object':
      for (const value of node.members.values()) collectParts(value, parts, partsMax);
  }
}
