import { isResourceType } from './definitions.ts';

/** What a Reference.reference leads to, read from its form alone (R4 references.html). */
export type ReferenceForm =
  | { readonly kind: 'relative'; readonly type: string; readonly id: string; readonly version?: string }
  /** `Type?query`: only in a transaction or batch. */
  | { readonly kind: 'conditional'; readonly type: string; readonly query: string }
  | { readonly kind: 'fragment'; readonly id: string }
  /** An absolute URL; `type` where it ends as a FHIR read URL does. */
  | { readonly kind: 'absolute'; readonly type?: string }
  | { readonly kind: 'urn' };

const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/;
const conditional = /^([A-Z][A-Za-z]+)\?(\S+)$/;
const fragment = /^#([A-Za-z0-9.-]{0,64})$/;
const absolute = /^https?:\/\/[^\s/?#]+\S*$/i;
const readUrl = /\/([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;
const uuid = /^urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const oid = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/;

function relativeForm(text: string): ReferenceForm | undefined {
  const [, type = '', id = '', version] = relative.exec(text) ?? [];
  if (!isResourceType(type)) return undefined;
  return { kind: 'relative', type, id, ...(version === undefined ? {} : { version }) };
}

function conditionalForm(text: string): ReferenceForm | undefined {
  const [, type = '', query = ''] = conditional.exec(text) ?? [];
  return isResourceType(type) ? { kind: 'conditional', type, query } : undefined;
}

function absoluteForm(text: string): ReferenceForm | undefined {
  if (!absolute.test(text)) return undefined;
  const type = readUrl.exec(text)?.[1];
  return type !== undefined && isResourceType(type) ? { kind: 'absolute', type } : { kind: 'absolute' };
}

/** The form of a reference's text; undefined when it has none that R4 knows. */
export function referenceForm(text: string): ReferenceForm | undefined {
  if (text.startsWith('#')) {
    const match = fragment.exec(text);
    return match ? { kind: 'fragment', id: match[1] ?? '' } : undefined;
  }
  if (text.startsWith('urn:')) return uuid.test(text) || oid.test(text) ? { kind: 'urn' } : undefined;
  if (text.includes('://') && !text.includes('?')) return absoluteForm(text);
  return relativeForm(text) ?? conditionalForm(text) ?? absoluteForm(text);
}
