import type { Answer, RequestContext } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Provider } from 'oidc-provider';
import { cookieNames } from './configuration.ts';
import type { Interaction, InteractionResult, Interactions } from './smart/types.ts';

type Stored = InstanceType<Provider['Interaction']>;
/** Its own shape of a result is wider than the library's. */
type WithResult = Omit<Stored, 'result' | 'lastSubmission' | 'session'> & {
  result?: unknown;
  lastSubmission?: unknown;
  session?: { accountId?: string };
};

/** The value of one cookie; undefined when it comes twice: then one of them is somebody else's work. */
export function cookieOf(context: RequestContext, name: string): string | undefined {
  const { cookie } = context.headers;
  const values = (typeof cookie === 'string' ? cookie : '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

const asRecord = (value: unknown): InteractionResult => (value ?? {}) as InteractionResult;

const shown = (stored: WithResult): Interaction => ({
  uid: stored.uid,
  prompt: { name: stored.prompt.name, reasons: stored.prompt.reasons },
  params: stored.params,
  ...(stored.session?.accountId === undefined ? {} : { account: stored.session.accountId }),
  earlier: { ...asRecord(stored.lastSubmission), ...asRecord(stored.result) },
  started_at: stored.iat * 1000,
});

const form = /^[A-Za-z0-9_-]{21,64}$/;

export function createInteractions(provider: (base: string) => Promise<Provider>): Interactions {
  const open = async (context: RequestContext, uid: string): Promise<WithResult | undefined> => {
    // The cookie lies under the path of this one interaction: whoever knows an address alone has nothing.
    if (!form.test(uid) || cookieOf(context, cookieNames.interaction) !== uid) return undefined;
    return (await (await provider(context.base)).Interaction.find(uid)) as WithResult | undefined;
  };
  return {
    async find(context, uid) {
      const stored = await open(context, uid);
      return stored === undefined ? undefined : shown(stored);
    },
    async finish(context, { uid }, result): Promise<Answer> {
      const stored = await open(context, uid);
      if (stored === undefined) throw fault('missing', 'This request is over. Start again from the app.');
      stored.result = result.error === undefined ? { ...shown(stored).earlier, ...result } : result;
      await stored.persist();
      return { status: 303, headers: { Location: stored.returnTo } };
    },
  };
}
