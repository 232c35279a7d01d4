import { fault, type JsonObject } from '@safeguard/kernel';
import { commit } from '../bundle/commit.ts';
import type { Entry } from '../bundle/plan.ts';
import { type Call, type Outcome, requireFullView, type Shelf, targetOf } from '../call.ts';
import { stampedText } from '../storage/stamp.ts';
import { checkResource } from './check.ts';
import { hiddenRow, hidingOf } from './hiding.ts';
import type { Patch } from './patched.ts';

/** A write that a condition decides about: If-None-Exist, or the search in the URL. */
export interface Conditional {
  readonly action: 'create' | 'update' | 'patch' | 'delete';
  readonly method: Entry['method'];
  readonly type: string;
  readonly resource?: JsonObject;
  readonly patch?: Patch;
  /** The search of the URL, as sent. */
  readonly criteria?: string;
}

/**
 * Conditional create, update, patch and delete (FHIR R4 3.1.0.8.1, 3.1.0.4.3, 3.1.0.6, 3.1.0.7.1): a transaction of one
 * entry. 412: several match.
 */
export async function conditional(shelf: Shelf, call: Call, asked: Conditional): Promise<Outcome> {
  const { type } = asked;
  // What matches can be told from the answer: that is a search.
  shelf.guard(call.principal, 'search-type', { type });
  const entry: Entry = { ...asked, index: 0, query: new URLSearchParams(), conditions: call.conditions };
  const plan = await commit(shelf, call, [entry], [], ({ results }) => results.get(0)?.status ?? 204);
  const { status = 204, head, row } = plan.results.get(0) ?? {};
  const { targets, patients, event } = plan;
  const resource = plan.writes.find(({ id }) => id === head?.id)?.resource;
  const found = row && (await shelf.opener.text(call.principal.tenant, row, 'full'));
  const existing = found && row && (await hiddenRow(shelf, call, 'search-type', { row, text: found }));
  const hiding = resource && head && (await hidingOf(shelf, call, 'read', { type, id: head.id, resource }));
  return {
    status,
    ...(head ? { head } : {}),
    get text() {
      return hiding ? hiding(stampedText(head, resource)) : existing;
    },
    targets: head ? [targetOf(head)] : targets,
    patients,
    ...(event ? { event } : {}),
  };
}

/** PUT, PATCH or DELETE with a search instead of an id. */
export async function byCriteria(
  shelf: Shelf,
  call: Call,
  asked: Omit<Conditional, 'resource' | 'criteria'> & { readonly criteria: string; readonly body?: () => unknown },
): Promise<Outcome> {
  const { body, ...rest } = asked;
  shelf.guard(call.principal, asked.action, { type: asked.type });
  if (asked.action === 'patch') shelf.guard(call.principal, 'read', { type: asked.type });
  requireFullView(call);
  if (asked.criteria === '') throw fault('invalid', 'Expected an id in the path, or search parameters that name one');
  const resource = body && (await checkResource(shelf, call.principal.tenant, body(), asked.type));
  return conditional(shelf, call, { ...rest, ...(resource ? { resource } : {}) });
}
