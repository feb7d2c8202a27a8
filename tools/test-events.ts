import type { TestEvent } from 'node:test/reporters';

/**
 * A reporter for `node:test` that writes one JSON object a line: what `tools/run-tests.ts` reads. It is loaded in the
 * process of each test file with `--test-reporter`.
 */
export interface TestOutcome {
  readonly name: string;
  /** `running` comes first; a test of which nothing follows is the one that hangs. */
  readonly kind: 'running' | 'passed' | 'failed' | 'skipped';
  readonly line: number | undefined;
  /** Why it failed, as a person wants to read it. */
  readonly error: string | undefined;
}

async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const above: string[] = [];
  const begun: string[] = [];
  const suites = new Set<string>();
  for await (const event of source) {
    if (event.type === 'test:start') above[event.data.nesting] = event.data.name;
    if (event.type === 'test:enqueue' && event.data.type === 'suite') suites.add(event.data.name);
    // `test:start` comes when it is a test's turn to be told of; this one when it really begins.
    if (event.type === 'test:dequeue') {
      begun[event.data.nesting] = event.data.name;
      if (!suites.has(event.data.name))
        yield `${JSON.stringify({ name: nameOf(event.data, begun), kind: 'running' })}\n`;
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const outcome = outcomeOf(event, above);
    if (outcome !== undefined) yield `${JSON.stringify(outcome)}\n`;
  }
}

function outcomeOf(
  event: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>,
  above: readonly string[],
): TestOutcome | undefined {
  const { line } = event.data;
  const failed = event.type === 'test:fail';
  const error = event.type === 'test:fail' ? event.data.details.error : undefined;
  // A suite is not a test, and what fails only because of the tests inside it says nothing new.
  if (failed ? !isOwn(error) : event.data.details.type === 'suite') return undefined;
  const isOff = event.data.skip !== undefined || event.data.todo !== undefined;
  return {
    name: nameOf(event.data, above),
    kind: isOff ? 'skipped' : failed ? 'failed' : 'passed',
    line,
    error: failed && !isOff ? textOf(error) : undefined,
  };
}

function nameOf({ name, nesting }: { name: string; nesting: number }, above: readonly string[]): string {
  return [...above.slice(0, nesting), name].join(' › ');
}

/** False where the only failure is that a test inside failed, which has its own event. */
function isOwn(error: unknown): boolean {
  return (error as { failureType?: string } | undefined)?.failureType !== 'subtestsFailed';
}

function textOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.stack?.includes(cause.message) ? cause.stack : `${cause.message}\n${cause.stack ?? ''}`;
}

// `--test-reporter` takes a module's default export and nothing else.
// biome-ignore lint/style/noDefaultExport: the interface of node:test
export default report;
