import { arg, type Command } from '../command.ts';

export const taskHold: Command = {
  name: 'task hold',
  group: 'Decide',
  args: '<id>',
  summary: 'keep a task going that hangs on a connection, until this command is ended',
  about: `For orchestrators: the task was opened with \`--ends-with connection\`, and ends two seconds after the last connection that
holds it is gone, for whatever reason.`,
  examples: [['sallyport task hold t_4c0v8m1r', 'the task ends with this command']],
  run: async given => {
    const api = await given.api();
    const stop = new AbortController();
    const ended = (): void => stop.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, ended);
    await api.hold(`tasks/${encodeURIComponent(arg(given, 0))}/hold`, stop.signal);
    return stop.signal.aborted
      ? { json: { held: false }, text: 'let go: the task ends' }
      : { json: { held: false }, text: 'the task is over' };
  },
};
