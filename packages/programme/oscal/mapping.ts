import { fault } from '@safeguard/kernel';
import type { Crosswalk } from '../content/types.ts';
import { besides, hrefOf, metadata, sealed } from './head.ts';
import type { OscalInput } from './input.ts';
import { headOf } from './input-parts.ts';
import { type JsonObject, node } from './json.ts';
import { line, text } from './markup.ts';
import { controlToken, uuidOf } from './names.ts';
import { toValue } from './values.ts';

const resource = ({ id, title, source }: Crosswalk): JsonObject => ({
  uuid: uuidOf('resource', 'crosswalk', id),
  title: line(title),
  description: text(source),
});

/** `intersects-with`: they touch each other. A crosswalk shows where to look, and claims no equivalence. */
const map = (crosswalk: string, control: string, ids: readonly string[]): JsonObject => ({
  uuid: uuidOf('map', crosswalk, control),
  relationship: 'intersects-with',
  sources: [{ type: 'control', 'id-ref': controlToken(control) }],
  targets: ids.map((id) => ({ type: 'control', 'id-ref': toValue(id) })),
});

const mapsOf = ({ id, ids }: Crosswalk): JsonObject[] =>
  [...ids].filter(([, targets]) => targets.length > 0).map(([control, targets]) => map(id, control, targets));

const mapping = (crosswalk: Crosswalk): JsonObject =>
  node({
    uuid: uuidOf('mapping', crosswalk.id),
    method: 'human',
    'matching-rationale': 'semantic',
    status: 'not-complete',
    'mapping-description': text(crosswalk.source),
    'source-resource': { type: 'catalog', href: hrefOf('catalog') },
    'target-resource': { type: 'catalog', href: `#${uuidOf('resource', 'crosswalk', crosswalk.id)}` },
    maps: mapsOf(crosswalk),
  });

/** The crosswalks, which OSCAL has a model for since 1.2. Fault `invalid` for 1.1.3, `missing` where there are none. */
export function writeMappings(input: OscalInput): JsonObject {
  const head = headOf(input);
  if (head.oscal === '1.1.3') throw fault('invalid', 'OSCAL has mappings since 1.2: ask for 1.2.2.');
  const crosswalks = [...input.content.crosswalks.values()].filter((one) => mapsOf(one).length > 0);
  if (crosswalks.length === 0) throw fault('missing', 'There are no crosswalks.');
  return sealed(
    'mapping-collection',
    node({
      metadata: metadata(head, { title: 'HIPAA and other frameworks: where to look' }),
      provenance: {
        method: 'human',
        'matching-rationale': 'semantic',
        status: 'not-complete',
        'mapping-description': text('Identifiers alone. No row claims that one thing is the other.'),
      },
      mappings: crosswalks.map(mapping),
      'back-matter': { resources: [besides('catalog', 'The catalog of requirements'), ...crosswalks.map(resource)] },
    }),
  );
}
