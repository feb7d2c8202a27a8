import { isAt, type Place } from '../../model/field-path.ts';
import { type JsonNode, type JsonObject, normalText, parseJson, resultJsonLimits } from '../../model/json.ts';
import type { Label } from '../../model/label.ts';
import { type Integrity, integritiesBestFirst, type Labelling, type Marks } from '../../model/labelling.ts';
import { sensitivityRank } from '../../model/sensitivity.ts';
import { labellingOf, type Tool } from '../../model/tool.ts';
import { labelsFor, marksAround, sensitivitiesOf } from '../labels/label.ts';
import { type HeldValue, spell } from './handle.ts';
import { IdPrefixes, isReadable, isRecordName } from './readable.ts';
import { allowsAnyName, formIn, isRequired, itemRoom, lists, memberRoom, names, type Room } from './room.ts';

/** Handles that one result may need, and values that are looked at; beyond, it is kept back whole. */
const handlesPerResultMax = 2_000;
const valuesPerResultMax = 20_000;

export interface Hiding {
  readonly tool: Tool;
  /** What somebody of this integrity, or of a worse one, may have written is kept from the agent. */
  readonly from: Exclude<Integrity, 'first_party'>;
  /** What all of it is marked with besides: by those who wrote there before, and by values that the call carried. */
  readonly besides: readonly Label[];
  /** The handle of the `index`th value that is kept. */
  readonly handle: (index: number) => string;
}

/** There is no room for a handle where a value would have to be kept back. `message` names no value and no name of outside. */
export class NoRoom extends Error {}

/**
 * One pass over one result: what its agent may see, the values that were kept, and the labels of what is seen. Of outside
 * only what cannot hold words stays readable (`readable.ts`): it raises the task's sensitivity and not its integrity.
 */
export class Hider {
  readonly held: HeldValue[] = [];
  readonly #labels = new Set<Label>();
  readonly #hiding: Hiding;
  readonly #labelling: Labelling;
  readonly #worst: number;
  readonly #ids = new IdPrefixes();
  readonly #handles = new Map<string, string>();
  #values = 0;

  constructor(hiding: Hiding) {
    this.#hiding = hiding;
    this.#labelling = labellingOf(hiding.tool);
    this.#worst = hiding.besides.includes('untrusted') ? 2 : hiding.besides.includes('org') ? 1 : 0;
  }

