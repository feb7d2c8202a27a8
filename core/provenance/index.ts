import { singleBlanks } from '../model/blanks.ts';
import { type JsonNode, parseJson, resultJsonLimits } from '../model/json.ts';
import { stemsOf, type Words, wordSet, wordsOf } from '../policy/classify/words.ts';
import { fold, isGrouped, isLongerThan, squeezed } from './fold.ts';
import { layOut } from './layout/layout.ts';
import { measured, numbersIn, plainNumber } from './number.ts';
import { bareAddress, foldedAddressesIn, isAddress, type Shape, shapeOf } from './shape.ts';
import { WordFilter } from './word-filter.ts';
import { hasWords } from './word-unit.ts';

/** One result of a task, taken apart once: its whole fields by value, and its texts. */
export interface ResultIndex {
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  readonly records: readonly Rec[];
  readonly texts: readonly Text[];
  /** Those of texts and whole fields: what is surely not among them is neither a whole field nor a unit of a text. */
  readonly words: WordFilter;
  /** Numbers in texts, plain, made when they are first asked for. */
  readonly numbers: () => ReadonlySet<string>;
  /** Texts of two words and more, a line each, made when it is first asked for: what a label has beside its value is no sentence. */
  readonly sentences: () => string;
  /** All texts without what groups digits, made when it is first asked for. */
  readonly squeezedText: () => string;
  /** Lists of plain values, made when they are first asked for. */
  readonly lists: () => readonly List[];
  /** Addresses in texts and fields, made when it is first asked for. */
  readonly addresses: () => readonly string[];
}

export interface Field {
  readonly path: string;
  readonly record: number;
  /** Under a name such as `subject` or `comment`: whoever wrote the record chose it freely. */
  readonly free: boolean;
  /** Read out of lines of a text: whoever wrote the text may have written the line. */
  readonly loose: boolean;
  /** An address written so that it does not look like what it is. */
  readonly disguised: boolean;
}

/** An object of the result, or all of a list of plain values. */
export interface Rec {
  /** The object around it, if it is a part of that one and not one of several in it; otherwise −1. */
  readonly within: number;
  /** The list that it is one of several in; −1 for none. */
  readonly list: number;
  /** It holds a sentence in a field that anybody fills in. */
  speaks: boolean;
  /** Its whole fields, folded. */
  readonly values: string[];
  /** What it is called, folded: the first field that says so. */
  named: string | undefined;
}

/** Where it stands, and its values, each in all its spellings, folded. */
export interface List {
  readonly path: string;
  readonly values: readonly (readonly string[])[];
}

export interface Text {
  readonly path: string;
  readonly record: number;
  readonly folded: string;
}

/** Beyond these, what is left of a result is only text. */
export const fieldsMax = 4_000;
const fieldCharsMax = 160;
const fieldWordsMax = 12;
/** Fields of one value that are told apart. */
const alikeMax = 32;
const nestedMax = 2;
const namingWordsMax = 6;
/** A value with fewer words beside it stands in no sentence. */
export const sentenceWordsMin = 2;

/** A member that says what its record is called. */
const naming = /^(?:full[_ ]?|display[_ ]?)?name$/i;
const freeNames: Words = wordSet(
  `body content text message msg description note comment remark title subject summary detail details reason memo about
   bio caption answer question snippet preview html headline remarks notes comments signature footer`,
);

export function indexResult(result: JsonNode): ResultIndex {
  const builder = new Builder();
  builder.node(result, new Place('', '', builder.open(-1), true, false, -1, false, 0));
  return builder;
}

/** A class for its one shape: there is one for each value of a result. */
class Place {
  readonly path: string;
  readonly name: string;
  readonly record: number;
  /** It is all there is: a text rather than a field. */
  readonly alone: boolean;
  /** One of a list of plain values: it may be picked out with its record, and picks out nothing. */
  readonly listed: boolean;
  /** The list that an object is one of several in; −1 for none. */
  readonly list: number;
  readonly loose: boolean;
  readonly nested: number;

  constructor(
    path: string,
    name: string,
    record: number,
    alone: boolean,
    listed: boolean,
    list: number,
    loose: boolean,
    nested: number,
  ) {
    this.path = path;
    this.name = name;
    this.record = record;
    this.alone = alone;
    this.listed = listed;
    this.list = list;
    this.loose = loose;
    this.nested = nested;
  }

  /** What is read out of the text that stands here. */
  inside(loose: boolean): Place {
    const { path, name, record, alone, listed, list, nested } = this;
    return new Place(path, name, record, alone, listed, list, this.loose || loose, nested + 1);
  }

