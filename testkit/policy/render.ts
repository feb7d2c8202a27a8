import type { BinaryKind, Expression, Limit, ModelPolicy, Name } from './model.ts';

/** The policy as Cedar text. */
export function render({ id, effect, principal, action, resource, conditions }: ModelPolicy): string {
  const scope = [limit('principal', principal), limit('action', action), limit('resource', resource)].join(', ');
  const clauses = conditions.map(({ kind, body }) => `\n${kind} { ${text(body)} }`).join('');
  return `@id("${id}")\n${effect} (${scope})${clauses};\n`;
}

function limit(word: string, of: Limit): string {
  switch (of.kind) {
    case 'any':
      return word;
    case 'equals':
      return `${word} == ${name(of.name)}`;
    case 'is':
      return `${word} is ${of.type}${of.in === undefined ? '' : ` in ${name(of.in)}`}`;
    case 'in':
      return of.names.length === 1 && of.names[0] !== undefined
        ? `${word} in ${name(of.names[0])}`
        : `${word} in [${of.names.map(name).join(', ')}]`;
  }
}

function name({ type, id }: Name): string {
  return `${type}::${quoted(id)}`;
}

const operators: Partial<Record<BinaryKind, string>> = {
  and: '&&',
  or: '||',
  equal: '==',
  unequal: '!=',
  less: '<',
  lessOrEqual: '<=',
  more: '>',
  moreOrEqual: '>=',
  plus: '+',
  minus: '-',
  times: '*',
};

const methods: Partial<Record<BinaryKind, string>> = {
  contains: 'contains',
  containsAll: 'containsAll',
  containsAny: 'containsAny',
  decimalLess: 'lessThan',
  decimalMoreOrEqual: 'greaterThanOrEqual',
};

function text(of: Expression): string {
  switch (of.kind) {
    case 'bool':
      return String(of.value);
    case 'long':
      return of.value < 0n ? `(${of.value})` : String(of.value);
    case 'string':
      return quoted(of.value);
    case 'decimal':
      return `decimal("${decimal(of.value)}")`;
    case 'instant':
      return `datetime("${of.value}")`;
    case 'set':
      return `[${of.items.map(text).join(', ')}]`;
    case 'get':
      return of.from + of.path.map(member).join('');
    case 'attribute':
      return `(${text(of.left)})${member(of.name)}`;
    case 'has':
      return `(${of.from}${of.path.map(member).join('')} has ${quoted(of.name)})`;
    case 'entity':
      return of.name;
    case 'named':
      return name(of);
    case 'in':
      return `(${text(of.left)} in ${text(of.right)})`;
    case 'is':
      return `(${text(of.left)} is ${of.type})`;
    case 'not':
      return `!(${text(of.of)})`;
    case 'negative':
      return `-(${text(of.of)})`;
    case 'isEmpty':
      return `(${text(of.of)}).isEmpty()`;
    case 'like':
      return `(${text(of.left)} like "${of.pattern.map(part => (part === undefined ? '*' : escaped(part).replaceAll('*', '\\*'))).join('')}")`;
    case 'if':
      return `(if ${text(of.test)} then ${text(of.yes)} else ${text(of.no)})`;
    default: {
      const method = methods[of.kind];
      if (method !== undefined) return `(${text(of.left)}).${method}(${text(of.right)})`;
      return `(${text(of.left)} ${operators[of.kind]} ${text(of.right)})`;
    }
  }
}

function member(step: string): string {
  return /^[a-zA-Z]\w*$/.test(step) && step !== 'in' && step !== 'if' ? `.${step}` : `[${quoted(step)}]`;
}

function quoted(value: string): string {
  return `"${escaped(value)}"`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

export function decimal(tenThousandths: bigint): string {
  const digits = (tenThousandths < 0n ? -tenThousandths : tenThousandths).toString().padStart(5, '0');
  return `${tenThousandths < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
