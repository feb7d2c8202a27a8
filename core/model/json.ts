/**
 * Strict JSON: one text, one meaning.
 *
 * `parseJson` refuses everything on which two parsers could disagree: duplicate members (after unescaping), lone
 * surrogates, numbers that a double cannot hold exactly, absurd depth and size (RFC 8259 §4, §6, §8; RFC 7493 I-JSON).
 * What survives has a *normal form*: members in the order they came, number text as it came, no white space, strings
 * escaped as `JSON.stringify` does. The normal form is what is decided on, hashed, approved and sent.
 */

export type JsonNode =
  | JsonText
  | { readonly kind: 'number'; readonly value: number; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | JsonObject;

export interface JsonText {
  readonly kind: 'string';
  readonly value: string;
}

/** Members in the order they came. A `Map`, so that `__proto__` and `constructor` are names like any other. */
export interface JsonObject {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, JsonNode>;
}

export type JsonFaultCode =
  | 'empty'
  | 'syntax'
  | 'too-large'
  | 'too-deep'
  | 'too-many-values'
  | 'duplicate-member'
  | 'reserved-member'
  | 'lone-surrogate'
  | 'number-out-of-range'
  | 'invalid-utf8'
  | 'byte-order-mark';

/** What was wrong and where. `path` names members (`params.arguments.amount`), never values. */
export interface JsonFault {
  readonly code: JsonFaultCode;
  readonly path: string;
  readonly offset: number;
  readonly message: string;
}

export interface JsonLimits {
  readonly charsMax: number;
  readonly depthMax: number;
  readonly valuesMax: number;
  readonly numberCharsMax: number;
  /** Refuse member names that a policy engine or an object literal would give a meaning of its own. */
  readonly reservedMembers: 'refuse' | 'keep';
  /** `keep` only where nothing is computed from them: their text stays as it came, their value may be rounded. */
  readonly inexactNumbers?: 'keep';
}

/** For what agents send. */
export const callJsonLimits: JsonLimits = {
  charsMax: 4 * 1024 * 1024,
  depthMax: 64,
  valuesMax: 100_000,
  numberCharsMax: 64,
  reservedMembers: 'refuse',
};

/** For what upstreams answer: larger, and its member names never reach the policy engine. */
export const resultJsonLimits: JsonLimits = {
  charsMax: 16 * 1024 * 1024,
  depthMax: 128,
  valuesMax: 1_000_000,
  numberCharsMax: 400,
  reservedMembers: 'keep',
};

const reserved: ReadonlySet<string> = new Set(['__proto__', '__entity', '__extn', '__expr']);

export type JsonParsed =
  | { readonly ok: true; readonly node: JsonNode }
  | { readonly ok: false; readonly fault: JsonFault };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 strictly (no replacement characters, no byte order mark: RFC 8259 §8.1) and parses. */
export function parseJsonBytes(bytes: Uint8Array, limits: JsonLimits): JsonParsed {
  // A UTF-8 byte string has at most three bytes a UTF-16 unit, so this refuses before decoding what cannot fit.
  if (bytes.length > limits.charsMax * 3) return failed('too-large', '', 0, `more than ${limits.charsMax} characters`);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return failed('invalid-utf8', '', 0, 'the text is not valid UTF-8');
  }
  if (text.charCodeAt(0) === 0xfeff) return failed('byte-order-mark', '', 0, 'the text starts with a byte order mark');
  return parseJson(text, limits);
}

/** Parses `text`, or says what is wrong with it. Never throws. */
export function parseJson(text: string, limits: JsonLimits): JsonParsed {
  if (text.length > limits.charsMax) return failed('too-large', '', 0, `more than ${limits.charsMax} characters`);
  const reader = new Reader(text, limits);
  try {
    return { ok: true, node: reader.document() };
  } catch (thrown) {
    if (thrown instanceof Stop) return { ok: false, fault: thrown.fault };
    throw thrown;
  }
}

