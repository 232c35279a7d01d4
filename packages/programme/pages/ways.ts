import { may } from '@safeguard/access';
import {
  type Answer,
  type Entry,
  type FramedParts,
  fresh_ms,
  type Html,
  type Principal,
  type RequestContext,
  type Route,
  sent,
  shown,
  type Target,
  wayAround,
} from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { checkHouse, missing } from '../api/fields.ts';
import { house } from '../api/ports.ts';
import type { ProgrammePagesDeps } from './ports.ts';

/** `house`: about the platform; a customer sees what it inherits instead. */
const all: readonly (readonly [...Entry, action: string, of?: 'house'])[] = [
  ['/programme', 'Overview', 'document-owed'],
  ['/programme/controls', 'Controls', 'control-list', 'house'],
  ['/programme/checks', 'Checks', 'evidence-list', 'house'],
  ['/programme/policies', 'Policies', 'document-list'],
  ['/programme/acknowledge', 'To acknowledge', 'document-owed'],
  ['/programme/acknowledgements', 'Who acknowledged', 'document-acknowledgements'],
  ['/programme/tasks', 'Tasks', 'task-list'],
  ['/programme/parameters', 'Numbers', 'parameter-list', 'house'],
  ['/programme/decisions', 'Decisions', 'decision-list', 'house'],
  ['/programme/waivers', 'Waivers', 'waiver-list', 'house'],
];
const inherited = ['/programme/inheritance', 'Inherited', 'inheritance-read'] as const;

export const isHouse = ({ tenant }: Principal): boolean => tenant === house;

type Asking = Pick<ProgrammePagesDeps, 'guard' | 'more' | 'inheritance'>;

/** The way around the pages of the programme, as far as this person may. */
export const programmeAround = ({ guard, more = [], inheritance }: Asking, principal: Principal, here: string): Html =>
  wayAround(
    'Programme',
    [...all, ...(inheritance === undefined ? [] : [inherited]), ...more]
      .filter(([, , action, of]) => (of === undefined || isHouse(principal)) && may(guard, principal, action))
      .map(([path, text]): Entry => [path, text]),
    here,
  );

type Parts = Omit<FramedParts, 'here' | 'around'> & { readonly here?: string };

/** A page at `/programme`. `here`: the entry that it belongs to. */
export const deskPage = (
  deps: ProgrammePagesDeps,
  context: RequestContext,
  { here = '/programme', ...parts }: Parts,
): Promise<Answer> =>
  deps.frame.page(context, { ...parts, here: '/programme', around: programmeAround(deps, context.principal, here) });

export type Handle = (context: RequestContext) => Promise<Answer> | Answer;

/** What a parameter of a path names, and its form: an id, or a word of the programme's content (`164.312-b`). */
interface Named {
  readonly type: string;
  readonly form: 'uuid' | 'word';
}
const named = {
  task: { type: 'Task', form: 'uuid' },
  version: { type: 'DocumentVersion', form: 'uuid' },
  waiver: { type: 'Waiver', form: 'uuid' },
  evidence: { type: 'Evidence', form: 'uuid' },
  policy: { type: 'Document', form: 'word' },
  control: { type: 'Control', form: 'word' },
  check: { type: 'Check', form: 'word' },
  parameter: { type: 'Parameter', form: 'word' },
} as const satisfies Readonly<Record<string, Named>>;

const words: ReadonlySet<string> = new Set(
  Object.values(named).flatMap(({ type, form }) => (form === 'word' ? [type] : [])),
);
const word = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
const fits = ({ form }: Named, text: string): boolean => (form === 'uuid' ? isUuid(text) : word.test(text));

const targetsOf = ({ params }: RequestContext): Target[] =>
  Object.entries(params).map(([name, id]) => ({ type: named[name as keyof typeof named].type, id }));

const wellFormed = ({ params }: RequestContext): boolean =>
  Object.entries(params).every(([name, text]) => fits(named[name as keyof typeof named], text));

export interface Door {
  /** As the guard's table and the ledger name it. */
  readonly action: string;
  /** The type that it works on. */
  readonly type: string;
  /** True: for people of the house alone. */
  readonly house?: boolean;
}

/** The guard first, and what it was asked about for the ledger. */
const entered =
  (
    { guard }: Pick<ProgrammePagesDeps, 'guard'>,
    { action, type, house: ofHouse = false }: Door,
    then: Handle,
  ): Handle =>
  (context) => {
    const isKnown = wellFormed(context);
    // A word may be anything that the caller likes: the log has it once a page was made of it.
    const sure = isKnown ? targetsOf(context).filter(({ type }) => !words.has(type)) : [];
    if (sure.length > 0) context.about?.(sure);
    guard(context.principal, action, { type });
    if (ofHouse) checkHouse(context.principal);
    if (!isKnown) throw missing();
    return then(context);
  };

/** How pages are reached: somebody signed in, whom the guard lets in. */
export const ways = (deps: Pick<ProgrammePagesDeps, 'guard'>) => ({
  get: (path: string, door: Door, then: Handle): Route =>
    shown({ path, action: door.action, auth: 'session' }, entered(deps, door, then)),
  post: (path: string, door: Door, then: Handle): Route =>
    sent({ path, action: door.action, auth: 'session' }, entered(deps, door, then)),
});

export const paramOf = ({ params }: RequestContext, name: keyof typeof named): string => params[name] ?? '';

const isFresh = ({ clock }: ProgrammePagesDeps, { principal: { assurance } }: RequestContext): boolean =>
  assurance !== undefined && assurance.level >= 2 && clock.now() - assurance.at <= fresh_ms;

/** What waits for a factor asks for it before the form, so that nothing that was written is lost. */
export const gated = (
  deps: ProgrammePagesDeps,
  context: RequestContext,
  back: string,
  then: () => Promise<Answer>,
): Promise<Answer> => (isFresh(deps, context) ? then() : deps.frame.stepUp(context, back));
