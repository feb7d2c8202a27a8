import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { ask, at, WatchFault } from './ask.ts';
import type { KubernetesConfig } from './config.ts';
import type { Looking } from './looking.ts';

export interface KubernetesObject {
  readonly kind: 'job' | 'pod';
  readonly namespace: string;
  readonly name: string;
}

/** The API server ends a watch after this long by itself; a silence beyond it is a broken connection. */
const watchSeconds = 240;
/** Between a watch that ended and the next look. */
const pauseMillis = 200;

/** Follows one job or pod, again and again where a fault ends it: another object of the same name is not the same (`uid`). */
export function objectFollower(
  config: KubernetesConfig,
  object: KubernetesObject,
): (looking: Looking) => Promise<void> {
  const first: First = { uid: undefined };
  return looking => followObject(config, object, first, looking);
}

/** Which object was seen at first. */
interface First {
  uid: string | undefined;
}

/**
 * Kubernetes API concepts, "Efficient detection of changes": a look at it, then a watch from what was seen on, and again a
 * look when the watch ends.
 */
async function followObject(
  config: KubernetesConfig,
  object: KubernetesObject,
  first: First,
  looking: Looking,
): Promise<void> {
  const { kind, namespace, name } = object;
  const collection =
    kind === 'job'
      ? `${config.url}/apis/batch/v1/namespaces/${namespace}/jobs`
      : `${config.url}/api/v1/namespaces/${namespace}/pods`;

  const judge = (found: unknown): boolean => {
    const uid = at(found, 'metadata', 'uid');
    const isIt = at(found, 'metadata', 'name') === name && at(found, 'metadata', 'namespace') === namespace;
    if (!isIt || typeof uid !== 'string' || uid === '')
      throw new WatchFault(`the Kubernetes API answered with something else than the ${kind}`);
    looking.seen();
    first.uid ??= uid;
    const why = uid === first.uid ? endOf(kind, found) : `another ${kind} has its name`;
    if (why !== undefined) looking.ended(why);
    return why === undefined;
  };

  while (!looking.signal.aborted) {
    const asked = await credentialsOf(config);
    const { status, body } = await ask({ ...asked, url: `${collection}/${name}`, signal: looking.signal });
    if (status === 404) return looking.ended(`there is no such ${kind}`);
    if (status !== 200) throw new WatchFault(`the Kubernetes API answered with HTTP ${status}`);
    if (!judge(body)) return;
    const version = String(at(body, 'metadata', 'resourceVersion') ?? '');
    const query = new URLSearchParams({
      ...{ watch: 'true', fieldSelector: `metadata.name=${name}`, allowWatchBookmarks: 'true' },
      ...{ timeoutSeconds: String(watchSeconds), resourceVersion: version },
    });
    const onLine = (event: unknown): void => {
      const type = at(event, 'type');
      if (type === 'BOOKMARK') looking.seen();
      else if (type === 'DELETED') looking.ended(`the ${kind} is gone`);
      else if (type === 'ADDED' || type === 'MODIFIED') judge(at(event, 'object'));
    };
    const silentMillisMax = (watchSeconds + 30) * 1000;
    const watched = await ask({
      ...{ ...asked, url: `${collection}?${query}`, signal: looking.signal },
      ...{ onLine, silentMillisMax },
    });
    await setTimeout(pauseMillis, undefined, { signal: looking.signal }).catch(() => undefined);
    // 410: what was seen is too old to go on from; the next look is a fresh one.
    if (watched.status !== 200 && watched.status !== 410)
      throw new WatchFault(`the Kubernetes API answered a watch with HTTP ${watched.status}`);
  }
}

async function credentialsOf({ tokenFile, caFile }: KubernetesConfig) {
  const read = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch(() => {
      throw new WatchFault('the token or the authority of the Kubernetes API cannot be read');
    });
  const headers = { accept: 'application/json', authorization: `Bearer ${(await read(tokenFile)).trim()}` };
  return { headers, ca: caFile === undefined ? undefined : await read(caFile) };
}

/** Why it is over (batch/v1 JobStatus.conditions; core/v1 PodStatus.phase); undefined: it is not. */
function endOf(kind: KubernetesObject['kind'], found: unknown): string | undefined {
  if (at(found, 'metadata', 'deletionTimestamp') !== undefined) return `the ${kind} is being deleted`;
  if (kind === 'pod') {
    const phase = at(found, 'status', 'phase');
    return phase === 'Succeeded' || phase === 'Failed' ? `the pod has ended: ${phase}` : undefined;
  }
  const conditions = at(found, 'status', 'conditions');
  const over = (Array.isArray(conditions) ? conditions : []).find(
    condition => ['Complete', 'Failed'].includes(String(at(condition, 'type'))) && at(condition, 'status') === 'True',
  );
  return over === undefined ? undefined : `the job has ended: ${String(at(over, 'type'))}`;
}
