/** One JSON object a line on standard error: for machines and people who run the gateway. Never a secret or a value. */

export type LogLevel = 'info' | 'warn' | 'error';
export type Log = (
  level: LogLevel,
  message: string,
  fields?: Readonly<Record<string, string | number | boolean>>,
) => void;

export function createLog(write: (line: string) => void, now: () => number): Log {
  return (level, message, fields = {}) => {
    write(`${JSON.stringify({ at: new Date(now()).toISOString(), level, message, ...fields })}\n`);
  };
}