  member(path: string, name: string, record: number): Place {
    return new Place(path, name, record, false, false, -1, this.loose, this.nested);
  }

  /** A name of a member that is data itself. */
  nameOf(record: number): Place {
    return new Place(this.path, '', record, false, this.listed, this.list, this.loose, this.nested);
  }

  item(path: string, name: string, record: number, list: number): Place {
    return new Place(path, name, record, false, !this.listed, list, this.loose, this.nested);
  }
}

class Builder implements ResultIndex {
  readonly words = new WordFilter();
  #sentences: string | undefined;
  #squeezed: string | undefined;
  #addresses: readonly string[] | undefined;
  #numbers: ReadonlySet<string> | undefined;
  #listed: readonly List[] | undefined;
  readonly fields = new Map<string, Field[]>();
  readonly records: Rec[] = [];
  readonly texts: Text[] = [];
  #count = 0;
  #lists = 0;

  numbers(): ReadonlySet<string> {
    this.#numbers ??= numbersIn(this.texts.map(({ folded }) => folded).join('\n'));
    return this.#numbers;
  }

  sentences(): string {
    this.#sentences ??= this.texts
      .filter(({ folded }) => hasWords(folded, sentenceWordsMin))
      .map(({ folded }) => folded)
      .join('\n');
    return this.#sentences;
  }

  squeezedText(): string {
    this.#squeezed ??= squeezed(this.texts.map(({ folded }) => folded).join('|'));
    return this.#squeezed;
  }

  lists(): readonly List[] {
    this.#listed ??= listsIn(this.fields);
    return this.#listed;
  }

  addresses(): readonly string[] {
    this.#addresses ??= [
      ...this.texts.flatMap(({ folded }) => foldedAddressesIn(folded)),
      ...[...this.fields.keys()].filter(key => isAddress(shapeOf(key))),
    ];
    return this.#addresses;
  }

  #text(path: string, record: number, folded: string): void {
    this.texts.push({ path, record, folded });
    this.words.add(folded);
  }

  open(within: number, list = -1): number {
    this.records.push({ within, list, speaks: false, values: [], named: undefined });
    return this.records.length - 1;
  }

  node(node: JsonNode, place: Place): void {
    switch (node.kind) {
      case 'string':
        this.#string(node.value, place);
        return;
      case 'number':
        this.#field(node.text, place);
        return;
      case 'array':
        this.#list(node.items, place);
        return;
      case 'object': {
        const record = this.open(place.alone || place.name !== '' ? place.record : -1, place.list);
        for (const [name, value] of node.members) {
          const path = place.path === '' ? name : `${place.path}.${name}`;
          // Names of members are data where the server lists things by name: `{"ann@example.org": "r"}`.
          if (!plainName.test(name)) this.#field(name, place.nameOf(record));
          this.node(value, place.member(path, name, record));
        }
      }
    }
  }

  /** A list inside a list of lists is a row: its cells pick it out. */
  #list(items: readonly JsonNode[], place: Place): void {
    const list = items.length > 1 ? this.#lists++ : -1;
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as JsonNode;
      const path = `${place.path}[${index}]`;
      // Of several objects each is a record of its own, and none is picked out by what stands around the list.
      const record = item.kind === 'array' ? this.open(-1, list) : place.record;
      const isObject = item.kind === 'object';
      this.node(item, place.item(path, isObject ? '' : place.name, record, isObject ? list : -1));
    }
  }

  #string(value: string, place: Place): void {
    const inner =
      place.nested < nestedMax && (place.alone || bracket.test(value)) ? this.#inner(value, place) : undefined;
    if (inner !== undefined) {
      this.node(inner.node, place.inside(inner.loose));
      return;
    }
    if (isShort(value) && !place.alone) this.#field(value, place);
    else if (value !== '') this.#text(place.path, place.record, fold(value));
  }

  #inner(value: string, place: Place): { readonly node: JsonNode; readonly loose: boolean } | undefined {
    if (place.alone) return layOut(value);
    const parsed = parseJson(value, resultJsonLimits);
    return parsed.ok && parsed.node.kind !== 'number' ? { node: parsed.node, loose: true } : undefined;
  }

  #field(value: string, place: Place): void {
    const folded = fold(value);
    if (folded === '') return;
    if (this.#count >= fieldsMax) {
      this.#text(place.path, place.record, folded);
      return;
    }
    this.#count++;
    const field = {
      path: place.path,
      record: place.record,
      free: isFree(place.name),
      loose: place.loose,
      disguised: isDisguised(value, folded),
    };
    for (const key of keysOf(folded)) this.#under(key, field);
    const much = measured(folded);
    if (much !== undefined) {
      this.#under(much.number, field);
      this.#under(much.unit, field);
    }
    // A sentence in a field that anybody fills in says nothing about which record this is.
    const names = !field.free || !isLongerThan(folded, namingWordsMax);
    const record = this.records[place.record];
    if (record !== undefined && !names) record.speaks = true;
    if (!place.listed && names) record?.values.push(folded);
    if (record !== undefined && record.named === undefined && naming.test(place.name)) record.named = folded;
    // A field is a text as well: `Ann Lee <ann@example.org>`, or an instruction that fits into a name.
    if (folded.includes(' ')) this.#text(place.path, place.record, folded);
  }

  #under(key: string, field: Field): void {
    const known = this.fields.get(key);
    if (known === undefined) {
      this.fields.set(key, [field]);
      this.words.add(key);
    } else if (known.length < alikeMax) known.push(field);
  }
}

