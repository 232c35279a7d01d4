import type { Call, Outcome, Shelf } from '../call.ts';
import { create } from '../verbs/create.ts';
import { remove } from '../verbs/delete.ts';
import { history } from '../verbs/history.ts';
import { read } from '../verbs/read.ts';
import { search } from '../verbs/search.ts';
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
      return update(shelf, call, type, id, () => resource);
    case 'delete':
      return remove(shelf, call, type, id);
    case 'vread':
      return vread(shelf, call, type, id, version);
    case 'history-instance':
      return history(shelf, call, type, id, query);
    case 'search-type':
      return search(shelf, call, type, query);
    default:
      return read(shelf, call, type, id);
  }
}
