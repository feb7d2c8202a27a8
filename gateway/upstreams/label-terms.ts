import type { ServerTerms, ToolTerms } from '@sallyport/core/catalogue/build.ts';
import { type FieldPath, parseFieldPath } from '@sallyport/core/model/field-path.ts';
import { type FieldMarks, integritiesBestFirst } from '@sallyport/core/model/labelling.ts';
import { sensitivitiesLowestFirst } from '@sallyport/core/model/sensitivity.ts';
import type { Fields } from '../yaml/fields.ts';

export const fieldMarksMax = 64;

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

/** What the operator says about the result of one tool. */
export function labelTermsOf(tool: Fields): Omit<ToolTerms, 'classes' | 'segment'> {
  const fields = fieldMarksOf(tool.fields('fields'));
  const resource = tool.string('resource');
  const stores = tool.boolean('stores');
  return {
    ...marksOf(tool),
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
    fields.done();
    if (integrity === undefined && sensitivity === undefined)
      throw paths.wrong(name, 'says nothing: it needs `integrity` or `sensitivity`');
    return { path, integrity, sensitivity };
  });
}

function pathOf(name: string, text: string, fields: Fields): FieldPath {
  const path = parseFieldPath(text);
  if (path === undefined)
    throw fields.wrong(name, 'is no path: it begins with `$`, such as $.customer.email, $.items[*].name or $..notes');
  return path;
}
