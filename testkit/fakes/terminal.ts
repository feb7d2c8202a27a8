/** The command line's own `Terminal`, with what a command wrote and asked. */
export type FakeTerminal = ReturnType<typeof createFakeTerminal>;

export interface FakeTerminalOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  /** What the person answers; undefined where nobody sits there. */
  readonly answer?: string;
  /** What the person presses, each after a moment of reading. */
  readonly pressed?: string;
  readonly hasColour?: boolean;
  /** Whether standard output is a terminal; where it is not said, it is if somebody sits there. */
  readonly isShown?: boolean;
  readonly signal?: AbortSignal;
}

export function createFakeTerminal(options: FakeTerminalOptions = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  return {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    input: async () => options.input ?? '',
    isInteractive: options.answer !== undefined || options.pressed !== undefined,
    isLive: false,
    isShown: options.isShown ?? (options.answer !== undefined || options.pressed !== undefined),
    hasColour: options.hasColour ?? false,
    width: 120,
    height: 40,
    env: options.env ?? {},
    cwd: options.cwd ?? '/house',
    signal: options.signal ?? new AbortController().signal,
    ask: async (question: string) => {
      asked.push(question);
      return options.answer ?? '';
    },
    keys: async function* () {
      for (const key of options.pressed ?? '') {
        await new Promise(resolve => setTimeout(resolve, 450));
        yield key;
      }
    },
    stdout: () => out.join(''),
    stderr: () => err.join(''),
    asked,
  };
}
