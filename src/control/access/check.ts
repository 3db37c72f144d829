import type { Decision, StreamRequest } from '../../live/index.ts'
import type { AccessAction } from './options.ts'

/** One question about a client; its answer may take time. */
export type AccessCheck = (action: AccessAction, request: StreamRequest) => Decision | Promise<Decision>

/** The yes of a check that has nothing more to say. */
export const ALLOWED: Decision = { allowed: true }