function failed(code: JsonFaultCode, path: string, offset: number, message: string): JsonParsed {
  return { ok: false, fault: { code, path, offset, message } };
}

class Stop extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const quote = 0x22;
const underscore = 0x5f;
const backslash = 0x5c;
const numberText = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

class Reader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #path: (string | number)[] = [];
  /** Of the text: then what stands in it between two quotes is so as well, unless it was escaped. */
  readonly #wellFormed: boolean;
  #at = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
    this.#wellFormed = text.isWellFormed();
  }

  document(): JsonNode {
    this.#space();
    if (this.#at === this.#text.length) this.#stop('empty', 'there is no JSON text');
    const node = this.#value(0);
    this.#space();
    if (this.#at !== this.#text.length) this.#stop('syntax', 'there is text after the JSON value');
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > this.#limits.depthMax) this.#stop('too-deep', `nested deeper than ${this.#limits.depthMax}`);
    if (++this.#values > this.#limits.valuesMax)
      this.#stop('too-many-values', `more than ${this.#limits.valuesMax} values`);
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#object(depth);
      case 0x5b:
        return this.#array(depth);
      case quote:
        return { kind: 'string', value: this.#string() };
      case 0x74:
        return this.#word('true', { kind: 'boolean', value: true });
      case 0x66:
        return this.#word('false', { kind: 'boolean', value: false });
      case 0x6e:
        return this.#word('null', { kind: 'null' });
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, JsonNode>();
    this.#at++;
    this.#space();
    if (this.#taken(0x7d)) return { kind: 'object', members };
    for (;;) {
      if (this.#text.charCodeAt(this.#at) !== quote) this.#stop('syntax', 'expected a member name in double quotes');
      const name = this.#string();
      this.#path.push(name);
      if (members.has(name)) this.#stop('duplicate-member', 'the member stands twice');
      if (this.#limits.reservedMembers === 'refuse' && name.charCodeAt(0) === underscore && reserved.has(name))
        this.#stop('reserved-member', 'this member name is reserved');
      this.#space();
      if (!this.#taken(0x3a)) this.#stop('syntax', 'expected a colon');
      this.#space();
      members.set(name, this.#value(depth + 1));
      this.#path.pop();
      this.#space();
      if (this.#taken(0x7d)) return { kind: 'object', members };
      if (!this.#taken(0x2c)) this.#stop('syntax', 'expected a comma or a closing brace');
      this.#space();
    }
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at++;
    this.#space();
    if (this.#taken(0x5d)) return { kind: 'array', items };
    for (;;) {
      this.#path.push(items.length);
      items.push(this.#value(depth + 1));
      this.#path.pop();
      this.#space();
      if (this.#taken(0x5d)) return { kind: 'array', items };
      if (!this.#taken(0x2c)) this.#stop('syntax', 'expected a comma or a closing bracket');
      this.#space();
    }
  }

  #string(): string {
    const text = this.#text;
    const start = ++this.#at;
    let escaped = false;
    for (;;) {
      const unit = text.charCodeAt(this.#at);
      if (unit === quote) break;
      if (unit === backslash) {
        escaped = true;
        this.#at++;
      } else if (unit < 0x20) this.#stop('syntax', 'a control character stands unescaped in a string');
      else if (Number.isNaN(unit)) this.#stop('syntax', 'a string has no end');
      this.#at++;
    }
    const raw = text.slice(start, this.#at++);
    const value = escaped ? this.#unescape(raw) : raw;
    if ((escaped || !this.#wellFormed) && !value.isWellFormed())
      this.#stop('lone-surrogate', 'a string holds half of a surrogate pair');
    return value;
  }

  #unescape(raw: string): string {
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      return this.#stop('syntax', 'a string holds an invalid escape');
    }
  }

  #number(): JsonNode {
    numberText.lastIndex = this.#at;
    const text = numberText.exec(this.#text)?.[0];
    if (text === undefined) return this.#stop('syntax', 'expected a JSON value');
    if (text.length > this.#limits.numberCharsMax)
      this.#stop('number-out-of-range', `a number is longer than ${this.#limits.numberCharsMax} characters`);
    const value = Number(text);
    if (this.#limits.inexactNumbers !== 'keep' && !isExact(text, value))
      this.#stop('number-out-of-range', 'a number cannot be held exactly; send it as a string');
    this.#at += text.length;
    return { kind: 'number', value, text };
  }

  #word(word: string, node: JsonNode): JsonNode {
    if (!this.#text.startsWith(word, this.#at)) this.#stop('syntax', 'expected a JSON value');
    this.#at += word.length;
    return node;
  }

  #space(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at++;
    }
  }

  #taken(unit: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== unit) return false;
    this.#at++;
    return true;
  }

  #stop(code: JsonFaultCode, message: string): never {
    throw new Stop({ code, path: showPath(this.#path), offset: this.#at, message });
  }
}

/**
 * Integers must lie within ±(2^53−1); anything else must neither overflow nor vanish (RFC 7493 §2.2), nor become an integer: whoever
 * reads `1.00000000000000001` exactly reads another number.
 */
function isExact(text: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  return !Number.isInteger(value) || (Math.abs(value) <= Number.MAX_SAFE_INTEGER && isWhole(text));
}

/** Whether nothing but zeros stands behind the point, once the exponent has moved it. */
function isWhole(text: string): boolean {
  if (!/[.eE]/.test(text)) return true;
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return !/[1-9]/.test(digits.slice(Math.max(0, point)));
}

/** `params.arguments.to[2]`; names that are not plain words are quoted, and long ones cut. */
function showPath(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      const shown = /^[A-Za-z_$][\w$-]{0,63}$/.test(step) ? step : JSON.stringify(step.slice(0, 64));
      return index === 0 ? shown : `.${shown}`;
    })
    .join('');
}

/** The normal form: the only text that is hashed and sent. */
export function normalText(node: JsonNode): string {
  return textOf(node, false);
}

/** The same with members in code unit order, for what means the same in any order. Number text stays as it came. */
export function sortedText(node: JsonNode): string {
  return textOf(node, true);
}

function textOf(node: JsonNode, isSorted: boolean): string {
  switch (node.kind) {
    case 'string':
      return quoted(node.value);
    case 'number':
      return node.text;
    case 'boolean':
      return node.value ? 'true' : 'false';
    case 'null':
      return 'null';
    case 'array': {
      let text = '';
      for (const item of node.items) text += text === '' ? textOf(item, isSorted) : `,${textOf(item, isSorted)}`;
      return `[${text}]`;
    }
    case 'object': {
      const members = isSorted ? [...node.members].sort(([a], [b]) => (a < b ? -1 : 1)) : node.members;
      let text = '';
      for (const [name, value] of members)
        text += `${text === '' ? '' : ','}${quoted(name)}:${textOf(value, isSorted)}`;
      return `{${text}}`;
    }
  }
}

/** As `JSON.stringify` does, which need not be asked about text that has nothing to escape. */
function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Halves of surrogate pairs are escaped where they stand alone. */
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Plain JavaScript values, for display and for libraries. Objects have no prototype. */
export function plainJson(node: JsonNode): unknown {
  switch (node.kind) {
    case 'array':
      return node.items.map(plainJson);
    case 'object': {
      const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
      for (const [name, value] of node.members) plain[name] = plainJson(value);
      return plain;
    }
    case 'null':
      return null;
    default:
      return node.value;
  }
}

export const emptyObject: JsonObject = { kind: 'object', members: new Map() };

/** The member `name` of `node`, if `node` is an object that has it. */
export function member(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.get(name) : undefined;
}

/** The string at member `name`, if it is one. */
export function stringMember(node: JsonNode | undefined, name: string): string | undefined {
  const found = member(node, name);
  return found?.kind === 'string' ? found.value : undefined;
}
