/**
 * What a step would make unreachable: classes of actions that its task can do now and that ask, or are denied, once it has
 * the labels which the step brings: `message:ask`, `money:deny`.
 */
export type Price = readonly string[];

/** `from then on message and egress ask, and money is denied`; undefined where nothing changes. */
export function priceText(price: Price): string | undefined {
  const named = (answer: string): string[] =>
    price.filter(item => item.endsWith(`:${answer}`)).map(item => item.slice(0, -answer.length - 1));
  const [asks, denied] = [named('ask'), named('deny')];
  const parts = [
    ...(asks.length === 0 ? [] : [`${listed(asks)} ${asks.length === 1 ? 'asks' : 'ask'}`]),
    ...(denied.length === 0 ? [] : [`${listed(denied)} ${denied.length === 1 ? 'is' : 'are'} denied`]),
  ];
  return parts.length === 0 ? undefined : `from then on ${parts.join(', and ')}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
