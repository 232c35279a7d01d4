import type { Answer } from '@safeguard/http';
import { cached } from './frame.ts';
import type { ControlFacts, Facts, Standing } from './types.ts';

const time = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

const standing = ({ state, checks, reported, since, last }: Standing) => ({
  ...{ state, checks, checks_on_receipts: reported },
  ...{ examined_since: time(since), last_examined_at: time(last) },
});

const controlOf = (control: ControlFacts) => {
  const { id, citation, title, family, kind, standard, level, requirement, approach, verified } = control;
  return {
    ...{ id, citation, title, family, kind, standard, level, requirement, approach, citation_verified: verified },
    ...standing(control.standing),
    page: `/trust/controls/${id}`,
  };
};

/** What `/trust` tells, for programs. Times are RFC 3339; `counts` are of `controls`. */
export const summaryOf = ({ at, unmet, organization, counts, controls, needs, policies, ...facts }: Facts): object => ({
  format: 'safeguard-trust/1',
  as_of: time(at),
  statement: 'No authority certifies compliance with HIPAA. States are computed from evidence of checks and policies.',
  organization: { name: organization.name, contact: organization.contact, lines: organization.lines },
  /** `named`: each state is told. `counted`: what is not met, not known or not documented is `unpublished`. */
  unmet,
  counts,
  needs: needs.map(({ id, title, approach, ...need }) => ({ id, title, approach, ...standing(need.standing) })),
  controls: [...controls.values()].map(controlOf),
  proposed: facts.proposed.map(({ id, title, note, rows }) => ({ id, title, law: false, note, rows })),
  policies: policies.map(({ id, title, number, approvals, published_at, review_due_at, digest }) => ({
    ...{ id, title, version: number, approvals, published_at: time(published_at) },
    ...{ review_due_at: time(review_due_at), sha256: digest, html: `/trust/policies/${id}` },
    pdf: `/trust/policies/${id}.pdf`,
  })),
  subprocessors: facts.subprocessors.map(({ name, purpose, country, ephi, agreement }) => ({
    ...{ name, purpose, country, ephi, agreement_date: agreement?.date },
  })),
});

export const jsonAnswer = (facts: Facts): Answer => ({
  status: 200,
  type: 'application/json',
  headers: cached,
  body: JSON.stringify(summaryOf(facts)),
});
