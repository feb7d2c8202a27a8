import type { ServerTerms, ToolTerms } from '@sallyport/core/catalogue/build.ts';
import { type FieldPath, parseFieldPath } from '@sallyport/core/model/field-path.ts';
import {
  type FieldMarks,
  type Integrity,
  integritiesBestFirst,
  type PeopleRules,
  type SenderRule,
} from '@sallyport/core/model/labelling.ts';
import { readerPattern, readersMax } from '@sallyport/core/model/readers-label.ts';
import { sensitivitiesLowestFirst } from '@sallyport/core/model/sensitivity.ts';
import { tenantPattern } from '@sallyport/core/model/tenant-label.ts';
import type { Fields } from '../yaml/fields.ts';

const fieldMarksMax = 64;

/** `integrity` and `sensitivity` of a server, a tool or a field; `trusted` is the short word for the two ends of integrity. */
export function marksOf(fields: Fields): Pick<ServerTerms, 'integrity' | 'sensitivity'> {
  const trusted = fields.boolean('trusted');
  const said = fields.oneOf('integrity', integritiesBestFirst);
  if (trusted !== undefined && said !== undefined)
    throw fields.wrong('trusted', 'cannot stand beside `integrity`: `trusted: true` is `integrity: first_party`');
  const integrity = said ?? (trusted === undefined ? undefined : trusted ? 'first_party' : 'external');
  const sensitivity = fields.oneOf('sensitivity', sensitivitiesLowestFirst);
  return {
    ...(integrity === undefined ? {} : { integrity }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
  };
}

/**
 * `tenant`, `readers`, `sender` of a server, a tool or a field. What begins with `@` is a path from the place that is marked; of a
 * server and a tool that is the top of the result.
 */
export function peopleTermsOf(fields: Fields): PeopleRules {
  const tenant = fields.string('tenant');
  const readers = fields.strings('readers');
  const sender = fields.has('sender') ? senderOf(fields.fields('sender')) : undefined;
  if (tenant !== undefined && !tenant.startsWith('@') && !tenantPattern.test(tenant))
    throw fields.wrong('tenant', 'is neither a name nor a path such as @.account');
  const odd = readers?.find(
    reader => !reader.startsWith('@.') && !reader.startsWith('@[') && !readerPattern.test(reader),
  );
  if (odd !== undefined)
    throw fields.wrong(
      'readers',
      `has \`${odd}\`, which is neither a reader, nor *@example.org, nor a path such as @.to[*]`,
    );
  if (readers !== undefined && readers.length > readersMax)
    throw fields.wrong('readers', `are more than ${readersMax}: a pattern such as *@example.org stands for many`);
  return {
    ...(tenant === undefined ? {} : { tenant: ruleOf(tenant, 'tenant', fields) }),
    ...(readers === undefined ? {} : { readers: readers.map(reader => ruleOf(reader, 'readers', fields)) }),
    ...(sender === undefined ? {} : { sender }),
  };
}

function ruleOf(text: string, field: string, fields: Fields): string | FieldPath {
  return text.startsWith('@.') || text.startsWith('@[')
    ? pathOf(field, `$${text.slice(1)}`, fields)
    : text.toLowerCase();
}

/** `{ path: @.from, integrity: { "*@example.org": org } }` */
function senderOf(fields: Fields): SenderRule {
  const path = ruleOf(fields.required('path'), 'path', fields);
  if (typeof path === 'string') throw fields.wrong('path', 'is no path such as @.from');
  const said = fields.fields('integrity');
  const integrity = said.names().map((name): [string, Integrity] => {
    if (!readerPattern.test(name)) throw said.wrong(name, 'is neither a sender nor *@example.org');
    return [name.toLowerCase(), said.oneOf(name, integritiesBestFirst) ?? 'external'];
  });
  said.done();
  fields.done();
  return { path, integrity: new Map(integrity) };
}

/** What the operator says about the result of one tool. */
export function labelTermsOf(tool: Fields): Omit<ToolTerms, 'classes' | 'segment'> {
  const fields = fieldMarksOf(tool.fields('fields'));
  const resource = tool.string('resource');
  const stores = tool.boolean('stores');
  return {
    ...marksOf(tool),
    ...peopleTermsOf(tool),
    ...(fields.length === 0 ? {} : { fields }),
    ...(resource === undefined ? {} : { resource }),
    ...(stores === undefined ? {} : { stores }),
  };
}

function fieldMarksOf(paths: Fields): FieldMarks[] {
  const names = paths.names();
  if (names.length > fieldMarksMax)
    throw paths.wrong(names.at(-1) ?? '', `is one too many: at most ${fieldMarksMax} fields of a tool can be marked`);
  return names.map(name => {
    const path = pathOf(name, name, paths);
    const fields = paths.fields(name);
    const { integrity, sensitivity } = marksOf(fields);
    const people = peopleTermsOf(fields);
    fields.done();
    if (integrity === undefined && sensitivity === undefined && Object.keys(people).length === 0)
      throw paths.wrong(name, 'says nothing: it needs `integrity`, `sensitivity`, `tenant`, `readers` or `sender`');
    return { path, integrity, sensitivity, ...people };
  });
}

function pathOf(name: string, text: string, fields: Fields): FieldPath {
  const path = parseFieldPath(text);
  if (path === undefined)
    throw fields.wrong(name, 'is no path: it begins with `$`, such as $.customer.email, $.items[*].name or $..notes');
  return path;
}
