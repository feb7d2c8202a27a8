import { type JsonLimits, type JsonNode, type JsonObject, member, parseJsonBytes } from '@sallyport/core/model/json.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { ApiError } from './control.ts';

/** A request that is not what its route takes. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly error: ApiError;
  constructor(error: ApiError) {
    super(error.message);
    this.error = error;
  }
}

export const bodyBytesMax = 1024 * 1024;

const bodyLimits: JsonLimits = {
  charsMax: bodyBytesMax,
  depthMax: 66,
  valuesMax: 100_000,
  numberCharsMax: 64,
  reservedMembers: 'refuse',
};

/** The body as an object; an absent body is an empty one. */
export function parseBody(bytes: Uint8Array | undefined): Fields {
  if (bytes === undefined || bytes.length === 0) return new Fields({ kind: 'object', members: new Map() }, '');
  if (bytes.length > bodyBytesMax)
    throw new Malformed({ code: 'too-large', field: 'body', message: `must be at most ${bodyBytesMax} bytes` });
  const parsed = parseJsonBytes(bytes, bodyLimits);
  if (!parsed.ok) throw wrong(parsed.fault.path === '' ? 'body' : parsed.fault.path, parsed.fault.message);
  if (parsed.node.kind !== 'object') throw wrong('body', 'must be a JSON object');
  return new Fields(parsed.node, '');
}

/**
 * A JSON object, read member by member. A member that nobody asked for is refused by name, so that a misspelt one can
 * never be silently without effect (K-13).
 */
export class Fields {
  readonly #object: JsonObject;
  readonly #at: string;
  readonly #read = new Set<string>();

  constructor(object: JsonObject, at: string) {
    this.#object = object;
    this.#at = at;
  }

  text(name: string): string | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (node.kind !== 'string') throw wrong(this.#path(name), 'must be a text');
    return node.value;
  }

  required(name: string): string {
    const text = this.text(name);
    if (text === undefined || text === '') throw wrong(this.#path(name), 'is required');
    return text;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : pick(this.#path(name), text, values);
  }

  flag(name: string): boolean | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (node.kind !== 'boolean') throw wrong(this.#path(name), 'must be true or false');
    return node.value;
  }

  /** A whole number of at least `least`. */
  count(name: string, least: 0 | 1 = 1): number | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (node.kind !== 'number' || !Number.isSafeInteger(node.value) || node.value < least)
      throw wrong(this.#path(name), `must be a whole number of at least ${least}`);
    return node.value;
  }

  texts(name: string): string[] | undefined {
    return this.#items(name)?.map((item, index) => {
      if (item.kind !== 'string') throw wrong(`${this.#path(name)}[${index}]`, 'must be a text');
      return item.value;
    });
  }

  objects(name: string): Fields[] | undefined {
    return this.#items(name)?.map((item, index) => {
      const at = `${this.#path(name)}[${index}]`;
      if (item.kind !== 'object') throw wrong(at, 'must be an object');
      return new Fields(item, at);
    });
  }

  /** The members below `name`; those of an absent object are absent. */
  below(name: string): Fields {
    return new Fields(this.object(name) ?? { kind: 'object', members: new Map() }, this.#path(name));
  }

  object(name: string): JsonObject | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (node.kind !== 'object') throw wrong(this.#path(name), 'must be an object');
    return node;
  }

  /** Every member has been asked for, or the request is refused. */
  done(): void {
    for (const name of this.#object.members.keys()) {
      if (this.#read.has(name)) continue;
      const known = [...this.#read].join(', ');
      throw wrong(
        this.#path(shown(name)),
        `is not known here${didYouMean(name, this.#read)}`,
        known === '' ? 'this route takes an empty object' : `this route takes ${known}`,
      );
    }
  }

  #items(name: string): readonly JsonNode[] | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (node.kind !== 'array') throw wrong(this.#path(name), 'must be a list');
    return node.items;
  }

  #node(name: string): JsonNode | undefined {
    this.#read.add(name);
    return member(this.#object, name);
  }

  #path(name: string): string {
    return this.#at === '' ? name : `${this.#at}.${name}`;
  }
}

export function pick<T extends string>(field: string, text: string, values: readonly T[]): T {
  const found = values.find(value => value === text);
  if (found !== undefined) return found;
  throw wrong(field, `must be one of ${values.join(', ')}${didYouMean(text, values)}`);
}

export function wrong(field: string, message: string, fix?: string): Malformed {
  return new Malformed({ code: 'malformed', field, message, ...(fix === undefined ? {} : { fix }) });
}

function shown(name: string): string {
  return /^[A-Za-z_$][\w$-]{0,63}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}
