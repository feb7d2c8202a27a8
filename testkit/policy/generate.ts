import type { Random } from '../random.ts';
import { type CastTool, castTools, type Field } from './cast.ts';
import { anyLimit, groupOf, named, randomAction, randomPrincipal, randomResource, toolId } from './generate-scope.ts';
import type { BinaryKind, Expression, ModelPolicy } from './model.ts';

/**
 * Random policies: mostly about a tool that has the arguments they name and of the right types, sometimes about
 * arguments that are not there, now and then plain nonsense.
 */
export function randomPolicy(id: string, random: Random): ModelPolicy {
  const cast = random.pick(castTools);
  const aimed = random.chance(0.8);
  const effect = random.chance(0.65) ? 'permit' : 'forbid';
  const maker = new Maker(random, aimed ? cast.fields : castTools.flatMap(({ fields }) => fields));
  const conditions: ModelPolicy['conditions'] = Array.from({ length: random.pick([0, 0, 1, 1, 1, 2]) }, () => ({
    kind: random.pick(['when', 'unless'] as const),
    body: maker.truth(random.below(4)),
  }));
  return {
    id,
    effect,
    principal: random.chance(0.5) ? anyLimit : randomPrincipal(random),
    action: aimed ? aimedAction(cast, random) : random.chance(0.3) ? anyLimit : randomAction(random),
    resource: random.chance(0.8) ? anyLimit : randomResource(random),
    conditions: random.chance(0.3) ? [...conditions, approvalClause(effect, maker)] : conditions,
  };
}

function aimedAction({ tool }: CastTool, random: Random): ModelPolicy['action'] {
  const own = { type: 'Action', id: toolId(tool) };
  if (random.chance(0.6)) return { kind: 'equals', name: own };
  const groups = tool.classes.map(id => ({ type: 'Action', id }));
  return random.chance(0.5) ? { kind: 'in', names: [own, ...groups] } : { kind: 'in', names: [random.pick(groups)] };
}

/** As the default pack has it: a permit that needs a yes, or a forbid that a yes lifts. */
function approvalClause(effect: ModelPolicy['effect'], maker: Maker): ModelPolicy['conditions'][number] {
  const approved = get('context', 'approved');
  const body: Expression = maker.random.chance(0.7)
    ? approved
    : { kind: maker.random.pick(['and', 'or']), left: maker.truth(1), right: approved };
  return { kind: effect === 'permit' ? 'when' : 'unless', body };
}

function get(from: 'context' | 'principal' | 'resource', ...path: string[]): Expression {
  return { kind: 'get', from, path };
}

