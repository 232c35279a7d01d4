import type { ControlFacts, Group } from './types.ts';

/** What the sections of 45 CFR Part 164 are called, where their paragraphs are rows of ours without a standard. */
const sections: Readonly<Record<string, string>> = {
  '164.306': 'General rules of the Security Rule',
  '164.400': 'Applicability of the Breach Notification Rule',
  '164.402': 'What a breach is',
  '164.404': 'Notice to individuals',
  '164.406': 'Notice to the media',
  '164.408': 'Notice to the Secretary',
  '164.410': 'Notice by a business associate',
  '164.412': 'Delay for law enforcement',
  '164.414': 'Burden of proof',
  '164.502': 'Uses and disclosures in general',
  '164.504': 'Contracts with business associates',
  '164.506': 'Treatment, payment and operations',
  '164.508': 'Authorizations',
  '164.510': 'An opportunity to agree or object',
  '164.512': 'Without authorization',
  '164.514': 'De-identification, limited data sets and minimum necessary',
  '164.520': 'Notice of privacy practices',
  '164.522': 'Restrictions and confidential communication',
  '164.524': 'Access of individuals',
  '164.526': 'Amendment',
  '164.528': 'Accounting of disclosures',
  '164.530': 'Administrative requirements',
  '164.532': 'Transition',
};

const sectionOf = ({ citation }: ControlFacts): string => /\d{3}\.\d{3}/.exec(citation)?.[0] ?? '';

interface Open {
  readonly id: string;
  readonly title: string;
  readonly citation: string;
  readonly rows: ControlFacts[];
}

function openGroup(row: ControlFacts): Open {
  if (row.kind === 'standard') return { id: row.id, title: row.title, citation: row.citation, rows: [row] };
  const section = sectionOf(row);
  const title = sections[section] ?? `Section ${section}`;
  return { id: `section-${section}`, title, citation: `45 CFR ${section}`, rows: [row] };
}

/** The group of a row: its standard's, its section's, or the standard of its section that stands before it. */
function groupOf(row: ControlFacts, groups: readonly Open[]): Open | undefined {
  if (row.kind === 'standard') return undefined;
  const section = sectionOf(row);
  const before = groups.at(-1);
  const first = before?.rows[0];
  return (
    groups.find(({ id }) => id === row.standard || id === `section-${section}`) ??
    (first !== undefined && sectionOf(first) === section ? before : undefined)
  );
}

/**
 * A family in the order of its file: each standard with its specifications, and with the rules of its section that
 * follow it; rules without a standard by their section. Every row stands in one group.
 */
export function groupsOf(family: readonly ControlFacts[]): Group[] {
  const groups: Open[] = [];
  for (const row of family) {
    const own = groupOf(row, groups);
    if (own === undefined) groups.push(openGroup(row));
    else own.rows.push(row);
  }
  return groups;
}
