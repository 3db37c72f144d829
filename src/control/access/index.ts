export * from './access-admission.ts'
export type { AccessRules, AccessRulesSetup } from './access-rules.ts'
export * from './admission-chain.ts'
export { MAX_JWT_LENGTH, MAX_JWT_LIST_LENGTH } from './json-web-tokens.ts'
export { MAX_KEY_SET_BYTES, MAX_KEY_SET_KEYS } from './key-set.ts'
export * from './options.ts'
export * from './program-passes.ts'
export * from './refusal-codes.ts'
export * from './refusals.ts'
export { DEFAULT_KEY_SET_REFRESH_MS, DEFAULT_KEY_SET_STALE_MS } from './remote-key-set.ts'
export * from './remote-key-sets.ts'
export * from './sign-stream-url.ts'
export {
  MAX_KEY_FILE_BYTES,
  MAX_TOKEN_KEYS,
  MIN_TOKEN_SECRET_LENGTH,
  readKeyFile,
  readSecretFile,
  TOKEN_KEY_ID,
} from './token-keys.ts'
