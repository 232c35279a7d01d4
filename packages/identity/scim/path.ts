import { type Attribute, attributeNamed, commonAttributes, type Kind } from './attributes.ts';

/** Where a path leads: attribute names as our schemas spell them. */
export interface Place {
  /** The id of an extension's schema; undefined: the core. */
  readonly extension: string | undefined;
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
}

const nameForm = /^[A-Za-z$][\w$-]{0,60}$/;

/** The part of a path after a schema's id, and which schema that is. */
function schemaOf({ core, extensions }: Kind, path: string): { extension?: string; rest: string } | undefined {
  if (!/^urn:/i.test(path)) return { rest: path };
  for (const { id } of [core, ...extensions]) {
    if (path.length <= id.length || path.slice(0, id.length).toLowerCase() !== id.toLowerCase()) continue;
    if (path[id.length] !== ':') continue;
    const rest = path.slice(id.length + 1);
    return id === core.id ? { rest } : { extension: id, rest };
  }
  return undefined;
}

const attributesOf = ({ core, extensions }: Kind, extension: string | undefined): readonly Attribute[] =>
  extension === undefined
    ? [...commonAttributes, ...core.attributes]
    : (extensions.find(({ id }) => id === extension)?.attributes ?? []);

/**
 * Resolves `name`, `name.givenName`, `urn:…:User:department` (RFC 7644 3.10). `ignored`: an attribute of the standard
 * that is not kept; undefined: none that we know.
 */
export function placeOf(kind: Kind, path: string): Place | 'ignored' | undefined {
  const found = schemaOf(kind, path);
  if (found === undefined) return undefined;
  const [head = '', tail, ...more] = found.rest.split('.');
  if (!nameForm.test(head) || more.length > 0 || (tail !== undefined && !nameForm.test(tail))) return undefined;
  if (kind.ignored.includes(head.toLowerCase())) return 'ignored';
  const attribute = attributeNamed(attributesOf(kind, found.extension), head);
  if (attribute === undefined) return undefined;
  const sub = tail === undefined ? undefined : attributeNamed(attribute.subAttributes ?? [], tail);
  if (tail !== undefined && sub === undefined) return undefined;
  return { extension: found.extension, attribute, sub };
}
