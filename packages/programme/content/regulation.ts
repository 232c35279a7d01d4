import type { Family } from './types.ts';

/** Sections of 45 CFR that the programme may cite, by the family that they belong to. */
const byFamily: Readonly<Record<Family, readonly string[]>> = {
  general: ['164.302', '164.304', '164.306', '164.318'],
  administrative: ['164.308'],
  physical: ['164.310'],
  technical: ['164.312'],
  organizational: ['164.314'],
  documentation: ['164.316'],
  breach: ['400', '402', '404', '406', '408', '410', '412', '414'].map((number) => `164.${number}`),
  privacy: [
    ...['500', '501', '502', '504', '506', '508', '510', '512', '514', '520', '522', '524', '526', '528', '530'].map(
      (number) => `164.${number}`,
    ),
    ...['103', '308', '310', '312', '314', '316', '402', '404', '408', '410'].map((number) => `160.${number}`),
  ],
};

export const sections: ReadonlySet<string> = new Set(Object.values(byFamily).flat());

/** Whether a control of this section belongs into the file of this family. */
export const belongsTo = (section: string, family: Family): boolean => byFamily[family].includes(section);

/** Lowest paragraphs of 164.306 to 316: those above them exist with them. */
const lowest: Readonly<Record<string, string>> = {
  '164.306': 'a-1 a-2 a-3 a-4 b-1 b-2-i b-2-ii b-2-iii b-2-iv c d-1 d-2 d-3-i d-3-ii-A d-3-ii-B-1 d-3-ii-B-2 e',
  '164.308': [
    'a-1-i a-1-ii-A a-1-ii-B a-1-ii-C a-1-ii-D a-2 a-3-i a-3-ii-A a-3-ii-B a-3-ii-C a-4-i a-4-ii-A a-4-ii-B a-4-ii-C',
    'a-5-i a-5-ii-A a-5-ii-B a-5-ii-C a-5-ii-D a-6-i a-6-ii a-7-i a-7-ii-A a-7-ii-B a-7-ii-C a-7-ii-D a-7-ii-E a-8',
    'b-1 b-2 b-3',
  ].join(' '),
  '164.310': 'a-1 a-2-i a-2-ii a-2-iii a-2-iv b c d-1 d-2-i d-2-ii d-2-iii d-2-iv',
  '164.312': 'a-1 a-2-i a-2-ii a-2-iii a-2-iv b c-1 c-2 d e-1 e-2-i e-2-ii',
  '164.314': 'a-1 a-2-i-A a-2-i-B a-2-i-C a-2-ii a-2-iii b-1 b-2-i b-2-ii b-2-iii b-2-iv',
  '164.316': 'a b-1-i b-1-ii b-2-i b-2-ii b-2-iii',
};

const withAbove = (section: string, path: string): string[] => {
  const levels = path.split('-');
  return [section, ...levels.map((_, index) => `${section}-${levels.slice(0, index + 1).join('-')}`)];
};

/** Ids of all paragraphs of the sections that are known whole. */
export const paragraphs: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(lowest).map(([section, paths]) => [
    section,
    new Set(paths.split(' ').flatMap((path) => withAbove(section, path))),
  ]),
);

/** Conditions of the operator that some rules bind under only. */
export const conditions = ['clearinghouse', 'group-health-plan', 'government-entity'] as const;
