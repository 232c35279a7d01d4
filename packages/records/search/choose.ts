import { createHash } from 'node:crypto';
import { typeNumber } from '@safeguard/fhir';
import type { Row, Segment } from '@safeguard/store';
import { countSelect, type Driver } from './driver.ts';
import { conjuncts, type Leaf, type Node } from './node.ts';
import { createDraft, type Draft, shaped } from './sql.ts';

/** Counts stop here: what is more frequent is taken to be in one of five resources. */
const count_most = 20_000;
const frequent_share = 0.2;
/** One condition alone is worth an index up to about the root of the type's size; nothing is counted much beyond. */
const count_alone = 5_000;
const type_most = 1_000_000;
/** Resources of a page, about. */
const page = 21;
const remembered_ms = 60_000;
/** Sizes of types change slowly, and cost a look at each of their rows. */
const type_remembered_ms = 600_000;
const remembered_most = 10_000;

interface CountRow extends Row {
  readonly n: number;
}

/** A search within one type. */
interface Asked {
  readonly tenant: number;
  readonly type: string;
  readonly node: Node;
}

/** Chooses by which index a search begins. */
export interface Chooser {
  /** A driver that is known to be selective without asking. */
  sure(node: Node): Choice | undefined;
  /**
   * The most selective driver among the conditions that must all hold, with its size as far as it is known. `whole`:
   * all answers are wanted, and not a page of them.
   */
  choose(level: Asked, whole?: boolean): Promise<Choice>;
}

export interface Choice {
  readonly driver: Driver;
  /** A condition that whatever comes from the driver fulfils. */
  readonly covers?: Leaf;
  /** Rows, capped; undefined: not counted. `Infinity`: the whole type. */
  readonly size: number | undefined;
}

const nameOf = (tenant: number, driver: Driver): string => {
  const what =
    driver.kind === 'tokens'
      ? [...driver.columns].map(([column, tokens]) => `${column}:${tokens.join()}`).join(';')
      : JSON.stringify(driver);
  return createHash('sha256').update(`${tenant}/${what}`).digest('base64url');
};

/** Lists and what is said to be narrow come first, uncounted. */
function known(choices: readonly Choice[]): Choice | undefined {
  const listed = choices
    .flatMap((choice): (Choice & { readonly size: number })[] => {
      const { driver } = choice;
      if (driver.kind === 'seqs') return [{ ...choice, size: driver.seqs.length }];
      return driver.kind === 'ids' ? [{ ...choice, size: driver.ids.length }] : [];
    })
    .sort((one, other) => one.size - other.size)[0];
  if (listed !== undefined) return listed;
  const narrow = choices.filter(({ driver }) => driver.kind === 'tokens' && driver.narrow);
  return narrow.sort((one, other) => tokensIn(one.driver) - tokensIn(other.driver))[0];
}

const tokensIn = (driver: Driver): number =>
  driver.kind === 'tokens' ? [...driver.columns.values()].reduce((sum, tokens) => sum + tokens.length, 0) : 0;

/** What could be chosen: nothing is counted yet. */
const choicesOf = (node: Node): readonly Choice[] =>
  conjuncts(node)
    .filter((one): one is Leaf => one.kind === 'leaf')
    .flatMap((leaf) =>
      leaf.drivers.map((driver) => ({ driver, size: undefined, ...(leaf.covered ? { covers: leaf } : {}) })),
    );

interface Counted extends Choice {
  readonly size: number;
}

/** Rows of `records.search` that are read, about, when the type is read in order until a page is full. */
const typeCost = (whole: number, counted: readonly Counted[]): number =>
  counted.reduce((cost, { size }) => cost * (whole / Math.max(1, Math.min(size, whole))), page);

const byType: Choice = { driver: { kind: 'type' }, size: Number.POSITIVE_INFINITY };

export function createChooser(clinical: Segment, now: () => number): Chooser {
  const counts = new Map<string, { readonly n: number; readonly until: number }>();

  const remembered = async (
    name: string,
    tenant: number,
    draft: Draft,
    text: string,
    for_ms = remembered_ms,
  ): Promise<number> => {
    const before = counts.get(name);
    if (before !== undefined && before.until > now()) return before.n;
    const [row] = await clinical.query<CountRow>(tenant, shaped(text), draft.values);
    const n = row?.n ?? 0;
    if (counts.size >= remembered_most) counts.clear();
    counts.set(name, { n, until: now() + for_ms });
    return n;
  };

  const typeSize = (tenant: number, type: string): Promise<number> => {
    const draft = createDraft();
    const own = `s.tenant = ${draft.value(tenant, 'int4')} and s.type = ${draft.value(typeNumber(type), 'int2')}`;
    const inner = `select from records.search s where s.row = 0 and ${own} limit ${draft.value(type_most, 'int8')}`;
    return remembered(`${tenant}/${type}`, tenant, draft, `select count(*) as n from (${inner}) c`, type_remembered_ms);
  };

  const counted = async (tenant: number, choice: Choice, most: number): Promise<Counted> => {
    const draft = createDraft();
    const text = countSelect(draft, choice.driver, most + 1);
    if (text === undefined) return { ...choice, size: Number.POSITIVE_INFINITY };
    return { ...choice, size: await remembered(`${nameOf(tenant, choice.driver)}/${most}`, tenant, draft, text) };
  };

  return {
    sure: (node) => known(choicesOf(node)),
    choose: async ({ tenant, type, node }, whole = false) => {
      const choices = choicesOf(node);
      const sure = known(choices);
      if (sure !== undefined || choices.length === 0) return sure ?? byType;
      const most = choices.length === 1 ? count_alone : count_most;
      const [all, ...sizes] = await Promise.all([
        typeSize(tenant, type),
        ...choices.map((choice) => counted(tenant, choice, most)),
      ]);
      const guessed = sizes.map((one) =>
        one.size > most ? { ...one, size: Math.max(most, all * frequent_share) } : one,
      );
      const best = guessed.sort((one, other) => one.size - other.size)[0];
      const cost = whole ? all : Math.min(all, typeCost(all, guessed));
      return best !== undefined && best.size <= cost ? best : byType;
    },
  };
}
