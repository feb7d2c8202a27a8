import type { TaskControlFacts } from '../../tasks/control.ts';
import { beats } from '../../watch/beats.ts';
import { createHoldDoor } from '../../watch/hold-door.ts';
import { createWatch, type Watch, type WatchPorts } from '../../watch/watch.ts';

const lookMillis = 500;

/** Notices, from now on, that what tasks hang on has ended. */
export function openWatch(ports: WatchPorts, opened: AsyncDisposableStack): Watch {
  const watch = createWatch(ports);
  const looking = setInterval(() => watch.look(), lookMillis);
  opened.defer(() => {
    clearInterval(looking);
    watch.close();
  });
  return watch;
}

/** Both ways of holding a task: whoever opened it, at the control API, and the agent that works on it. */
export function holding(watch: Watch, ports: Parameters<typeof createHoldDoor>[1]) {
  const hold: TaskControlFacts['hold'] = (task, closed) => {
    const over = watch.holds.hold(task, closed);
    return over === undefined ? undefined : beats(AbortSignal.any([over, closed]));
  };
  return { hold, holdDoor: createHoldDoor(watch.holds, ports) };
}
