import { isAbsolute, resolve } from 'node:path';
import { serverIdPattern } from '@sallyport/core/model/ids.ts';
import { type ActionClass, actionClasses } from '@sallyport/core/model/tool.ts';
import { type Fields, meant } from '../yaml/fields.ts';
import type { ChildEnvironment, HeaderSource, Launch, ServerConfig, ToolOverride } from './config.ts';
import { costTermsOf } from './cost-section.ts';
import type { CredentialRef } from './credentials.ts';
import { labelTermsOf, marksOf, peopleTermsOf } from './label-terms.ts';

/** One server of the section `servers`. Throws `ConfigError` naming file, line and field. */
export function serverOf(id: string, servers: Fields, folder: string): ServerConfig {
  if (!serverIdPattern.test(id))
    throw servers.wrong(id, 'is no server id: lower-case letters, digits and `-`, at most 24');
  const fields = servers.fields(id);
  const server: ServerConfig = {
    id,
    segment: fields.string('segment') ?? id,
    ...marksOf(fields),
    ...peopleTermsOf(fields),
    tools: overridesOf(fields.fields('tools')),
    launch: launchOf(fields, folder),
  };
  fields.done();
  return server;
}

function launchOf(fields: Fields, folder: string): Launch {
  const words = ['package', 'command', 'url'];
  const kinds = words.filter(name => fields.has(name));
  const one = 'needs exactly one of `package`, `command` and `url`';
  if (kinds.length === 0) throw fields.missing(words, one);
  if (kinds.length > 1) throw fields.wrong('package', one);
  if (fields.has('url'))
    return { kind: 'http', url: urlOf(fields), headers: headersOf(fields.fields('headers'), folder) };
  const cwd = fields.string('cwd');
  const common = {
    args: (fields.strings('args') ?? []).map(arg => (/^\.{1,2}(\/|$)/.test(arg) ? resolve(folder, arg) : arg)),
    env: environmentOf(fields.fields('env')),
    ...(cwd === undefined ? {} : { cwd: resolve(folder, cwd) }),
  };
  if (fields.has('package')) return { kind: 'package', name: fields.required('package'), from: folder, ...common };
  if (fields.isList('command'))
    throw fields.wrong('command', 'is the program alone; what follows it goes under `args`');
  const command = fields.required('command');
  return {
    kind: 'command',
    command: command.includes('/') && !isAbsolute(command) ? resolve(folder, command) : command,
    ...common,
  };
}

function urlOf(fields: Fields): string {
  const text = fields.required('url');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw fields.wrong('url', 'must be an http(s) address without user name and password');
  return url.href;
}

/** `Authorization: { credential: wiki, scheme: Bearer }`; `file` reads a secret; `value` is for what is none. */
export function headersOf(headers: Fields, folder: string): Record<string, HeaderSource> {
  return Object.fromEntries(
    headers.names().map((name): [string, HeaderSource] => {
      if (!/^[A-Za-z0-9-]{1,64}$/.test(name)) throw headers.wrong(name, 'is no header name');
      const fields = headers.fields(name);
      const given = ['file', 'value', 'credential'].filter(kind => fields.has(kind));
      if (given.length !== 1) throw headers.wrong(name, 'needs exactly one of `file`, `value` and `credential`');
      const source = fields.has('credential') ? referenceOf(fields) : plainHeader(fields, folder);
      fields.done();
      return [name, source];
    }),
  );
}

function plainHeader(fields: Fields, folder: string): HeaderSource {
  const file = fields.string('file');
  return file === undefined ? { value: fields.required('value') } : { file: resolve(folder, file) };
}

/** `NAME: text`, or `NAME: { credential: db }` for what is secret. */
function environmentOf(env: Fields): ChildEnvironment {
  return Object.fromEntries(
    env.names().map((name): [string, string | CredentialRef] => {
      if (!env.isMapping(name)) return [name, env.required(name)];
      const fields = env.fields(name);
      const reference = referenceOf(fields);
      fields.done();
      return [name, reference];
    }),
  );
}

function referenceOf(fields: Fields): CredentialRef {
  const credential = fields.required('credential');
  const scheme = fields.string('scheme');
  if (scheme !== undefined && !/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(scheme))
    throw fields.wrong('scheme', 'must be one word, such as Bearer');
  return { credential, ...(scheme === undefined ? {} : { scheme }) };
}

export function overridesOf(tools: Fields): Record<string, ToolOverride> {
  return Object.fromEntries(
    tools.each(name => {
      const fields = tools.fields(name);
      const classes = fields.strings('classes');
      const segment = fields.string('segment');
      const labels = labelTermsOf(fields);
      const cost = costTermsOf(fields);
      fields.done();
      const unknown = classes?.find(word => !actionClasses.includes(word as ActionClass));
      if (unknown !== undefined)
        throw fields.wrong(
          'classes',
          `has \`${unknown}\`, which is none of ${actionClasses.join(', ')}${meant(unknown, actionClasses)}`,
        );
      const override: ToolOverride = {
        ...(classes === undefined ? {} : { classes: classes as ActionClass[] }),
        ...(segment === undefined ? {} : { segment }),
        ...labels,
        ...cost,
      };
      return [name, override];
    }),
  );
}