const texts = ['ambient', 'opened', 'operator', 'user:emma', '/etc/passwd', '/tmp/é*', 'a"b\\c\n', '', 'untrusted'];
const wholes = [0, 1, -1, 2, 3, 100, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
const patterns: (string | undefined)[][] = [
  [undefined],
  ['/etc/', undefined],
  [undefined, 'passwd'],
  ['user:', undefined],
  [undefined, 'e', undefined],
  ['/tmp/é*'],
  [''],
];

/** Makes expressions of a wanted type about the given arguments. */
class Maker {
  readonly random: Random;
  readonly #fields: readonly Field[];

  constructor(random: Random, fields: readonly Field[]) {
    this.random = random;
    this.#fields = fields;
  }

  truth(depth: number): Expression {
    const { random } = this;
    if (random.chance(0.01)) return random.pick([this.text(0), this.whole(0), this.set(0), this.entity(0)]);
    if (depth <= 0 || random.chance(0.2)) return this.#plainTruth();
    return random.chance(0.4) ? this.#logic(depth - 1) : this.#comparison(depth - 1);
  }

  text(depth: number): Expression {
    const { random } = this;
    if (depth > 0 && random.chance(0.2)) return this.#choice(depth - 1, below => this.text(below));
    return random.pick([
      this.#literal(),
      get('context', 'task', random.pick(['kind', 'openerProof', 'principal'])),
      get('principal', random.chance(0.8) ? 'proof' : 'owner'),
      this.#argument('text') ?? this.#literal(),
      this.#argument('record', 'mode') ?? this.#literal(),
    ]);
  }

  whole(depth: number): Expression {
    const { random } = this;
    if (depth > 0 && random.chance(0.1)) return { kind: 'negative', of: this.whole(depth - 1) };
    if (depth > 0 && random.chance(0.3))
      return this.#both(random.pick(['plus', 'minus', 'times']), () => this.whole(depth - 1));
    const literal: Expression = { kind: 'long', value: BigInt(random.pick(wholes)) };
    return random.pick([
      literal,
      get('context', 'task', random.pick(['ageSeconds', 'calls'])),
      get('principal', 'trust'),
      this.#argument('whole') ?? literal,
      this.#argument('record', 'depth') ?? literal,
      random.chance(0.3) ? { kind: 'attribute', left: this.#someEntity(), name: 'trust' } : literal,
    ]);
  }

  set(depth: number): Expression {
    const { random } = this;
    const literal: Expression = {
      kind: 'set',
      items: Array.from({ length: random.below(3) }, () => this.text(depth - 1)),
    };
    return random.pick([get('context', 'flow', 'labels'), literal, this.#argument('texts') ?? literal]);
  }

  entity(depth: number): Expression {
    return depth > 0 && this.random.chance(0.1)
      ? this.#someEntity()
      : { kind: 'entity', name: this.random.pick(['principal', 'action', 'resource'] as const) };
  }

  #plainTruth(): Expression {
    const { random } = this;
    return random.pick<() => Expression>([
      () => ({ kind: 'bool', value: random.chance(0.5) }),
      () => get('context', 'approved'),
      () => get('context', 'flow', 'untrusted'),
      () => get('context', 'task', random.pick(['hasManifest', 'inManifest'])),
      () => get('principal', random.pick(['shared', 'vendor'])),
      () => get('resource', 'pinned'),
      () => this.#argument('truth') ?? get('context', 'approved'),
      () => this.#presence(),
    ])();
  }

  #presence(): Expression {
    const { random } = this;
    const [path, names] = random.pick<readonly [string[], string[]]>([
      [['input'], ['path', 'size', 'draft', 'options', 'my-key $', 'nothing']],
      [
        ['input', this.#fields.some(({ type, required }) => type === 'record' && required) ? 'options' : 'nothing'],
        ['mode'],
      ],
      [['task'], ['kind', 'nothing']],
      [[], ['input', 'approved', 'session']],
    ]);
    if (random.chance(0.2))
      return { kind: 'has', from: 'principal', path: [], name: random.pick(['owner', 'trust', 'pinned']) };
    if (random.chance(0.1)) return { kind: 'has', from: 'resource', path: [], name: random.pick(['pinned', 'owner']) };
    const safe = path[1] === 'nothing' ? ['input'] : path;
    return { kind: 'has', from: 'context', path: safe, name: random.pick(names) };
  }

  #logic(depth: number): Expression {
    const { random } = this;
    if (random.chance(0.2)) return { kind: 'not', of: this.truth(depth) };
    if (random.chance(0.2)) return this.#choice(depth, below => this.truth(below));
    return this.#both(random.pick(['and', 'or']), () => this.truth(depth));
  }

  #comparison(depth: number): Expression {
    const { random } = this;
    return random.pick<() => Expression>([
      () => this.#both(random.pick(['equal', 'unequal']), this.#anyOneType(depth)),
      () => ({ kind: 'equal', left: this.#anyOneType(depth)(), right: this.#anyOneType(depth)() }),
      () => this.#both(random.pick(['less', 'lessOrEqual', 'more', 'moreOrEqual']), () => this.whole(depth)),
      () => this.#both(random.pick(['less', 'moreOrEqual']), () => this.#instant()),
      () => this.#both(random.pick(['decimalLess', 'decimalMoreOrEqual']), () => this.#fraction()),
      () => ({ kind: 'contains', left: this.set(depth), right: this.text(depth) }),
      () => this.#both(random.pick(['containsAll', 'containsAny']), () => this.set(depth)),
      () => ({ kind: 'isEmpty', of: this.set(depth) }),
      () => ({ kind: 'like', left: this.text(depth), pattern: random.pick(patterns) }),
      () => ({ kind: 'in', left: this.entity(depth), right: groupOf(random) }),
      () => ({ kind: 'is', left: this.entity(depth), type: random.pick(['Agent', 'Tool', 'Team']) }),
      () => ({
        kind: 'contains',
        left: { kind: 'set', items: [this.entity(depth), named(random)] },
        right: this.entity(depth),
      }),
    ])();
  }

  /** Always the same type, so that both sides of a comparison have it. */
  #anyOneType(depth: number): () => Expression {
    return this.random.pick([
      () => this.truth(depth),
      () => this.text(depth),
      () => this.whole(depth),
      () => this.#fraction(),
      () => this.set(depth),
      () => this.entity(depth),
      () => this.#record(),
      () => this.#instant(),
    ]);
  }

  #record(): Expression {
    return this.random.pick([
      get('context', 'input'),
      get('context', 'task'),
      get('context', 'flow'),
      get('context', 'env'),
      get('context'),
      this.#argument('record') ?? get('context', 'input'),
    ]);
  }

  #fraction(): Expression {
    const { random } = this;
    const literal: Expression = { kind: 'decimal', value: BigInt(random.pick([0, 500_000, -1, 12_345, 1_000_000])) };
    return random.chance(0.6) ? (this.#argument('fraction') ?? literal) : literal;
  }

  #instant(): Expression {
    const value = this.random.pick(['2030-01-01', '2029-06-01T12:00:00Z', '2031-01-01T00:00:00.001Z']);
    return this.random.chance(0.5) ? get('context', 'env', 'now') : { kind: 'instant', value };
  }

  #someEntity(): Expression {
    const no = this.random.pick(['principal', 'principal', 'resource'] as const);
    return {
      kind: 'if',
      test: this.#plainTruth(),
      yes: { kind: 'entity', name: 'principal' },
      no: { kind: 'entity', name: no },
    };
  }

  #literal(): Expression {
    return { kind: 'string', value: this.random.pick(texts) };
  }

  /** A required argument of this type nine times in ten; undefined if no tool in question has one. */
  #argument(type: Field['type'], ...below: string[]): Expression | undefined {
    const fields = this.#fields.filter(field => field.type === type && (field.required || this.random.chance(0.3)));
    return fields.length === 0 ? undefined : get('context', 'input', this.random.pick(fields).name, ...below);
  }

  #choice(depth: number, make: (depth: number) => Expression): Expression {
    return { kind: 'if', test: this.truth(depth), yes: make(depth), no: make(depth) };
  }

  #both(kind: BinaryKind, make: () => Expression): Expression {
    return { kind, left: make(), right: make() };
  }
}
