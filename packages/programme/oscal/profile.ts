import type { Profile, ProfileRow } from '../content/types.ts';
import { besides, hrefOf, metadata, sealed } from './head.ts';
import type { OscalInput } from './input.ts';
import { headOf, picked, valuesOf } from './input-parts.ts';
import { type JsonObject, node } from './json.ts';
import { insertedIn, line, text } from './markup.ts';
import { controlToken, namespace } from './names.ts';
import { oneOf, property, record, words } from './props.ts';
import { toValue } from './values.ts';

const resources = { resources: [besides('catalog', 'The catalog that this selects from')] };

export const setParameters = (values: Readonly<Record<string, string>>): JsonObject[] =>
  Object.entries(values).map(([id, value]) => ({ 'param-id': id, values: [toValue(value)] }));

/**
 * The profile of the house: all of the catalog, with the values in force. What does not bind the organization is not
 * left out: the plan says of each such control why it is not applicable.
 */
export function houseProfile(input: OscalInput): JsonObject {
  const { controls, parameters, organization } = input.content;
  const inserted = [...controls.values()].flatMap(({ approach }) => insertedIn(approach));
  const values = picked(valuesOf(input), [...parameters.keys(), ...inserted]);
  return sealed(
    'profile',
    node({
      metadata: metadata(headOf(input), {
        title: `HIPAA at ${organization.name}`,
        markers: organization.conditions.map((condition) => `condition: ${condition}`),
      }),
      imports: [
        { href: hrefOf('catalog'), 'include-controls': [{ 'with-ids': [...controls.keys()].map(controlToken) }] },
      ],
      merge: { 'as-is': true },
      modify: { 'set-parameters': setParameters(values) },
      'back-matter': resources,
    }),
  );
}

const rowFacts = record({ verified: oneOf('citation-verified', ['yes', 'unverified']), checks: words('check') });

function rowGroup(profile: Profile, row: ProfileRow, index: number): JsonObject {
  return node({
    id: `${profile.id}_row-${index + 1}`,
    class: profile.status,
    title: line(row.title),
    props: [
      { name: 'label', value: toValue(row.citation) },
      property('status', profile.status),
      ...rowFacts.write(row),
    ],
    parts: [{ name: 'row', ns: namespace, prose: text(row.requirement) }],
    'insert-controls':
      row.controls.length === 0
        ? undefined
        : [{ 'include-controls': [{ 'with-ids': row.controls.map(controlToken) }] }],
  });
}

const lead: Readonly<Record<Profile['status'], string>> = {
  proposed: 'PROPOSED, NOT LAW: ',
  framework: '',
  'in-force': '',
};

/**
 * An optional profile (the proposed rule of 2025): each row is a group with the controls of today that come near to it.
 * The title, every group and a marker say that it is proposed; no state of anything follows from it.
 */
export function rowsProfile(input: OscalInput, profile: Profile): JsonObject {
  const ids = [...new Set(profile.rows.flatMap(({ controls }) => controls))];
  return sealed(
    'profile',
    node({
      metadata: metadata(headOf(input), {
        title: `${lead[profile.status]}${profile.title}`,
        remarks: profile.note,
        markers: [profile.status],
      }),
      imports: [{ href: hrefOf('catalog'), 'include-controls': [{ 'with-ids': ids.map(controlToken) }] }],
      merge: { custom: node({ groups: profile.rows.map((row, index) => rowGroup(profile, row, index)) }) },
      'back-matter': resources,
    }),
  );
}
