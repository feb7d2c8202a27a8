import { resolve } from 'node:path';
import type { Fields } from '../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../yaml/outside-url.ts';

/** Who is asked whether what tasks hang on has ended. */
export interface WatchConfig {
  readonly kubernetes: KubernetesConfig | undefined;
  readonly github: GitHubConfig | undefined;
  /** A task ends when nobody could say for so long whether what it hangs on is still there. */
  readonly unknownSecondsMax: number;
}

export interface KubernetesConfig {
  /** Of the API server. */
  readonly url: string;
  /** A service account's token, read anew for each request: projected ones are replaced while they are used. */
  readonly tokenFile: string;
  /** PEM of the authority that the API server is trusted through; undefined: the usual ones. */
  readonly caFile: string | undefined;
  /** Whether tasks that a pod opens end with it without being told. */
  readonly bind: boolean;
}

export interface GitHubConfig {
  readonly apiUrl: string;
  /** Undefined: public repositories alone. */
  readonly tokenFile: string | undefined;
  readonly pollSeconds: number;
  /** Whether tasks that a run opens end with it without being told. */
  readonly bind: boolean;
}

/** Where a pod finds its service account (Kubernetes documentation, "Accessing the Kubernetes API from a Pod"). */
const inPod = '/var/run/secrets/kubernetes.io/serviceaccount';

export function watchOf(root: Fields, folder: string): WatchConfig {
  const fields = root.fields('watch');
  const [kubernetes, github] = [fields.fields('kubernetes'), fields.fields('github')];
  const file = (from: Fields, name: string): string | undefined => {
    const path = from.string(name);
    return path === undefined ? undefined : resolve(folder, path);
  };
  const url = urlOf(kubernetes, 'url');
  const watch = {
    kubernetes: {
      url: url ?? 'https://kubernetes.default.svc',
      tokenFile: file(kubernetes, 'tokenFile') ?? `${inPod}/token`,
      caFile: file(kubernetes, 'caFile') ?? (url === undefined ? `${inPod}/ca.crt` : undefined),
      bind: kubernetes.boolean('bind') ?? true,
    },
    github: {
      apiUrl: urlOf(github, 'apiUrl') ?? 'https://api.github.com',
      tokenFile: file(github, 'tokenFile'),
      pollSeconds: github.integer('pollSeconds', 1, 3_600) ?? 15,
      // Of a private repository GitHub says without a token that there is no such run.
      bind: github.boolean('bind') ?? github.has('tokenFile'),
    },
  };
  const unknownSecondsMax = fields.integer('unknownSecondsMax', 10, 86_400) ?? 300;
  for (const each of [kubernetes, github, fields]) each.done();
  return {
    kubernetes: fields.has('kubernetes') ? watch.kubernetes : undefined,
    github: fields.has('github') ? watch.github : undefined,
    unknownSecondsMax,
  };
}

function urlOf(fields: Fields, field: string): string | undefined {
  const text = fields.string(field);
  if (text !== undefined && !isOutsideUrl(text)) throw fields.wrong(field, outsideUrlRule);
  return text?.replace(/\/$/, '');
}
