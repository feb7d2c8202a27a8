/** How many of what there are, in words: `1 agent`, `2 agents`, `0 policies`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `1,000,000`: the limits of a task that has none of its own are large. */
export function grouped(number: number): string {
  return number.toLocaleString('en-GB');
}
