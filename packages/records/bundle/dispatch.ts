import type { Call, Outcome, Shelf } from '../call.ts';
import { byCriteria } from '../verbs/conditional.ts';
import { create } from '../verbs/create.ts';
import { remove } from '../verbs/delete.ts';
import { history } from '../verbs/history.ts';
import { patch } from '../verbs/patch.ts';
import type { Patch } from '../verbs/patched.ts';
import { read } from '../verbs/read.ts';
import { search } from '../verbs/search.ts';
import { shaped } from '../verbs/shape.ts';
import { update } from '../verbs/update.ts';
import { vread } from '../verbs/vread.ts';
import type { Entry } from './plan.ts';

/** Does one entry on its own, as if it had come as a request. */
export function dispatch(shelf: Shelf, call: Call, entry: Entry): Promise<Outcome> {
  const { type, id = '', version = '', query, resource } = entry;
  switch (entry.action) {
    case 'create':
      return create(shelf, call, type, () => resource);
    case 'update':
    case 'patch':
    case 'delete':
      return change(shelf, call, entry);
    case 'vread':
      return shaped(query, () => vread(shelf, call, type, id, version));
    case 'history-instance':
      return history(shelf, call, { type, id }, query);
    case 'history-type':
      return history(shelf, call, { type }, query);
    case 'search-type':
      return search(shelf, call, type, query);
    default:
      return shaped(query, () => read(shelf, call, type, id));
  }
}

function change(shelf: Shelf, call: Call, entry: Entry): Promise<Outcome> {
  const { type, id = '', resource, patch: asked, criteria, method } = entry;
  const body = resource && { body: () => resource };
  const action = entry.action as 'update' | 'patch' | 'delete';
  if (criteria !== undefined) {
    return byCriteria(shelf, call, { action, method, type, criteria, ...body, ...(asked ? { patch: asked } : {}) });
  }
  if (action === 'delete') return remove(shelf, call, type, id);
  if (action === 'patch') return patch(shelf, call, type, id, asked as Patch);
  return update(shelf, call, type, id, () => resource);
}
