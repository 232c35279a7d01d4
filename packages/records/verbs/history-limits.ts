import type { Sight, Visibility } from '@safeguard/access';
import { typeNumber } from '@safeguard/fhir';
import type { Row } from '@safeguard/store';
import type { Call, Shelf } from '../call.ts';
import type { Search } from '../search/engine.ts';
import { isOfPatients, patientsOf } from '../search/guard.ts';
import type { Planning } from '../search/plan.ts';
import { type SeenSql, seenLiveSql } from '../search/seen-sql.ts';
import { createDraft, type Draft, shaped, tokensOf } from '../search/sql.ts';
import type { Limits } from './history-rows.ts';

/**
 * What a history of several types shows at all: versions of resources that the caller sees as they are now. What is
 * deleted has no index any more: it is let through here, and judged by its content as all that comes out of a history.
 */

/** How types are limited: not at all, by lists of what is in some patients' compartments, or one by one. */
interface Kinds {
  readonly free: readonly string[];
  readonly listed: readonly string[];
  readonly probed: readonly string[];
}

/** Seen by patients alone: whatever is in their compartments. */
const isPlain = (sights: readonly Sight[]): boolean =>
  sights.every(
    ({ query, patientQuery, except = [] }) => query === undefined && patientQuery === undefined && except.length === 0,
  );

/** Of a shared type too much may be seen for a list, unless all of it that names no patient is. */
function kindOf(visibility: Visibility, isShared: boolean): keyof Kinds {
  if (typeof visibility === 'string') return 'free';
  return isOfPatients(visibility) && (isPlain(visibility) || !isShared) ? 'listed' : 'probed';
}

function kindsOf({ visible, sharedTypes }: Planning, types: readonly string[]): Kinds {
  const kinds = Map.groupBy(types, (type) => kindOf(visible(type), sharedTypes.has(type)));
  return { free: kinds.get('free') ?? [], listed: kinds.get('listed') ?? [], probed: kinds.get('probed') ?? [] };
}

interface IdRow extends Row {
  readonly id: string;
}

/** What is in the compartments of the patients of some types' sights and is seen, and what is deleted. */
async function listedIds(shelf: Shelf, search: Search, types: readonly string[]): Promise<string[]> {
  const { tenant, visible, owners: ownersOf } = search.planning;
  const sights = types.map(visible).filter((one) => typeof one !== 'string');
  // Seen alike, and by patients alone: that is what the compartments below ask already.
  const isAlike = new Set(sights.map((sight) => JSON.stringify(sight))).size === 1;
  const isWhole = isAlike && sights[0] !== undefined && isPlain(sights[0]);
  const sight: SeenSql = isWhole ? () => 'true' : await seenLiveSql(search, types);
  const owners = tokensOf(ownersOf(patientsOf(sights.flat())));
  const draft = createDraft();
  const [own, numbers] = [draft.value(tenant, 'int4'), draft.value(types.map(typeNumber), 'int2[]')];
  const text = `select r.id from records.search s join records.resource r on r.seq = s.seq
      where s.tenant = ${own} and s.own = any (${draft.value(owners, 'int8[]')}) and s.type = any (${numbers})
        and ${sight(draft, 's')}
    union select id from records.resource where tenant = ${own} and type = any (${numbers}) and body is null`;
  return (await shelf.clinical.query<IdRow>(tenant, shaped(text), draft.values)).map(({ id }) => id);
}

const ofTypes = (draft: Draft, types: readonly string[]): string =>
  `type = any (${draft.value(types.map(typeNumber), 'int2[]')})`;

/** Undefined: every version of the types is seen. */
export async function limitsOf(
  shelf: Shelf,
  { principal }: Call,
  action: string,
  types: readonly string[],
): Promise<Limits | undefined> {
  const asked = await shelf.engine.search(principal);
  const visible = (type: string): Visibility => shelf.access.visible(principal, type, action);
  const planning: Planning = { ...asked.planning, visible };
  const search: Search = { ...asked, planning };
  const { free, listed, probed } = kindsOf(planning, types);
  if (free.length === types.length) return undefined;
  const ids = listed.length === 0 ? [] : await listedIds(shelf, search, listed);
  const shared = listed.filter((type) => planning.sharedTypes.has(type));
  const sight: SeenSql = await seenLiveSql(search, probed);
  return (draft) => {
    const parts: string[] = [];
    if (free.length > 0) parts.push(ofTypes(draft, free));
    if (listed.length > 0) {
      const either = `${ofTypes(draft, shared)} or id = any (${draft.value(ids, 'uuid[]')})`;
      parts.push(`(${ofTypes(draft, listed)} and (${either}))`);
    }
    if (probed.length > 0) {
      parts.push(`(${ofTypes(draft, probed)} and exists (select from records.resource c
        where c.tenant = ${draft.value(principal.tenant, 'int4')} and c.id = v.id
          and (c.body is null or ${sight(draft, 'c')}) offset 0))`);
    }
    return `(${parts.join(' or ')})`;
  };
}