  get labels(): readonly Label[] {
    return [...this.#labels];
  }

  /** A text that is JSON is read as such; any other is one value, whatever it looks like: its lines are its writer's. */
  text(text: string, path: string): string {
    const parsed = /^\s*[[{]/.test(text) ? parseJson(text, resultJsonLimits) : undefined;
    if (parsed?.ok !== true) {
      // Where fields are marked one by one, what cannot be taken apart may be any of them.
      if (this.#labelling.fields.length > 0 && !isReadable(text)) return this.whole(text, path) ?? text;
      const shown = this.node({ kind: 'string', value: text }, path);
      return shown.kind === 'string' ? shown.value : '';
    }
    return normalText(this.node(parsed.node, path));
  }

  /** A document of the result: the operator's paths begin here. */
  node(node: JsonNode, path: string, room?: Room): JsonNode {
    return this.#walk(node, { place: [], path, name: '', room, around: this.#labelling });
  }

  /** All of it as one value: what a tool says of its failure, for one, is laid out as it likes. Undefined: it may be seen. */
  whole(text: string, path: string): string | undefined {
    const worst = this.#labelling.fields
      .map(field => marksAround(this.#labelling, field))
      .reduce(worse, this.#labelling);
    if (this.#hides(worst)) return text === '' ? '' : this.#keep(text, path, worst);
    this.#see(worst);
    return undefined;
  }

  #walk(node: JsonNode, at: Standing): JsonNode {
    if (++this.#values > valuesPerResultMax) throw new NoRoom(`it holds more than ${valuesPerResultMax} values`);
    const own = this.#labelling.fields.findLast(({ path }) => isAt(path, at.place));
    const marks = own === undefined ? at.around : marksAround(at.around, own);
    const here = { ...at, around: marks };
    switch (node.kind) {
      case 'array':
        return { kind: 'array', items: node.items.map((item, index) => this.#item(item, index, here)) };
      case 'object':
        return this.#object(node, here);
      case 'string':
        return this.#leaf(node, node.value, here);
      case 'number':
        return this.#leaf(node, node.text, here);
      default:
        this.#see(marks);
        return node;
    }
  }

  #item(item: JsonNode, index: number, at: Standing): JsonNode {
    const place = [...at.place, index];
    return this.#walk(item, { ...at, place, path: `${at.path}[${index}]`, room: itemRoom(at.room, item) });
  }

  #object(node: JsonObject, at: Standing): JsonObject {
    const members = new Map<string, JsonNode>();
    for (const [name, value] of node.members) {
      const known = !this.#hides(at.around) || this.#isName(name, at);
      if (!known && !allowsAnyName(at.room)) throw new NoRoom('its schema leaves no room for a handle as a name');
      const shown = known ? name : this.#keep(name, at.path, at.around);
      const path = `${at.path}${at.path === '' ? '' : '.'}${known ? name : '*'}`;
      const inner = { ...at, place: [...at.place, name], path, name, room: memberRoom(at.room, name, value) };
      try {
        members.set(shown, this.#walk(value, inner));
      } catch (thrown) {
        if (!(thrown instanceof NoRoom) || at.room === undefined || isRequired(at.room, name)) throw thrown;
      }
    }
    return { kind: 'object', members };
  }

  #leaf(node: JsonNode, value: string, { around, name, place, path, room }: Standing): JsonNode {
    const isShown = !this.#hides(around) || this.#canRead(value, name, place, room);
    if (isShown) {
      this.#see(around);
      return node;
    }
    const form = formIn(room);
    if (form === undefined) throw new NoRoom('its schema leaves no room for a handle where a value is kept back');
    return { kind: 'string', value: spell(this.#keep(value, path, around), form) };
  }

  #canRead(value: string, name: string, place: Place, room: Room | undefined): boolean {
    if (isReadable(value) || lists(room, value)) return true;
    const path = place.map(step => (typeof step === 'number' ? '*' : step)).join('.');
    return this.#ids.allow(value, name, path);
  }

  /** In the pinned schema, or named by the operator, or what members of records are called anyway. */
  #isName(name: string, { room }: Standing): boolean {
    if (names(room, name) || isRecordName(name)) return true;
    return this.#labelling.fields.some(({ path }) =>
      path.steps.some(step => step.kind === 'name' && step.name === name),
    );
  }

  #rank({ integrity }: Marks): number {
    return Math.max(integritiesBestFirst.indexOf(integrity), this.#worst);
  }

  #hides(marks: Marks): boolean {
    return this.#rank(marks) >= integritiesBestFirst.indexOf(this.#hiding.from);
  }

  #see(marks: Marks): void {
    for (const label of this.#labelsOf(marks)) {
      const isIntegrity = label === 'untrusted' || label === 'org';
      if (!isIntegrity || !this.#hides(marks)) this.#labels.add(label);
    }
  }

  #labelsOf(marks: Marks): readonly Label[] {
    const integrity = integritiesBestFirst[this.#rank(marks)] ?? 'external';
    return [...labelsFor({ ...marks, integrity }), ...sensitivitiesOf(this.#hiding.besides)];
  }

  /** One handle for the same value with the same labels: that two of them are equal may be known. */
  #keep(value: string, path: string, marks: Marks): string {
    const labels = [...new Set(this.#labelsOf(marks))];
    const key = JSON.stringify([value, labels]);
    const known = this.#handles.get(key);
    if (known !== undefined) return known;
    if (this.held.length >= handlesPerResultMax) throw new NoRoom(`it needs more than ${handlesPerResultMax} handles`);
    const handle = this.#hiding.handle(this.held.length);
    this.held.push({ handle, value, path, labels });
    this.#handles.set(key, handle);
    return handle;
  }
}

function worse(one: Marks, other: Marks): Marks {
  const rank = ({ integrity }: Marks): number => integritiesBestFirst.indexOf(integrity);
  const [better, worst] = rank(one) > rank(other) ? [other, one] : [one, other];
  return sensitivityRank(better.sensitivity ?? 'public') > sensitivityRank(worst.sensitivity ?? 'public')
    ? { integrity: worst.integrity, sensitivity: better.sensitivity }
    : worst;
}

interface Standing {
  readonly place: Place;
  readonly path: string;
  readonly name: string;
  readonly room: Room | undefined;
  readonly around: Marks;
}
