import type { Remark } from './examine.ts';

/** What the engine says of mistakes that anybody makes once, with the way out that it does not name. */
export function plainly(remark: Remark): Remark {
  const { message } = remark;
  const reserved = /^this identifier is reserved and cannot be used: (.+)$/.exec(message)?.[1];
  if (reserved !== undefined)
    return { ...remark, help: `a name that is a word of Cedar's own stands in brackets: \`["${reserved}"]\`` };
  if (/^unexpected type: expected .*OpenRecord.* but saw Set</.test(message))
    return {
      ...remark,
      message: 'a list has no members of its own',
      help: 'ask what it holds as a whole, with `contains`, `containsAll`, `containsAny` or `isEmpty`',
    };
  if (/^unexpected type: expected (?:decimal|Long) but saw String$/.test(message))
    return {
      ...remark,
      help: 'a text is no number; where it is an amount of money, let the configuration say `cost`, and look at `context.task.costCents`',
    };
  return remark;
}
