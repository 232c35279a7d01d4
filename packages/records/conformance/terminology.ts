import { software } from './capabilities.ts';

/**
 * TerminologyCapabilities (FHIR R4 5.7): no terminology operation is served, and it says so. What the server knows of
 * terminology serves validation and the modifiers `:in` and `:not-in`.
 */
export const terminologyCapabilities = (base: string, date: string): object => ({
  resourceType: 'TerminologyCapabilities',
  url: `${base}/metadata?mode=terminology`,
  version: software.version,
  name: 'SafeguardTerminology',
  title: 'Safeguard terminology',
  status: 'active',
  date,
  publisher: 'Safeguard',
  description:
    'No terminology operation is served ($expand, $validate-code, $lookup, $subsumes, $translate, $closure). ' +
    'Required bindings of R4, and those of stored profiles, are checked where the value set can be counted out: it ' +
    'lists its codes, or takes code systems, whole or by their hierarchy and properties, that are held complete: ' +
    'those published with R4, and those stored here. The search modifiers :in and :not-in take the same value sets, ' +
    ':above and :below codes of the same systems; what cannot be told is refused. Not held: SNOMED CT, LOINC, RxNorm …',
  kind: 'instance',
  software,
  implementation: { description: 'Safeguard health data API', url: base },
  codeSearch: 'explicit',
  closure: { translation: false },
});
