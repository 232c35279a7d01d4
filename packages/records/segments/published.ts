import { isResourceType } from '@safeguard/fhir';

/**
 * Whose addresses are shown where a view shows no address of the sender's: publishers of terminologies, profiles and
 * unit systems. What ends with a separator stands for all below it; else for itself, and for what is below it after a
 * `/`. A path below a publisher is not looked at: `http://loinc.org/Ida` would be shown.
 */
const publishers = [
  ...['http://hl7.org', 'http://terminology.hl7.org', 'http://unitsofmeasure.org', 'http://loinc.org'],
  ...['http://snomed.info', 'http://www.nlm.nih.gov/research/umls', 'http://www.ama-assn.org/go', 'http://nucc.org'],
  ...[
    'http://www.cms.gov',
    'https://www.cms.gov',
    'https://bluebutton.cms.gov',
    'http://www.nubc.org',
    'https://www.nubc.org',
    'http://www.ada.org',
  ],
  ...['http://dicom.nema.org', 'http://fdasis.nlm.nih.gov', 'http://ncicb.nci.nih.gov', 'http://ncimeta.nci.nih.gov'],
  ...['http://www.genenames.org', 'http://www.ncbi.nlm.nih.gov', 'http://varnomen.hgvs.org', 'http://www.whocc.no'],
  ...['http://human-phenotype-ontology.org', 'http://www.radlex.org', 'http://ihe.net', 'https://profiles.ihe.net'],
  ...['http://synthetichealth.github.io/synthea', 'urn:ietf:bcp:', 'urn:ietf:rfc:', 'urn:iso:std:iso:'],
  // HL7's branch of external code systems (CVX, ICD, NDC, race …); identifiers have branches of their own.
  ...['urn:oid:2.16.840.1.113883.5.', 'urn:oid:2.16.840.1.113883.6.'],
] as const;

const isBelow = (uri: string, publisher: string): boolean => {
  if (!uri.startsWith(publisher)) return false;
  return uri.length === publisher.length || /[:.]$/.test(publisher) || uri[publisher.length] === '/';
};

const plain = /^[\w:/.?=#|~+-]{1,200}$/;

const judged = (uri: string): boolean =>
  plain.test(uri) && (publishers.some((publisher) => isBelow(uri, publisher)) || isResourceType(uri));

/** The same few stand in every resource. */
const known_most = 5_000;
const known = new Map<string, boolean>();

/** Whether a public body gave this address. The name of a resource type (`Reference.type`) is one too. */
export function isPublished(uri: unknown): boolean {
  if (typeof uri !== 'string') return false;
  const before = known.get(uri);
  if (before !== undefined) return before;
  const answer = judged(uri);
  if (known.size >= known_most) known.clear();
  known.set(uri, answer);
  return answer;
}
