import { type CategoryName, categoryNames, clinicalCategories } from './categories.ts';
import type { RoleName } from './roles.ts';

type Cells = Readonly<Partial<Record<CategoryName, string>>>;

const all = (letters: string, of: readonly CategoryName[] = categoryNames): Cells =>
  Object.fromEntries(of.map((name) => [name, letters]));

/** What everybody at work looks things up in. */
const reference = all('rs', ['directory', 'knowledge', 'conformance']);
const clinical = { ...all('crus', clinicalCategories), consents: 'crs', provenance: 'rs' };
const treating = { ...reference, ...clinical, demographics: 'rus', scheduling: 'crus', coverage: 'rs' };

/** All of one's own record, who looked at it, and what a patient adds to it. */
const ownRecord = {
  ...reference,
  ...all('rs', clinicalCategories),
  ...all('rs', ['coverage', 'billing', 'provenance', 'research', 'log']),
  demographics: 'rus',
  scheduling: 'crus',
  results: 'crs',
  notes: 'crus',
  consents: 'crus',
};

/** Role × category: the letters that a rule for the role reaches at most. Only services and developers delete. */
export const matrix: Readonly<Record<RoleName, Cells>> = {
  patient: ownRecord,
  proxy: ownRecord,
  service: all('cruds'),
  clinician: treating,
  'practice-clinician': { ...treating, demographics: 'crus' },
  'front-desk': { ...reference, ...all('crus', ['demographics', 'scheduling', 'coverage']) },
  billing: {
    ...reference,
    ...all('rs', ['demographics', 'encounters', 'problems', 'procedures']),
    ...all('crus', ['coverage', 'billing']),
  },
  researcher: {
    ...reference,
    ...all('rs', [
      'demographics',
      'encounters',
      'problems',
      'results',
      'procedures',
      'medications',
      'care',
      'research',
    ]),
  },
  auditor: { log: 'rs' },
  'security-officer': { log: 'rs' },
  'privacy-officer': { log: 'rs', consents: 'crus', provenance: 'rs' },
  administrator: {},
  operator: {},
  developer: all('cruds'),
  'break-glass': treating,
};
