import type { Cost } from '../model/cost.ts';
import { type JsonNode, member } from '../model/json.ts';
import { type Checked, passed, refused } from '../model/refusal.ts';
import { type Tool, toolKey } from '../model/tool.ts';

/** What a call of this tool is going to cost: nothing where nobody said that it does. */
export function costOfTool({ server, name, cost }: Tool, input: JsonNode): Checked<number> {
  return cost === undefined ? free : costOf(cost, input, toolKey(server, name));
}

const free = passed(0);

/** What a call is going to cost, in hundredths; refused where nobody can tell. `what`: the tool, for the refusal. */
export function costOf(cost: Cost, input: JsonNode, what: string): Checked<number> {
  const no = (why: string): Checked<never> => refused({ code: 'limit-spend', what, why, fix: 'ask an operator' });
  const { argument, cents = 0, currencyArgument, currency, centsMax } = cost;
  if (currencyArgument !== undefined) {
    const all = valuesAt(input, currencyArgument);
    const [named] = all;
    const same = named?.kind === 'string' && named.value.toUpperCase() === currency;
    if (!same || all.length > 1) return no(`\`${currencyArgument}\` is not ${currency}, in which its task counts`);
  }
  if (argument === undefined) return passed(cents + (centsMax ?? 0));
  const said = valuesAt(input, argument);
  const amount = sumOf(said, cost.unit);
  if (amount !== undefined) return passed(cents + amount);
  // Only for what is not said: an amount that nobody here can read may still be one to the server.
  if (centsMax !== undefined && said.every(isUnsaid)) return passed(cents + centsMax);
  return refused({
    code: 'limit-spend',
    what,
    why: `\`${argument}\` ${whyNone(said)}`,
    fix: amountsOnly,
  });
}

/** What it came to, as the result says; undefined where it does not. */
export function costIn({ result: path, unit, cents = 0 }: Cost, result: JsonNode): number | undefined {
  if (path === undefined) return undefined;
  const amount = sumOf(valuesAt(member(result, 'structuredContent') ?? result, path), unit);
  return amount === undefined ? undefined : cents + amount;
}

const amountsOnly = 'give every amount as a plain number that is not negative, such as 12.50';

/** Why these values are no cost: never with a value in it. */
function whyNone(nodes: readonly Value[]): string {
  const texts = nodes.map(node => (node?.kind === 'number' ? node.text : node?.kind === 'string' ? node.value : ''));
  if (nodes.length === 0 || nodes.includes(undefined)) return 'says what it costs, and is missing';
  if (texts.some(text => /^-[\d.]/.test(text))) return 'is negative, and a call cannot cost less than nothing';
  return 'is no amount of money, and says what it costs';
}

/** Undefined where nothing stands, so that of a list with one such item no sum is made. */
type Value = JsonNode | undefined;

function valuesAt(node: JsonNode, path: string): Value[] {
  return path.split('.').reduce<Value[]>((nodes, step) => nodes.flatMap(each => valuesIn(each, step)), [node]);
}

function valuesIn(node: Value, step: string): readonly Value[] {
  if (isUnsaid(node)) return [undefined];
  if (step === '*') return node?.kind === 'array' ? node.items : [otherwiseSaid];
  return [node?.kind === 'object' ? member(node, step) : otherwiseSaid];
}

function isUnsaid(node: Value): boolean {
  return node === undefined || node.kind === 'null';
}

/** Something stands there, of another form than the path has: it is no amount. */
const otherwiseSaid: JsonNode = { kind: 'boolean', value: true };

function sumOf(nodes: readonly Value[], unit: Cost['unit']): number | undefined {
  if (nodes.length === 0) return undefined;
  let sum = 0;
  for (const node of nodes) {
    const cents = centsOf(node, unit);
    if (cents === undefined) return undefined;
    sum += cents;
  }
  return Number.isSafeInteger(sum) ? sum : undefined;
}

const exponentMax = 15;

/** Exact, from the text of the number as it came; what is less than a hundredth counts as one. Never negative. */
function centsOf(node: Value, unit: Cost['unit']): number | undefined {
  const text = node?.kind === 'number' ? node.text : node?.kind === 'string' ? node.value : '';
  const [, whole = '', fraction = '', exponent = '0'] =
    /^(\d{1,15})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? [];
  if (whole === '' || Math.abs(Number(exponent)) > exponentMax) return undefined;
  // digits × 10^scale hundredths
  const scale = Number(exponent) - fraction.length + (unit === 'whole' ? 2 : 0);
  const digits = BigInt(whole + fraction);
  if (scale >= 0) return Number(digits * 10n ** BigInt(scale));
  const divisor = 10n ** BigInt(-scale);
  return Number((digits + divisor - 1n) / divisor);
}
