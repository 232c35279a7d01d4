import { at, type Cursor, items, stringAt, textAt, unfit, valueAt } from './cursor.ts';
import { type JsonObject, node } from './json.ts';
import { line, text } from './markup.ts';
import { type OscalVersion, oscalVersions, uuidOf } from './names.ts';
import { formed, moments, record, word, words } from './props.ts';
import { toValue } from './values.ts';

/** What every document says of itself. */
export interface Head {
  /** Last modified, milliseconds since the Unix epoch: given, never read from a clock. */
  readonly at: number;
  readonly oscal: OscalVersion;
  /** Version of the product. */
  readonly version: string;
  /** SHA-256 of the content that it was made from, hex. */
  readonly digest: string;
  readonly organization: { readonly name: string; readonly contact: string };
}

const facts = record({ digest: word('content-digest') });
const markers = words('marker');

export const organizationUuid = ({ organization }: Head): string => uuidOf('organization', organization.name);

interface About {
  readonly title: string;
  readonly remarks?: string;
  /** Words that say what kind of document it is: `proposed`. */
  readonly markers?: readonly string[];
  readonly roles?: readonly JsonObject[];
  readonly parties?: readonly JsonObject[];
}

export function metadata(head: Head, about: About): JsonObject {
  const party = organizationUuid(head);
  const { name, contact } = head.organization;
  return node({
    title: line(about.title),
    'last-modified': moments.to(head.at),
    version: toValue(head.version),
    'oscal-version': head.oscal,
    props: [...facts.write(head), ...markers.write(about.markers ?? [])],
    roles: [
      { id: 'responsible-organization', title: 'The organization that runs the platform' },
      ...(about.roles ?? []),
    ],
    parties: [
      { uuid: party, type: 'organization', name: toValue(name), remarks: text(contact) },
      ...(about.parties ?? []),
    ],
    'responsible-parties': [{ 'role-id': 'responsible-organization', 'party-uuids': [party] }],
    remarks: about.remarks === undefined ? undefined : text(about.remarks),
  });
}

/** @param root the document below its name */
export function readHead(root: Cursor): Head {
  const of = at(root, 'metadata');
  const [party] = items(of, 'parties');
  if (party === undefined) throw unfit(at(of, 'parties'), 'a party');
  const oscal = oscalVersions.find((version) => version === stringAt(of, 'oscal-version'));
  if (oscal === undefined) throw unfit(at(of, 'oscal-version'), `one of ${oscalVersions.join(', ')}`);
  return {
    at: formed(moments, at(of, 'last-modified')),
    oscal,
    version: valueAt(of, 'version'),
    ...facts.read(of),
    organization: { name: valueAt(party, 'name'), contact: textAt(party, 'remarks') },
  };
}

/**
 * A document under its name. Its UUID follows from all that it says but for its date: the same content has the same,
 * any other content another, as OSCAL wants it.
 */
export function sealed(name: string, body: JsonObject): JsonObject {
  const { metadata: about, ...rest } = body;
  const { 'last-modified': _, ...undated } = about as JsonObject;
  return { [name]: { uuid: uuidOf('document', name, JSON.stringify([undated, rest])), ...body } };
}

/** The document below its name; Fault `invalid` where it is another or none. */
export function rootOf(document: Cursor, name: string): Cursor {
  const root = at(document, name);
  if (typeof root.value !== 'object' || root.value === null) throw unfit(root, `a document of the kind ${name}`);
  return root;
}

/** A document that another one rests on: beside it in the API, beside it as a file in a bundle. */
export const besides = (name: string, title: string): JsonObject => ({
  uuid: uuidOf('resource', name),
  title: line(title),
  rlinks: [
    { href: name, 'media-type': 'application/json' },
    { href: `${name}.json`, 'media-type': 'application/json' },
  ],
});
export const hrefOf = (name: string): string => `#${uuidOf('resource', name)}`;
