import { etagOf, type Outcome } from '@safeguard/http';
import type { z } from 'zod';
import type { PolicySummary, PolicyVersion } from '../policies/types.ts';
import { iso, isoOr } from './fields.ts';
import { type NameOf, namesOf } from './names.ts';
import type * as schemas from './policy-schemas.ts';
import type { AccessApiDeps } from './ports.ts';

const nameOr = (id: string | undefined, nameOf: NameOf) => (id === undefined ? null : nameOf(id));

const summaryView = (of: PolicySummary, nameOf: NameOf): z.output<typeof schemas.policySummary> => ({
  version: of.version,
  state: of.state,
  edition: of.edition,
  authors: of.authors.map(nameOf),
  based_on: of.based_on,
  rolls_back: of.rolls_back,
  drafted_at: iso(of.drafted_at),
  changed_at: iso(of.changed_at),
  submitted_by: nameOr(of.submitted_by, nameOf),
  submitted_at: isoOr(of.submitted_at),
  needed: of.needed ?? null,
  activates_at: isoOr(of.activates_at),
  activated_by: nameOr(of.activated_by, nameOf),
});

const peopleOf = ({ authors, submitted_by, activated_by }: PolicySummary) => [...authors, submitted_by, activated_by];

type Deps = Pick<AccessApiDeps, 'people'>;

export async function summaryViews(deps: Deps, tenant: number, found: readonly PolicySummary[]) {
  const nameOf = await namesOf(deps, tenant, found.flatMap(peopleOf));
  return found.map((one) => summaryView(one, nameOf));
}

async function versionView(deps: Deps, of: PolicyVersion) {
  const nameOf = await namesOf(deps, of.tenant, [...peopleOf(of), ...of.decisions.map(({ by }) => by)]);
  return {
    ...summaryView(of, nameOf),
    policy: of.policy,
    note: of.note ?? null,
    tests: of.tests,
    decisions: of.decisions.map(({ by, verdict, reason, at }) => ({
      by: nameOf(by),
      verdict,
      reason: reason ?? null,
      at: iso(at),
    })),
  };
}

/** Of what can change of a version: its text changes with its edition. */
export const policyTag = ({ version, edition, state, decisions, activates_at }: PolicyVersion): string =>
  etagOf([version, edition, state, decisions.length, activates_at ?? null]);

/** One version as the answer to what was done with it. */
export const toldVersion = async (deps: Deps, of: PolicyVersion, status: 200 | 201 = 200): Promise<Outcome> => ({
  status,
  body: await versionView(deps, of),
  headers: { ETag: policyTag(of) },
  targets: status === 201 ? [{ type: 'Policy', id: String(of.version) }] : [],
});
