import type { PreparedAccount } from '../accounts/types.ts';
import type { PreparedCodes, PreparedFactor, PreparedPassword } from '../authenticators/types.ts';
import type { Method } from '../sessions/types.ts';
import type { FlowPurpose, FlowView, Step } from './types.ts';

/** What a flow knows. It stands in its row, sealed under the account's key once there is one. */
export interface FlowState {
  readonly purpose: FlowPurpose;
  readonly step: Step;
  readonly return_to: string;
  /** Base64: the browser that the first step came from; no other goes on with it. */
  readonly browser?: string;
  /** Known from the start for all but a sign-in; there since the first factor was right. */
  readonly account?: { readonly id: string; readonly login: string; readonly name: string };
  /** When the first factor was right, milliseconds since the Unix epoch. */
  readonly identified_at?: number;
  readonly methods: readonly Method[];
  readonly factors?: NonNullable<FlowView['factors']>;
  /** Of WebAuthn: good for one answer. */
  readonly challenge?: { readonly value: string; readonly for: 'authenticate' | 'register' };
  readonly totp?: NonNullable<FlowView['totp']>;
  readonly codes?: readonly string[];
  /** The federation provider that vouched for the account. */
  readonly provider?: string;
  /** The id of the one-time link that opened it. */
  readonly link?: string;
  /** What the last step writes. */
  readonly prepared: {
    readonly account?: PreparedAccount;
    readonly password?: PreparedPassword;
    readonly factor?: PreparedFactor;
    readonly codes?: PreparedCodes;
  };
  /** Counters of failures (int8 as text) that a whole sign-in clears. */
  readonly subjects: readonly string[];
  readonly recovery_code?: boolean;
}

/** A flow as it was read. `version`: what a change has to find unchanged. */
export interface Flow {
  readonly id: string;
  readonly tenant: number;
  readonly version: number;
  readonly state: FlowState;
}

export function viewOf({ tenant, state }: Flow): FlowView {
  const { purpose, step, return_to, account, factors, totp, codes } = state;
  return {
    purpose,
    step,
    tenant,
    return_to,
    ...(account === undefined ? {} : { account }),
    ...(step !== 'second' || factors === undefined ? {} : { factors }),
    ...(step !== 'enrol' || totp === undefined ? {} : { totp }),
    ...(step !== 'codes' || codes === undefined ? {} : { codes }),
  };
}
