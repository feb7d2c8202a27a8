import type { Terminal } from '../terminal.ts';

export interface LiveLine {
  readonly say: (text: string) => void;
  /** Takes the line away. */
  readonly stop: () => void;
}

/** Where lines stay, one says how far it is this often; what takes less says nothing. */
const lineMillis = 5_000;

/** One line on standard error that shows something is alive, with the seconds it took so far. Without a terminal a line now and then. */
export function liveLine(terminal: Terminal, text: string): LiveLine {
  const started = Date.now();
  let now = text;
  const said = (): string => `${now} … ${Math.floor((Date.now() - started) / 1_000)} s`;
  if (!terminal.isLive) {
    const timer = setInterval(() => terminal.err(`${said()}\n`), lineMillis);
    return {
      say: next => {
        now = next;
      },
      stop: () => clearInterval(timer),
    };
  }
  const draw = (): void => terminal.err(`\r\u001b[K${said()}`);
  draw();
  const timer = setInterval(draw, 1_000);
  return {
    say: next => {
      now = next;
      draw();
    },
    stop: () => {
      clearInterval(timer);
      terminal.err('\r\u001b[K');
    },
  };
}
