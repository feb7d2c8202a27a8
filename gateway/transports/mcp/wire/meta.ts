import { type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { bad, invalidParams, type Read, read } from './malformed.ts';
import { idText } from './message.ts';
import { logLevels, metaKeys } from './protocol.ts';

/**
 * What the gateway reads of `params._meta`. None of it reaches the upstream: routing is the gateway's own. Keys that are
 * not ours may stand there (the object is open by definition) and are dropped with the rest.
 */
export interface Meta {
  /** The modern era's claim; undefined means legacy. */
  readonly version: string | undefined;
  /** What the client says it can do. */
  readonly capabilities: JsonObject | undefined;
  /** JSON text of the progress token, if progress is wanted. */
  readonly progressToken: string | undefined;
  readonly logLevel: string | undefined;
  readonly taskToken: string | undefined;
}

const noMeta: Meta = {
  version: undefined,
  capabilities: undefined,
  progressToken: undefined,
  logLevel: undefined,
  taskToken: undefined,
};

export function readMeta(params: JsonObject): Read<Meta> {
  const meta = params.members.get('_meta');
  if (meta === undefined) return read(noMeta);
  if (meta.kind !== 'object') return bad(invalidParams('params._meta', 'must be an object'));
  for (const key of [metaKeys.protocolVersion, metaKeys.logLevel, metaKeys.task]) {
    const node = meta.members.get(key);
    if (node !== undefined && node.kind !== 'string')
      return bad(invalidParams(`params._meta.${JSON.stringify(key)}`, 'must be a string'));
  }
  const token = meta.members.get('progressToken');
  const progressToken = token === undefined ? undefined : idText(token);
  if (token !== undefined && progressToken === undefined)
    return bad(invalidParams('params._meta.progressToken', 'must be a string or a plain integer'));
  const logLevel = stringMember(meta, metaKeys.logLevel);
  if (logLevel !== undefined && !logLevels.includes(logLevel))
    return bad(invalidParams(`params._meta.${JSON.stringify(metaKeys.logLevel)}`, 'is not a log level'));
  const capabilities = member(meta, metaKeys.clientCapabilities);
  return read({
    version: stringMember(meta, metaKeys.protocolVersion),
    capabilities: capabilities?.kind === 'object' ? capabilities : undefined,
    progressToken,
    logLevel,
    taskToken: stringMember(meta, metaKeys.task),
  });
}
