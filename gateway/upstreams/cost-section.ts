import type { Cost } from '@sallyport/core/model/cost.ts';
import type { Fields } from '../yaml/fields.ts';

const centsMost = 1e12;

/** `cost` of a tool's terms: what a call of it costs. Throws `ConfigError` naming file, line and field. */
export function costTermsOf(tool: Fields): { readonly cost?: Cost } {
  const fields = tool.fields('cost');
  const path = (name: string): string | undefined => {
    const text = fields.string(name);
    if (text === undefined || /^(?:[^.\s]{1,100}|\*)(?:\.(?:[^.\s]{1,100}|\*)){0,15}$/.test(text)) return text;
    throw fields.wrong(name, 'must be names of members with dots between them, such as order.total or lines.*.price');
  };
  const currency = fields.string('currency');
  const cost: Cost = {
    cents: fields.integer('cents', 0, centsMost),
    argument: path('argument'),
    result: path('result'),
    unit: fields.oneOf('unit', ['whole', 'hundredth']) ?? 'whole',
    currencyArgument: path('currencyArgument'),
    currency,
    centsMax: fields.integer('centsMax', 0, centsMost),
  };
  fields.done();
  if (!tool.has('cost')) return {};
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency))
    throw fields.wrong('currency', 'must be three capital letters, as ISO 4217 has them');
  if (cost.currencyArgument !== undefined && currency === undefined)
    throw fields.wrong('currency', 'is required with `currencyArgument`: the one that tasks count in');
  if (cost.cents === undefined && cost.argument === undefined && cost.centsMax === undefined)
    throw fields.wrong('argument', 'is required, or `cents` or `centsMax`: something has to be set aside for a call');
  return { cost };
}
