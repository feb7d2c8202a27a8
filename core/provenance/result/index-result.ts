import { type JsonNode, parseJson, resultJsonLimits } from '../../model/json.ts';
import { isDisguised } from '../spelling/disguised.ts';
import { fold, isLongerThan, squeezed } from '../spelling/fold.ts';
import { measured, numbersIn } from '../spelling/number.ts';
import { foldedAddressesIn, isAddress, shapeOf } from '../spelling/shape.ts';
import { keysOf } from '../spelling/spellings.ts';
import { WordFilter } from '../spelling/word-filter.ts';
import { hasWords, sentenceWordsMin } from '../spelling/word-unit.ts';
import { isFree } from './free-name.ts';
import { layOut } from './layout/layout.ts';
import { listsIn } from './lists.ts';
import type { Field, List, Rec, ResultIndex, Text } from './result-index.ts';

/** Beyond these, what is left of a result is only text. */
const fieldsMax = 4_000;
const fieldCharsMax = 160;
const fieldWordsMax = 12;
/** Fields of one value that are told apart. */
const alikeMax = 32;
const nestedMax = 2;
const namingWordsMax = 6;

/** A member that says what its record is called. */
const naming = /^(?:full[_ ]?|display[_ ]?)?name$/i;

/**
 * Takes a result apart: what stands in it as a whole field, by its value in each spelling, and what is text. Every value and every text is
 * folded. What is too long, or one too many, to be a field is text. Throws nothing of its own.
 */
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
    else if (value !== '') {
      this.#text(place.path, place.record, fold(value));
      const record = this.records[place.record];
      if (record !== undefined && !place.alone) record.speaks = true;
    }
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

const plainName = /^[a-z][\w]*$/i;
const bracket = /^\s*[[{]/;
function isShort(value: string): boolean {
  return value.length <= fieldCharsMax && !value.includes('\n') && !isLongerThan(value, fieldWordsMax);
}