function listsIn(fields: ReadonlyMap<string, readonly Field[]>): readonly List[] {
  const lists = new Map<string, { readonly path: string; readonly values: Map<string, string[]> }>();
  for (const [key, places] of fields)
    for (const { path: at, record } of places) {
      const path = listIn(at);
      if (path === undefined) continue;
      const list = lists.get(`${record} ${path}`) ?? { path, values: new Map<string, string[]>() };
      lists.set(`${record} ${path}`, list);
      const spellings = list.values.get(at) ?? [];
      list.values.set(at, [...spellings, key]);
    }
  return [...lists.values()].map(({ path, values }) => ({ path, values: [...values.values()] }));
}

/** `members` of `members[2]`: the list that a value is one of. */
export function listIn(path: string): string | undefined {
  if (!path.endsWith(']')) return undefined;
  return path.slice(0, path.lastIndexOf('['));
}

const plainName = /^[a-z][\w]*$/i;
const bracket = /^\s*[[{]/;
const addressSign = /[@./:]/;
const addressOrDigit = /[@./:\d]/;
const punycode = /(?:^|[.@/])xn--/;
const notAscii = /[^\x20-\x7e]/;
const namedAddress = /^(.*@.*)<([^<>]+@[^<>]+)>$/;

/** The same few names stand over and over. */
function isFree(name: string): boolean {
  const known = namesKnown.get(name);
  if (known !== undefined) return known;
  const free = wordsOf(name).some(word => stemsOf(word).some(stem => freeNames.has(stem)));
  if (namesKnown.size >= namesKnownMax) namesKnown.clear();
  if (name.length <= nameCharsMax) namesKnown.set(name, free);
  return free;
}

const namesKnown = new Map<string, boolean>();
const namesKnownMax = 1_000;
const nameCharsMax = 64;

/** The spellings under which a whole value is found. */
export function keysOf(folded: string, shape?: Shape): string[] {
  const keys = [folded];
  // Most values are words; the patterns below cost more than to see that they cannot match.
  if (startsNumeral(folded)) addKey(keys, plainNumber(folded) ?? folded);
  if (shape === undefined ? addressSign.test(folded) && isAddress(shapeOf(folded)) : isAddress(shape))
    addKey(keys, bareAddress(folded));
  if (folded.length >= 7 && isGrouped(folded)) addKey(keys, squeezed(folded));
  return keys;
}

function startsNumeral(folded: string): boolean {
  const first = folded.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || first === 0x2d;
}

function addKey(keys: string[], key: string): void {
  if (key.length > 1 && !keys.includes(key)) keys.push(key);
}

/**
 * An address with characters that are not seen or are others' forms (full-width digits), one that a display name gives as another one,
 * or a host in the ASCII form of other scripts: who means well has no need of them.
 */
function isDisguised(value: string, folded: string): boolean {
  if (!addressOrDigit.test(folded)) return false;
  const named = folded.includes('<') ? namedAddress.exec(folded) : null;
  if (named !== null && named[1]?.includes(named[2] ?? '') === false) return true;
  if (punycode.test(folded)) return true;
  return notAscii.test(value) && fold(value) !== plainFold(value) && isAddress(shapeOf(folded));
}

function plainFold(value: string): string {
  return singleBlanks(value.toLowerCase()).trim();
}

function isShort(value: string): boolean {
  return value.length <= fieldCharsMax && !value.includes('\n') && !isLongerThan(value, fieldWordsMax);
}
