export { changePassphrase } from './change-passphrase.ts';
export { type SealCheckDeps, sealChecks } from './checks/index.ts';
export { forgetChannel } from './destroy.ts';
export { fileProvider } from './file-provider.ts';
export { migrations } from './migrations.ts';
export { createSeal } from './seal.ts';
export {
  type Binding,
  type DataKey,
  type Destruction,
  noOwner,
  type Pseudonyms,
  type RootKeyProvider,
  type RootProgress,
  type RotationProgress,
  type Seal,
  type SealConnection,
  type SealDatabase,
  type SealDeps,
  type SealSegment,
  type SealStatement,
  type Vault,
} from './types.ts';
